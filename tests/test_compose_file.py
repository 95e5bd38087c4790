"""docker-compose.yml says what a deployment depends on; the `docker compose` command agrees where it is present."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from leitai.cli.houses import doors_of, role_of
from leitai.compose import _STOP_WITHIN_S as STOP_WITHIN_S
from leitai.compose import MONTHLY
from leitai.compose import ROLES as COMPOSED
from leitai.config import Settings, read_settings
from leitai.rules.provinces import PROVINCES

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docker-compose.yml").read_text("utf-8")
FILE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = FILE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
SECRETS = {
    "LEITAI_SECRET_KEY": "ab" * 32,
    "LEITAI_DATABASE_PASSWORD": "cd" * 24,
    "LEITAI_VALKEY_PASSWORD": "ef" * 24,
}
_VARIABLE = re.compile(r"\$\{(\w+)(?:(:[-?])([^}]*))?\}")
SCALED = {name: service for name, service in SERVICES.items() if service.get("profiles") == ["scale"]}
BESIDE = {name: service for name, service in SERVICES.items() if not service.get("profiles")}
ROLES = ("gateway", "results", "director", "recorder", "office", "practice", "monthly")
HOUSES = "houses"
"""No role: it looks after provinces' houses."""
PROVINCIAL = "provinces"
"""The same beside the deployment on one machine, in a profile of its own."""


def _filled_in(text: str) -> str:
    """Return `text` as compose reads it with nothing but the secrets set."""

    def value(found: re.Match[str]) -> str:
        name, how, default = found.groups()
        if name in SECRETS:
            return SECRETS[name]
        assert how == ":-", f"{name} must be set by hand and is no secret"
        return str(default)

    return _VARIABLE.sub(value, text)


def _flags(command: list[str]) -> dict[str, str]:
    assert command[0] == "valkey-server"
    return {name.removeprefix("--"): value for name, value in zip(command[1::2], command[2::2], strict=True)}


def test_every_acknowledged_answer_survives_the_machine() -> None:
    valkey = SERVICES["valkey"]
    flags = _flags(valkey["command"])
    assert flags["appendonly"] == "yes"
    assert flags["appendfsync"] == "always"
    assert flags["no-appendfsync-on-rewrite"] == "no"
    assert flags["auto-aof-rewrite-percentage"] == "0"
    assert flags["maxmemory-policy"] == "noeviction"
    assert valkey["volumes"] == ["valkey:/data"]
    postgres = SERVICES["postgres"]
    assert postgres["volumes"] == ["postgres:/var/lib/postgresql"]
    assert not re.search(r"fsync=off|synchronous_commit=off|full_page_writes=off", TEXT)
    assert {volume for service in BESIDE.values() for volume in _volumes(service)} == {"valkey", "postgres"}


def test_what_is_durable_has_a_volume_of_its_own() -> None:
    used = [volume for name, service in SERVICES.items() if name != "recorder" for volume in _volumes(service)]
    assert sorted(used) == sorted(FILE["volumes"])
    durable = {name for name in SCALED if name.startswith(("valkey", "sentinel", "postgres"))}
    others = {"prometheus", "grafana", "recorder"}
    assert {name for name, service in SCALED.items() if _volumes(service)} == durable | others


def test_the_disks_of_the_stores_are_watched() -> None:
    recorder = SERVICES["recorder"]
    watched = set(recorder["environment"]["LEITAI_METRICS_FOLDERS"].split(","))
    stores = {name for name in SCALED if name.startswith(("valkey", "postgres"))}
    assert set(recorder["volumes"]) == {f"{name}:/watched/{name}:ro,nocopy" for name in stores}
    assert watched == {f"/watched/{name}" for name in stores}


def _volumes(service: dict[str, Any]) -> list[str]:
    """Named volumes of a service; folders of the checkout are no volumes."""
    names = (volume.partition(":")[0] for volume in service.get("volumes", []))
    return [name for name in names if not name.startswith(".")]


def test_the_embedded_store_and_the_deployed_one_are_as_durable() -> None:
    flags = _flags(SERVICES["valkey"]["command"])
    for name in ("appendfsync", "no-appendfsync-on-rewrite", "auto-aof-rewrite-percentage", "maxmemory-policy"):
        embedded = (ROOT / "server/leitai/stores/embedded/valkey.py").read_text("utf-8")
        assert f'"{name}": "{flags[name]}"' in embedded


def test_versions_are_those_we_test_with() -> None:
    assert {service["image"] for name, service in SERVICES.items() if name.startswith(("valkey", "sentinel"))} == {
        "valkey/valkey:9"
    }
    assert {service["image"] for name, service in SERVICES.items() if name.startswith("postgres")} == {"postgres:18"}
    for name, service in SERVICES.items():
        image, _, tag = service["image"].partition(":")
        if image == "leitai":
            assert service["build"] == ".", name
        else:
            assert re.fullmatch(r"v?[0-9][0-9.]*", tag), name


def test_nothing_is_reachable_from_other_machines() -> None:
    for name, service in SERVICES.items():
        published = service.get("ports", [])
        outside = [port for port in published if not port.startswith("127.0.0.1:")]
        # The proxy alone, and only when a setting says so.
        assert outside == (["${LEITAI_PROXY_ADDRESS:-127.0.0.1}:${LEITAI_PROXY_PORT:-8080}:8080"] * (name == "proxy"))
        assert all(_filled_in(port).startswith("127.0.0.1:") for port in published), name
        assert service.get("network_mode") is None
        assert not service.get("privileged")
    assert {name for name, service in SERVICES.items() if service.get("ports")} == {
        "server",
        "office",
        "practice",
        "monthly",
        "houses",
        "provinces",
        "proxy",
        "prometheus",
        "grafana",
    }
    assert FILE["networks"]["stores"] == {"internal": True}
    for name, service in SERVICES.items():
        if name.startswith(("valkey", "sentinel", "postgres")):
            assert service["networks"] == ["stores"], name
        elif name in ("proxy", "prometheus", "grafana"):
            assert service["networks"] == ["front"], name


def test_no_secret_stands_in_the_file() -> None:
    for name in SECRETS:
        uses = [found for found in _VARIABLE.finditer(TEXT) if found.group(1) == name]
        assert uses
        assert all(found.group(2) != ":-" for found in uses), f"{name} must have no default"
        assert any(found.group(2) == ":?" for found in uses), f"{name} must be asked for"
    assert "requirepass" in TEXT


def test_the_server_is_set_by_the_names_it_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("LEITAI_"):
            monkeypatch.delenv(name)
    known = {f"LEITAI_{name.upper()}" for name in Settings.__struct_fields__}
    environment: dict[str, str] = SERVICES["server"]["environment"]
    assert set(environment) <= known
    assert {
        "LEITAI_VALKEY_URL",
        "LEITAI_DATABASE_URL",
        "LEITAI_SECRET_KEY",
        "LEITAI_ORIGINS",
        "LEITAI_LISTEN",
    } <= set(environment)
    for name, value in environment.items():
        monkeypatch.setenv(name, _filled_in(value))
    settings = read_settings()
    assert settings.address == ("0.0.0.0", 8000)
    assert settings.allowed_origins == {"http://127.0.0.1:8000", "http://localhost:8000"}
    assert settings.https is False
    assert len(settings.server_key) == 32
    assert settings.valkey_url == f"redis://:{'ef' * 24}@valkey:6379/0"
    assert settings.database_url == f"postgresql://leitai:{'cd' * 24}@postgres:5432/leitai"


def test_hosts_in_addresses_are_services() -> None:
    environment = SERVICES["server"]["environment"]
    hosts = {re.search(r"@(\w+):", environment[f"LEITAI_{store}_URL"]) for store in ("VALKEY", "DATABASE")}
    assert {found.group(1) for found in hosts if found} == {"valkey", "postgres"}


def test_every_service_says_its_health_and_the_server_waits_for_it() -> None:
    assert all("test" in service["healthcheck"] for service in SERVICES.values())
    for name in ("server", PROVINCIAL):
        waits = SERVICES[name]["depends_on"]
        assert {store: how["condition"] for store, how in waits.items()} == {
            "valkey": "service_healthy",
            "postgres": "service_healthy",
        }
    for role in (*ROLES, HOUSES):
        waits = SERVICES[role]["depends_on"]
        assert set(waits) == {"sentinel-1", "sentinel-2", "sentinel-3", "postgres-1", "postgres-2"}
        assert {how["condition"] for how in waits.values()} == {"service_healthy"}


def test_the_services_beside_the_profile_are_what_they_were() -> None:
    assert set(BESIDE) == {"valkey", "postgres", "server"}
    assert set(SERVICES) - set(BESIDE) - set(SCALED) == {PROVINCIAL}
    assert SERVICES[PROVINCIAL]["profiles"] == [PROVINCIAL]
    for service in (*BESIDE.values(), SERVICES[PROVINCIAL]):
        assert not set(service.get("depends_on", {})) & set(SCALED)


def test_the_profile_has_everything_that_a_deployment_on_many_machines_has() -> None:
    assert set(SCALED) == {
        *(f"valkey-{number}" for number in (1, 2, 3)),
        *(f"sentinel-{number}" for number in (1, 2, 3)),
        "postgres-1",
        "postgres-2",
        *ROLES,
        HOUSES,
        "proxy",
        "prometheus",
        "grafana",
    }
    assert SCALED["gateway"]["deploy"]["replicas"] == "${LEITAI_GATEWAYS:-3}"
    assert SCALED["director"]["deploy"]["replicas"] == 2
    roles = {name: SCALED[name]["command"][-1] for name in ROLES}
    assert roles.pop("results") == "gateway"
    assert roles == {name: name for name in (*COMPOSED, MONTHLY)}
    assert {role for name in ROLES for role in SCALED[name]["command"][-1].split(",")} == {*COMPOSED, MONTHLY}
    replicas = [name for name in ("valkey-1", "valkey-2", "valkey-3") if "PRIMARY" in SCALED[name]["environment"]]
    assert replicas == ["valkey-2", "valkey-3"]
    assert int(SCALED["gateway"]["environment"]["LEITAI_VALKEY_REPLICAS"]) < len(replicas)
    assert "synchronous_standby_names=ANY 1 (standby)" in SCALED["postgres-1"]["command"]
    assert "cluster_name=standby" in (ROOT / "docs/deploy/postgres-standby.sh").read_text("utf-8")


@pytest.mark.parametrize("name", ROLES)
def test_every_role_is_set_by_the_names_it_reads(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for known in list(os.environ):
        if known.startswith("LEITAI_"):
            monkeypatch.delenv(known)
    environment: dict[str, str] = SERVICES[name]["environment"]
    beside = {} if name != "recorder" else {"LEITAI_METRICS_FOLDERS": environment["LEITAI_METRICS_FOLDERS"]}
    assert environment == SERVICES["gateway"]["environment"] | beside
    for variable, value in environment.items():
        monkeypatch.setenv(variable, _filled_in(value))
    settings = read_settings()
    assert settings.valkey_replicas == 1
    assert settings.metrics_address == ("0.0.0.0", int(_prometheus_port()))
    assert f":{'ef' * 24}@sentinel-1:26379,sentinel-2:26379,sentinel-3:26379/leitai" in settings.valkey_url
    assert settings.database_url.endswith("@postgres-1:5432,postgres-2:5432/leitai?target_session_attrs=primary")
    hosts = set(re.findall(r"(?:@|,)([a-z]+-\d):\d+", settings.valkey_url + settings.database_url))
    assert hosts <= set(SCALED)
    assert settings.server_key == bytes.fromhex("ab" * 32)
    (staff,) = SERVICES["office"]["ports"]
    port = _filled_in(staff).split(":")[1]
    assert settings.allowed_office_origins == {f"http://127.0.0.1:{port}", f"http://localhost:{port}"}
    assert settings.office_address == ("0.0.0.0", int(staff.rpartition(":")[2]))
    (learners,) = SERVICES["practice"]["ports"]
    port = _filled_in(learners).split(":")[1]
    assert settings.allowed_practice_origins == {f"http://127.0.0.1:{port}", f"http://localhost:{port}"}
    assert settings.practice_address == ("0.0.0.0", int(learners.rpartition(":")[2]))
    (sitting,) = SERVICES["monthly"]["ports"]
    port = _filled_in(sitting).split(":")[1]
    assert settings.allowed_monthly_origins == {f"http://127.0.0.1:{port}", f"http://localhost:{port}"}
    assert settings.monthly_address == ("0.0.0.0", int(sitting.rpartition(":")[2]))


@pytest.mark.parametrize(("name", "beside"), [(HOUSES, "gateway"), (PROVINCIAL, "server")])
def test_every_provinces_house_has_its_doors_published(name: str, beside: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for known in list(os.environ):
        if known.startswith("LEITAI_"):
            monkeypatch.delenv(known)
    service = SERVICES[name]
    assert service["command"] == ["serve", "--houses", "auto"]
    environment: dict[str, str] = service["environment"]
    # The same stores and key; addresses and origins of the nation's doors are none of theirs.
    stores = {one: environment[one] for one in ("LEITAI_VALKEY_URL", "LEITAI_DATABASE_URL", "LEITAI_SECRET_KEY")}
    assert stores.items() <= SERVICES[beside]["environment"].items()
    for variable, value in environment.items():
        monkeypatch.setenv(variable, _filled_in(value))
    settings = read_settings()
    (published,) = service["ports"]
    assert published.count("${LEITAI_HOUSES_PORTS:-") == 2
    _, outside, inside = _filled_in(published).split(":")
    first, last = (int(port) for port in outside.split("-"))
    assert outside == inside
    for code in PROVINCES:
        doors = doors_of(code, settings)
        role = role_of(code, settings, 3, 4, {})
        for door, origins in ((doors.listen, "LEITAI_ORIGINS"), (doors.office, "LEITAI_OFFICE_ORIGINS")):
            host, _, port = door.rpartition(":")
            assert (host, first <= int(port) <= last) == ("0.0.0.0", True), code
            assert role.env[origins] == f"http://127.0.0.1:{port},http://localhost:{port}"
    taken = [
        _filled_in(port).split(":")[1]
        for other, one in SERVICES.items()
        if other not in (HOUSES, PROVINCIAL)
        for port in one.get("ports", [])
    ]
    assert not [port for port in taken if first <= int(port) <= last]


def _prometheus_port() -> str:
    asked: dict[str, Any] = yaml.safe_load((ROOT / "docs/deploy/prometheus.yml").read_text("utf-8"))
    (job,) = asked["scrape_configs"]
    (names,) = job["dns_sd_configs"]
    assert set(names["names"]) <= set(SCALED)
    return str(names["port"])


def test_services_wait_longer_for_an_end_than_the_end_takes() -> None:
    for name in ("server", PROVINCIAL, *ROLES, HOUSES):
        assert _seconds(SERVICES[name]["stop_grace_period"]) > STOP_WITHIN_S, name
    for service in SERVICES.values():
        assert _seconds(service["stop_grace_period"]) >= 20


def _seconds(text: str) -> float:
    found = re.fullmatch(r"(\d+)(s|m)", text)
    assert found
    return int(found[1]) * (60 if found[2] == "m" else 1)


def test_files_that_are_mounted_are_there() -> None:
    for name, service in SERVICES.items():
        for volume in service.get("volumes", []):
            source, _, target = volume.partition(":")
            if source.startswith("."):
                assert (ROOT / source).exists(), f"{name}: {source}"
                assert target.endswith(":ro"), name
    for service in SCALED.values():
        for word in (*(service.get("command") or ()), *(service.get("entrypoint") or ())):
            for script in re.findall(r"/etc/leitai/([\w.-]+)", str(word)):
                assert (ROOT / "docs/deploy" / script).is_file(), script


@pytest.mark.parametrize("script", sorted((ROOT / "docs/deploy").glob("*.sh")), ids=lambda script: script.name)
def test_scripts_of_containers_can_be_run(script: Path) -> None:
    assert os.access(script, os.X_OK)
    shell = script.read_text("utf-8").splitlines()[0].removeprefix("#!")
    read = subprocess.run([shell, "-n", script], capture_output=True, text=True, check=False, timeout=60)
    assert read.returncode == 0, read.stderr


def test_ports_that_are_spoken_of_are_those_of_the_proxy() -> None:
    proxy = (ROOT / "docs/deploy/haproxy.cfg").read_text("utf-8")
    assert re.search(r"^    bind :8080$", proxy, re.MULTILINE)
    assert "/8405" in " ".join(SCALED["proxy"]["healthcheck"]["test"])
    assert re.search(r"^    bind :8405$", proxy, re.MULTILINE)
    port = SCALED["gateway"]["environment"]["LEITAI_LISTEN"].rpartition(":")[2]
    assert set(re.findall(r" (gateway|results):(\d+) ", proxy)) == {("gateway", port), ("results", port)}
    (most,) = re.findall(r"^    maxconn (\d+)", proxy, re.MULTILINE)
    assert SCALED["proxy"]["ulimits"]["nofile"] > 2 * int(most)


def test_the_server_has_as_few_rights_as_it_needs() -> None:
    for server in (SERVICES[name] for name in ("server", PROVINCIAL, *ROLES, HOUSES)):
        assert server["read_only"] is True
        assert server["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in server["security_opt"]
    final = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.search(r"^USER 10001", final, re.MULTILINE)
    assert "npm" not in final
    assert DOCKERFILE.count("\nFROM ") == 3
    assert "--require-hashes -r /build/requirements.lock" in DOCKERFILE


def test_what_the_image_copies_is_let_through() -> None:
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    for line in DOCKERFILE.splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            for source in line.split()[1:-1]:
                assert source.partition("/")[0] in kept, source


def _compose() -> list[str] | None:
    if not shutil.which("docker"):
        return None
    found = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False, timeout=60)
    return ["docker", "compose"] if found.returncode == 0 else None


def test_docker_compose_reads_the_file() -> None:
    command = _compose()
    if command is None:
        print("`docker compose` is not present here: the file is only read as YAML")
        assert all(isinstance(service, dict) for service in SERVICES.values())
        return
    config = [*command, "--file", str(ROOT / "docker-compose.yml")]
    for profile in ([], ["--profile", "scale"], ["--profile", PROVINCIAL]):
        told = subprocess.run(
            [*config, *profile, "config", "--quiet"],
            env={**os.environ, **SECRETS},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert told.returncode == 0, told.stderr
    bare = {name: value for name, value in os.environ.items() if name not in SECRETS}
    without = subprocess.run(
        [*config, "config", "--quiet"], env=bare, capture_output=True, text=True, check=False, timeout=60, cwd="/"
    )
    assert without.returncode != 0
    assert "LEITAI_" in without.stderr
