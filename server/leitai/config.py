"""Settings of one process: a TOML file, then the environment (`LEITAI_…`), then what the command line says."""

import os
import secrets
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from leitai.rules.provinces import PROVINCES

_PLAIN = {("http", host) for host in ("127.0.0.1", "localhost", "::1")}


class BadSettings(Exception):
    """A setting is missing or cannot be used; `code` is `bad-settings`."""

    code = "bad-settings"


class QuietDoor(msgspec.Struct, frozen=True):
    """The public door of a province whose house does not run: where it is, and its socket that was handed down."""

    owner: str
    listen: str
    origins: str
    listener: int


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a deployment sets. Times are in seconds, sizes in bytes."""

    valkey_url: str
    """The store of the live contest: `redis://…`, `unix:///…`, `redis+cluster://a:1,b:2`, or
    `redis+sentinel://s1:1,s2:2/mymaster`."""
    database_url: str
    """PostgreSQL: `postgresql://…`."""
    secret_key: str
    """At least 32 random bytes as hex: session secrets are sealed and access codes hashed with it."""
    owner: str = ""
    """Whose house this is: the code of a province that runs its own contests here (130000); empty: the nation's."""
    houses_listen: str = "127.0.0.1:8200"
    """Where the doors of provinces' houses begin that `serve --houses` runs: contestants of 130000 come 2 × 13 ports
    further, its staff one more."""
    houses_origins: str = ""
    """The exact origins of the houses' pages, separated by commas, with `{code}` for the province's code; empty: those
    of their addresses."""
    houses_office_origins: str = ""
    """The same for their staff's pages."""
    houses_metrics_listen: str = "127.0.0.1:0"
    """Where their addresses for machines begin: that of 130000 is 13 ports further. Port 0: any free ones."""
    houses_most: int = 8
    """So many houses run at once at most."""
    houses_look_s: int = 15
    """So often it is looked which are wanted."""
    own_people_most: int = 20_000
    """So many people a province's own contest has at most: on its roster, and with those who registered and wait."""
    valkey_replicas: int = 0
    """So many replicas must have an answer on disk before it is acknowledged: exact when it is the number of replicas
    that each primary has."""
    listen: str = "127.0.0.1:8000"
    """Address and port of the one door."""
    origins: str = ""
    """The exact origins of our pages, separated by commas; empty: those of `listen`."""
    proxies: str = "127.0.0.1"
    """The addresses or networks of proxies, separated by commas, whose X-Forwarded-For is believed. Of an address only
    a digest is used, to show judges that a contestant's changed."""
    https: bool = False
    """Browsers reach us by https (a proxy ends it): cookies are marked Secure."""
    office_listen: str = "127.0.0.1:8001"
    """Address and port of the staff's door; port 0 is any free one, told in the log."""
    office_origins: str = ""
    """The exact origins of the staff's pages; empty: those of `office_listen`."""
    practice_listen: str = "127.0.0.1:8002"
    """Address and port of the learners' door; port 0 is any free one, told in the log."""
    practice_origins: str = ""
    """The exact origins of the learners' pages; empty: those of `practice_listen`."""
    fonts: str = ""
    """A folder of further fonts (.otf, .ttf, .ttc), in which pages are set where ours lack a character; empty: none."""
    push_contact: str = ""
    """Where the push services of browsers find whoever runs this (`mailto:…` or `https://…`, RFC 8292), with which
    learners may be reminded by message; empty: nothing is ever sent."""
    monthly_listen: str = "127.0.0.1:8003"
    """Address and port of the door through which learners sit 月月比; port 0 is any free one, told in the log."""
    monthly_origins: str = ""
    """The exact origins of its pages; empty: those of `monthly_listen`. The practice's pages lead to the first."""
    lane: str = "contest"
    """Whose sessions gateways, directors and recorders serve: those of `contest`, or of 月月比 (`monthly`: the role of
    that name sets it)."""
    two_persons: bool = True
    """Force collection, skipping an item, more time for the whole session, finalizing and a thaw are asked for by one
    of the staff and confirmed by another. Off for rehearsals that one person runs."""
    oidc_issuer: str = ""
    """The provider of identities that may sign the staff in (OpenID Connect), as it names itself; empty: none. https,
    or http on this machine."""
    oidc_client_id: str = ""
    """What the provider knows us by."""
    oidc_client_secret: str = ""
    """Empty: the provider knows us as a public client."""
    oidc_claim: str = "preferred_username"
    """What of an identity is the login of an account that exists. Only the provider, never its users, may change it."""
    oidc_label: str = "统一身份认证登录"
    """What the button on the sign-in page says."""
    driver: str = "picows"
    """`picows`, or `starlette` for platforms without picows wheels."""
    log_format: str = "auto"
    """`console`, `json`, or `auto`: for people on a terminal, JSON elsewhere."""
    log_level: str = "info"
    metrics_listen: str = "127.0.0.1:0"
    """Address and port for machines, each process's own: health, readiness, /metrics. Port 0 is any free one, told in
    the log. Never the public's."""
    metrics_token: str = ""
    """What whoever reads /metrics must bring, where the address is not out of others' reach."""
    metrics_folders: str = ""
    """Folders whose free space is told, separated by commas: where the stores keep their data, if that is here."""
    match_pause_ms: int = 4_000
    """Before each question of a match between learners: the right answer is read, and the next one comes sealed."""
    match_seconds: int = 0
    """How long each question of a match is open; 0: as long as its type is (`rules.matches.SECONDS`)."""
    name: str = ""
    """What this process is called among those of a deployment, e.g. `gateway-0`; empty: by its roles."""
    listener: int = -1
    """An open listening socket that was handed down (its descriptor); −1: this process listens by itself."""
    office_listener: int = -1
    """The same for the staff's door."""
    quiet: str = ""
    """The provinces whose public doors a process `quiet` keeps, as its supervisor writes them: a JSON list of
    `QuietDoor`."""
    viewers_out: int = -1
    """Where a gateway hands on the sockets of whoever only watches (a descriptor that was handed down); −1: it serves
    them itself."""
    viewers_in: int = -1
    """Where the process that serves viewers, and them only, is given their sockets."""
    practice_listener: int = -1
    """The same for the learners' door."""
    monthly_listener: int = -1
    """The same for the door of 月月比."""

    def of_quiet(self) -> "list[Settings]":
        """Return the settings of each province's public door that a process `quiet` keeps; raises `BadSettings`."""
        try:
            doors = msgspec.json.decode(self.quiet, type=list[QuietDoor])
        except msgspec.DecodeError as error:
            raise BadSettings(f"quiet: {error}") from error
        return [
            msgspec.structs.replace(
                self,
                owner=one.owner,
                listen=one.listen,
                origins=one.origins,
                listener=one.listener,
                name=f"{self.name or 'quiet'}-{one.owner}",
            )
            for one in doors
        ]

    @property
    def address(self) -> tuple[str, int]:
        """Host and port to listen on."""
        return _address(self.listen)

    @property
    def metrics_address(self) -> tuple[str, int]:
        """Host and port for machines."""
        return _address(self.metrics_listen)

    @property
    def allowed_origins(self) -> frozenset[str]:
        """The allow-list of origins."""
        return _origins(self.origins, self.address)

    @property
    def office_address(self) -> tuple[str, int]:
        """Host and port of the staff's door."""
        return _address(self.office_listen)

    @property
    def allowed_office_origins(self) -> frozenset[str]:
        """The allow-list of the staff's door."""
        return _origins(self.office_origins, self.office_address)

    @property
    def practice_address(self) -> tuple[str, int]:
        """Host and port of the learners' door."""
        return _address(self.practice_listen)

    @property
    def allowed_practice_origins(self) -> frozenset[str]:
        """The allow-list of the learners' door."""
        return _origins(self.practice_origins, self.practice_address)

    @property
    def monthly_address(self) -> tuple[str, int]:
        """Host and port of the door of 月月比."""
        return _address(self.monthly_listen)

    @property
    def allowed_monthly_origins(self) -> frozenset[str]:
        """The allow-list of the door of 月月比."""
        return _origins(self.monthly_origins, self.monthly_address)

    def of_monthly(self) -> "Settings":
        """Return the settings of a process that serves 月月比 as others serve the contest, at a door of its own."""
        return msgspec.structs.replace(
            self,
            lane="monthly",
            listen=self.monthly_listen,
            origins=self.monthly_origins,
            listener=self.monthly_listener,
            name=self.name or "monthly",
        )

    @property
    def server_key(self) -> bytes:
        """The secret key as bytes; raises `BadSettings`."""
        try:
            key = bytes.fromhex(self.secret_key)
        except ValueError:
            key = b""
        if len(key) < 32:
            raise BadSettings("LEITAI_SECRET_KEY must be at least 64 hexadecimal digits")
        return key


def _address(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    return host.strip("[]") or "127.0.0.1", int(port)


def _origins(named: str, address: tuple[str, int]) -> frozenset[str]:
    if named.strip():
        return frozenset(origin.strip().rstrip("/") for origin in named.split(",") if origin.strip())
    host, port = address
    hosts = {host, "localhost", "127.0.0.1"} if host in ("127.0.0.1", "localhost", "::1") else {host}
    return frozenset(f"http://{name}:{port}" for name in hosts)


def read_settings(file: Path | None = None, **given: object) -> Settings:
    """Return the settings; `given` (without None) goes before the environment, that before the file.

    Raises:
        BadSettings: a value is missing, unknown or of the wrong type.
    """
    values: dict[str, object] = {}
    if file is not None:
        try:
            values |= tomllib.loads(file.read_text("utf-8"))
        except (OSError, tomllib.TOMLDecodeError) as error:
            raise BadSettings(f"{file}: {error}") from error
    for name in Settings.__struct_fields__:
        if (value := os.environ.get(f"LEITAI_{name.upper()}")) is not None:
            values[name] = value
    values |= {name: value for name, value in given.items() if value is not None}
    unknown = values.keys() - set(Settings.__struct_fields__)
    if unknown:
        raise BadSettings(f"unknown settings: {', '.join(sorted(unknown))}")
    try:
        settings = msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise BadSettings(str(error)) from error
    if settings.lane not in ("contest", "monthly"):
        raise BadSettings(f"lane: {settings.lane} is neither contest nor monthly")
    if settings.driver not in ("picows", "starlette"):
        raise BadSettings(f"driver: {settings.driver} is neither picows nor starlette")
    if settings.owner and settings.owner not in PROVINCES:
        raise BadSettings(f"owner: {settings.owner} 不是省份代码 · is no province's code, such as 130000 (河北)")
    if not 0 <= settings.valkey_replicas <= 5:
        raise BadSettings(f"valkey_replicas: {settings.valkey_replicas} is not between 0 and 5")
    if not (1 <= settings.houses_most <= 100 and 1 <= settings.houses_look_s <= 3600):
        raise BadSettings("houses_most is from 1 to 100, houses_look_s from 1 to 3600")
    if settings.fonts and not Path(settings.fonts).is_dir():
        raise BadSettings(f"fonts: {settings.fonts} 不是文件夹 · is no folder")
    if not 1 <= settings.own_people_most <= 200_000:
        raise BadSettings(f"own_people_most: {settings.own_people_most} is not between 1 and 200000")
    if settings.push_contact and not settings.push_contact.startswith(("mailto:", "https://")):
        raise BadSettings("push_contact must begin with mailto: or https://")
    if not 300 <= settings.match_pause_ms <= 60_000:
        raise BadSettings(f"match_pause_ms: {settings.match_pause_ms} is not between 300 and 60000")
    # Ten questions, with ten seconds before each, stay within what a match may last.
    if settings.match_seconds and not 5 <= settings.match_seconds <= 50:
        raise BadSettings(f"match_seconds: {settings.match_seconds} is neither 0 nor between 5 and 50")
    if settings.oidc_issuer:
        _judge_provider(settings)
    return settings


def _judge_provider(settings: Settings) -> None:
    """Raise `BadSettings` for a provider whose word could be another's."""
    issuer = urlsplit(settings.oidc_issuer)
    if issuer.scheme != "https" and (issuer.scheme, issuer.hostname) not in _PLAIN:
        raise BadSettings("oidc_issuer must begin with https://, or be on this machine")
    if not settings.oidc_client_id or not settings.oidc_claim or not settings.oidc_label:
        raise BadSettings("oidc_client_id, oidc_claim and oidc_label are needed beside oidc_issuer")


def kept_secret_key(folder: Path) -> str:
    """Return the secret key of a data folder, made at the first call and readable by its owner only."""
    path = folder / "secret-key"
    try:
        return path.read_text("ascii").strip()
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True)
        key = secrets.token_hex(32)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write(key)
        return key
