"""The proxy's settings are sound, and contestants who come through a real HAProxy are served as they are without."""

import asyncio
import contextlib
import http.client
import re
import signal
import ssl
import subprocess
import threading
from collections.abc import AsyncIterator, Generator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.typing import Origin, Subprotocol

from leitai.cli.haproxy import BadAddress, haproxy_settings
from leitai.live.vigil import PING_EVERY_US, PONG_WITHIN_US
from leitai.resources import shipped
from leitai.rules.values import Counted
from leitai.stores.embedded.postgres import EmbeddedPostgres
from leitai.web.contract import OPERATIONS
from leitai_loadtest.client import Contestant, Unexpected
from leitai_loadtest.door import Door, DoorClosed, socket_url
from tests.support.others import free_ports, program, running
from tests.support.packing import pack, unpack
from tests.support.serving import OPEN, ORIGIN, Process, Scene, serving
from tests.support.stores import scratch_folder, standing_database
from tests.support.waiting import PATIENCE_S

TEXT = (shipped("deploy") / "haproxy.cfg").read_text("utf-8")
_UNIT = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def _section(name: str) -> list[str]:
    """The lines of a section without its comments."""
    lines = TEXT.splitlines()
    begin = lines.index(name) + 1
    end = next(
        (at for at in range(begin, len(lines)) if lines[at] and not lines[at].startswith((" ", "#"))), len(lines)
    )
    return [line.strip() for line in lines[begin:end] if line.strip() and not line.strip().startswith("#")]


def _seconds(name: str) -> float:
    (text,) = (line.split()[2] for line in _section("defaults") if line.startswith(f"timeout {name} "))
    found = re.fullmatch(r"(\d+)(ms|s|m|h)", text)
    assert found
    return int(found[1]) * _UNIT[found[2]]


def _said_of(path: str, *, through: str) -> bool:
    """Whether the pattern of an acl matches a path."""
    (pattern,) = re.findall(rf"acl {through} path_reg (\S+)", TEXT)
    return re.match(pattern, path) is not None


def test_the_file_is_what_haproxy_takes(tmp_path: Path) -> None:
    rendered = tmp_path / "haproxy.cfg"
    rendered.write_text(
        haproxy_settings(["10.0.0.1:8000", "[::1]:8001"], ["10.0.0.9:8000"], bind="*:80", figures="127.0.0.1:8405")
    )
    assert "\n    server gateway-2 [::1]:8001\n" in rendered.read_text()
    assert "\n    bind *:80\n" in rendered.read_text()
    haproxy = program("haproxy")
    if haproxy is None:
        assert _section("backend gateways")[0] == "balance leastconn"
        return
    for file in (shipped("deploy") / "haproxy.cfg", rendered):
        told = subprocess.run(
            [haproxy, "-c", "-f", file], capture_output=True, text=True, check=False, timeout=PATIENCE_S
        )
        assert told.returncode == 0, told.stdout + told.stderr
        assert "[WARNING]" not in told.stdout + told.stderr


def test_what_is_no_address_is_refused() -> None:
    for address in ("10.0.0.1", "a b:1", "host:port", "x:1\n    server evil y:2"):
        with pytest.raises(BadAddress):
            haproxy_settings([address])


def test_an_idle_socket_outlasts_a_lost_ping() -> None:
    assert _seconds("tunnel") * 1e6 > PING_EVERY_US + PONG_WITHIN_US
    assert _seconds("client") * 1e6 > PING_EVERY_US


def test_paths_go_where_they_belong() -> None:
    paths = {one.name: re.sub(r"\{(\w+)\}", "7", one.path) for one in OPERATIONS}
    results = {name for name, path in paths.items() if _said_of(path, through="result")}
    assert results == {"result", "awards", "eligibility", "draw", "standings"}
    boards = {name for name, path in paths.items() if _said_of(path, through="board")}
    assert boards == {"individuals", "delegations", "province", "find", "participation"}
    hidden = {paths["readyz"], paths["healthz"], "/metrics"}
    assert hidden == set(re.findall(r"if \{ path (/.+) \}", TEXT)[0].split())


def test_readiness_decides_who_gets_contestants() -> None:
    assert "http-check send meth GET uri /readyz" in _section("backend gateways")
    assert "http-check send meth GET uri /healthz" in _section("backend results")


# --- through a real proxy --------------------------------------------------------------------------------------------


@dataclass
class Proxied:
    """A contest behind a proxy."""

    scene: Scene
    url: str
    figures: str

    def someone(self, origin: str = ORIGIN) -> "contextlib.AbstractAsyncContextManager[Contestant]":
        seat = next(self.scene.seats)
        return Contestant.sign_in(self.url, seat.admission_no, seat.code, origin=origin)


@contextlib.contextmanager
def _proxy(haproxy: str, folder: Path, gateways: list[str], certificate: str = "") -> Generator[tuple[str, str]]:
    """Run a proxy; gives its address, and that of its figures (with a certificate: that of plain http)."""
    port, figures, plain = free_ports(3)
    file = folder / f"haproxy-{port}.cfg"
    file.write_text(
        haproxy_settings(
            gateways,
            bind=f"127.0.0.1:{port}",
            figures=f"127.0.0.1:{figures}",
            certificate=certificate,
            plain=f"127.0.0.1:{plain}",
            maxconn=500,
        )
    )
    with running([haproxy, "-db", "-f", str(file)], port, folder / f"haproxy-{port}.log"):
        if certificate:
            yield f"https://127.0.0.1:{port}", f"127.0.0.1:{plain}"
        else:
            yield f"http://127.0.0.1:{port}", f"127.0.0.1:{figures}"


@pytest.fixture(scope="module")
def proxied(postgres: EmbeddedPostgres, valkey_url: str) -> Iterator[Proxied | None]:
    """A contest on two gateways behind HAProxy; None where HAProxy is missing."""
    haproxy = program("haproxy")
    if haproxy is None:
        yield None
        return
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(scratch_folder())
        dsn = stack.enter_context(standing_database(postgres))
        scene = stack.enter_context(serving("picows", dsn, valkey_url, folder, Counted.LAST))
        addresses = [process.url.removeprefix("http://") for process in scene.processes]
        url, figures = stack.enter_context(_proxy(haproxy, folder, addresses))
        yield Proxied(scene, url, figures)


@pytest.fixture
async def people(proxied: Proxied | None) -> AsyncIterator[list[Contestant]]:
    """Six contestants who have said hello through the proxy; nobody where HAProxy is missing."""
    async with contextlib.AsyncExitStack() as stack:
        found: list[Contestant] = []
        for _ in range(6 if proxied else 0):
            assert proxied is not None
            contestant = await stack.enter_async_context(proxied.someone())
            await contestant.hello()
            found.append(contestant)
        yield found


async def test_contestants_answer_through_the_proxy_and_are_spread_evenly(
    proxied: Proxied | None, people: list[Contestant]
) -> None:
    if proxied is None:
        return
    for contestant in people:
        ack = await contestant.answer(OPEN, ["A"])
        assert ack["status"] == "accepted"
        assert ack["stamp_us"] > 0
    held = [process.metric('leitai_gateway_connections{kind="contestant"}') for process in proxied.scene.processes]
    assert sorted(held) == [3, 3]


async def test_a_page_of_ours_is_let_in_and_a_foreign_one_is_not(proxied: Proxied | None) -> None:
    if proxied is None:
        return
    async with proxied.someone() as contestant:
        await contestant.hello()
        contestant_of_another_page = Contestant(proxied.url, origin="https://foreign.example")
        with pytest.raises(InvalidStatus) as refused:
            await contestant_of_another_page.connect()
        assert refused.value.response.status_code == 403
    foreign = Door(proxied.url, origin="https://foreign.example")
    with pytest.raises(DoorClosed) as closed:
        await foreign.sign_in("2022110001", "ABCDEFGHJKLM")
    foreign.close()
    assert (closed.value.status, closed.value.code) == (403, "origin-refused")


async def _answering(contestant: Contestant, told: asyncio.Event) -> int:
    """Answer without pause until told to end, coming back whenever a gateway sends one away; all are acknowledged.

    Returns how often coming back was refused.
    """
    here, refused = True, 0
    while not told.is_set() or contestant.unacked:
        try:
            if not here or contestant.close_code is not None:
                here = False
                await contestant.hello()
                here = True
            if not told.is_set():
                await contestant.give(OPEN, ["A"])
        except (InvalidHandshake, DoorClosed):
            refused += 1
        except (ConnectionClosed, Unexpected, OSError):
            here = False
        # So that nobody answers faster than the limit of a connection allows.
        await asyncio.sleep(0.1)
    return refused


async def test_gateways_leave_one_after_another_and_no_answer_is_lost(proxied: Proxied | None) -> None:
    if proxied is None:
        return
    scene = proxied.scene
    haproxy = program("haproxy")
    assert haproxy is not None
    gateways = [scene.start("gateway") for _ in range(3)]
    for gateway in gateways:
        gateway.wait_ready()
    with _proxy(haproxy, scene.folder, [one.url.removeprefix("http://") for one in gateways]) as (url, figures):
        async with contextlib.AsyncExitStack() as stack:
            people: list[Contestant] = []
            for _ in range(6):
                seat = next(scene.seats)
                signing_in = Contestant.sign_in(url, seat.admission_no, seat.code, origin=ORIGIN)
                people.append(await stack.enter_async_context(signing_in))
                await people[-1].hello()
            held = [gateway.metric('leitai_gateway_connections{kind="contestant"}') for gateway in gateways]
            assert sum(held) == 6
            told = asyncio.Event()
            answering = [asyncio.create_task(_answering(contestant, told)) for contestant in people]
            for number, gateway in enumerate(gateways[:2], 1):
                before = sum(len(contestant.acks) for contestant in people)
                assert await asyncio.to_thread(_ended, gateway) == 0
                down = f'haproxy_server_status{{proxy="gateways",server="gateway-{number}",state="DOWN"}} 1'.encode()
                async with asyncio.timeout(PATIENCE_S):
                    # As docs/operations.md wants it: the next one only when the proxy knows.
                    while down not in (await asyncio.to_thread(_ask, figures, "/metrics"))[2]:  # noqa: ASYNC110
                        await asyncio.sleep(0.05)
                    while sum(len(contestant.acks) for contestant in people) < before + 30:  # noqa: ASYNC110
                        await asyncio.sleep(0.05)
            told.set()
            async with asyncio.timeout(PATIENCE_S):
                refused = await asyncio.gather(*answering)
            # The proxy itself finds a gateway that stays.
            assert sum(refused) == 0
            recorded = await scene.recorded()
            for contestant in people:
                assert contestant.sent
                assert {ack["status"] for ack in contestant.acks.values()} == {"accepted"}
                assert contestant.acks.keys() == contestant.sent.keys()
                own = [seq for sitting, _, seq in recorded if sitting == contestant.me["sitting"]]
                assert sorted(own) == sorted(contestant.sent)


def _ended(gateway: Process) -> int:
    gateway.signal(signal.SIGTERM)
    return gateway.wait()


async def test_what_machines_ask_is_not_for_the_public(proxied: Proxied | None) -> None:
    if proxied is None:
        return
    address = proxied.url.removeprefix("http://")
    for path in ("/metrics", "/readyz", "/healthz"):
        assert _ask(address, path)[0] == 404
    assert _ask(address, "/api/contest")[0] == 200
    status, _, figures = _ask(proxied.figures, "/metrics")
    assert status == 200
    assert b'haproxy_server_status{proxy="gateways",server="gateway-2",state="UP"} 1' in figures
    assert _ask(proxied.figures, "/")[0] == 404


def _certificate(folder: Path) -> Path:
    """A certificate for this machine that nobody signed but itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "contest.example")])
    today = datetime.now(tz=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "contest example.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + plain)
    return file


async def test_the_proxy_ends_https_and_sends_http_on(proxied: Proxied | None, tmp_path: Path) -> None:
    if proxied is None:
        return
    haproxy = program("haproxy")
    assert haproxy is not None
    certificate = _certificate(tmp_path)
    trusting = ssl.create_default_context(cafile=certificate)
    gateway = proxied.scene.processes[0].url.removeprefix("http://")
    with _proxy(haproxy, tmp_path, [gateway], str(certificate)) as (url, plain):
        status, headers, _ = _ask(plain, "/contest?x=1", Host="contest.example")
        assert (status, headers["location"]) == (301, "https://contest.example/contest?x=1")
        secure = http.client.HTTPSConnection(url.removeprefix("https://"), timeout=PATIENCE_S, context=trusting)
        secure.request("GET", "/api/contest")
        answer = secure.getresponse()
        assert answer.status == 200
        assert answer.getheader("Strict-Transport-Security") == "max-age=31536000"
        secure.close()
        async with connect(
            socket_url(url),
            ssl=trusting,
            origin=Origin(ORIGIN),
            subprotocols=[Subprotocol("leitai.v1")],
            compression=None,
            proxy=None,
        ) as viewer:
            await viewer.send(pack({"type": "hello", "session": proxied.scene.session}))
            frame = await viewer.recv()
            assert isinstance(frame, bytes)
            assert unpack(frame)["type"] == "welcome"


def test_a_certificate_cannot_smuggle_settings_in() -> None:
    with pytest.raises(BadAddress):
        haproxy_settings(["10.0.0.1:8000"], certificate="/x'\n    server evil y:2")


# --- what reaches a gateway ------------------------------------------------------------------------------------------


@dataclass
class Recording:
    """A stand-in for a gateway that notes what it is asked."""

    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list[tuple[str, dict[str, str]]])


@contextlib.contextmanager
def _noting(recording: Recording) -> Generator[str]:
    class Noting(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if not self.path.endswith("z"):
                recording.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            body = b'{"rows":[]}'
            self.send_response(200)
            for name, value in (
                ("Content-Type", "application/json"),
                ("Content-Length", str(len(body))),
                ("ETag", '"abc"'),
                ("Cache-Control", "public, max-age=1" if "/boards/" in self.path else "no-store"),
            ):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class names it so)
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Noting)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _ask(address: str, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(address, timeout=PATIENCE_S)
    try:
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def test_a_gateway_sees_the_page_it_came_from_and_no_forged_address(tmp_path: Path) -> None:
    haproxy = program("haproxy")
    if haproxy is None:
        assert "http-request set-header X-Forwarded-For %[src]" in _section("frontend contest")
        return
    recording = Recording()
    with _noting(recording) as gateway, _proxy(haproxy, tmp_path, [gateway]) as (url, _):
        forged = {"X_Forwarded_For": "203.0.113.9", "X_Forwarded_Proto": "https"}
        _ask(
            url.removeprefix("http://"),
            "/api/me",
            Host="contest.example",
            Origin=ORIGIN,
            Cookie="leitai_sid=x",
            **forged,
        )
    (_, headers) = recording.asked[-1]
    assert headers["host"] == "contest.example"
    assert headers["origin"] == ORIGIN
    assert headers["cookie"] == "leitai_sid=x"
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-forwarded-proto"] == "http"


def test_viewers_of_the_board_share_what_the_proxy_fetched(tmp_path: Path) -> None:
    haproxy = program("haproxy")
    if haproxy is None:
        assert "http-request cache-use boards if board" in _section("backend gateways")
        return
    recording = Recording()
    board = "/api/sessions/7/boards/individuals?page=1"
    with _noting(recording) as gateway, _proxy(haproxy, tmp_path, [gateway]) as (url, _):
        address = url.removeprefix("http://")
        answers = [_ask(address, board) for _ in range(40)]
        assert {(status, body) for status, _, body in answers} == {(200, b'{"rows":[]}')}
        assert sum("age" in headers for _, headers, _ in answers) >= 30
        assert _ask(address, board, If_None_Match='"abc"')[0] == 304
        fetched = len(recording.asked)
        assert fetched <= 10
        for _ in range(3):
            _ask(address, "/api/me")
        assert len(recording.asked) == fetched + 3
