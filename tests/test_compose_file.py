"""docker-compose.yml says what a deployment depends on; the `docker compose` command agrees where it is present."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from leitai.config import Settings, read_settings

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
    assert set(FILE["volumes"]) == {"valkey", "postgres"}


def test_the_embedded_store_and_the_deployed_one_are_as_durable() -> None:
    flags = _flags(SERVICES["valkey"]["command"])
    for name in ("appendfsync", "no-appendfsync-on-rewrite", "auto-aof-rewrite-percentage", "maxmemory-policy"):
        embedded = (ROOT / "server/leitai/stores/embedded/valkey.py").read_text("utf-8")
        assert f'"{name}": "{flags[name]}"' in embedded


def test_versions_are_those_we_test_with() -> None:
    assert SERVICES["valkey"]["image"] == "valkey/valkey:9"
    assert SERVICES["postgres"]["image"] == "postgres:18"


def test_nothing_is_reachable_from_other_machines() -> None:
    for name, service in SERVICES.items():
        published = service.get("ports", [])
        assert all(port.startswith("127.0.0.1:") for port in published), name
        assert service.get("network_mode") is None
        assert not service.get("privileged")
    assert [name for name, service in SERVICES.items() if service.get("ports")] == ["server"]
    assert FILE["networks"]["stores"] == {"internal": True}
    assert SERVICES["valkey"]["networks"] == SERVICES["postgres"]["networks"] == ["stores"]


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
    waits = SERVICES["server"]["depends_on"]
    assert {name: how["condition"] for name, how in waits.items()} == {
        "valkey": "service_healthy",
        "postgres": "service_healthy",
    }


def test_the_server_has_as_few_rights_as_it_needs() -> None:
    server = SERVICES["server"]
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
    found = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False, timeout=30)
    return ["docker", "compose"] if found.returncode == 0 else None


def test_docker_compose_reads_the_file() -> None:
    command = _compose()
    if command is None:
        pytest.skip("`docker compose` is not present here")
    config = [*command, "--file", str(ROOT / "docker-compose.yml"), "config", "--quiet"]
    told = subprocess.run(
        config, env={**os.environ, **SECRETS}, capture_output=True, text=True, check=False, timeout=60
    )
    assert told.returncode == 0, told.stderr
    bare = {name: value for name, value in os.environ.items() if name not in SECRETS}
    without = subprocess.run(config, env=bare, capture_output=True, text=True, check=False, timeout=60, cwd="/")
    assert without.returncode != 0
    assert "LEITAI_" in without.stderr
