"""The whole look: every probe, then every judgement."""

import asyncio
from pathlib import Path

import leitai
from leitai.config import BadSettings, Settings
from leitai.doctor.findings import Demand, Finding, Severity, judged
from leitai.doctor.judgement import deployment, machine, postgres, valkey
from leitai.doctor.probe import machine as this_machine
from leitai.doctor.probe import postgres as database
from leitai.doctor.probe.valkey import StoreLooked
from leitai.resources import shipped
from leitai.wire.messages import SUBPROTOCOL

DEMO_KEY = Path("data/secret-key")
"""Where `leitai run` keeps the key that it made for itself."""


async def examine(settings: Settings, demand: Demand, data: Path | None = None) -> list[Finding]:
    """Return every finding, area by area; `data` is the folder whose disk is tried, the store's own by default."""
    store = StoreLooked(settings.valkey_url)
    await store.look(demand.replicas)
    seen, clock = await database.look(settings.database_url, shipped("sql"))
    ports = {store.port} if store.here else set[int]()
    if database.is_here(settings.database_url):
        ports |= {port for _, port in database.addresses(settings.database_url)}
    return [
        judged("version.leitai", None, leitai.__version__, leitai.__version__),
        judged("version.wire", None, SUBPROTOCOL, SUBPROTOCOL),
        *valkey.judge(store.seen, demand),
        *postgres.judge(seen, demand),
        *(machine.judge_clock(one) for one in (store.clock, clock) if one is not None),
        *machine.judge(this_machine.look(store_here=store.here, store_ports=ports, driver=settings.driver), demand),
        *await _disk(data, store),
        *await _deployment(settings, demand, reachable=not seen.unreachable),
    ]


async def _disk(data: Path | None, store: StoreLooked) -> list[Finding]:
    folder = data or (Path(store.folder) if store.here and store.folder else None)
    seen = None if folder is None else await asyncio.to_thread(this_machine.look_at_disk, folder)
    if seen is None or not seen.syncs_ms:
        return [judged("disk.tried", Severity.WARNING, folder or "—", "✓")]
    return machine.judge_disk(seen)


async def _deployment(settings: Settings, demand: Demand, *, reachable: bool) -> list[Finding]:
    try:
        key = settings.server_key
    except BadSettings:
        key = b""
    host, port = settings.address
    seen = deployment.SettingsSeen(
        key=key,
        key_of_demo=await asyncio.to_thread(_kept_in, DEMO_KEY, settings.secret_key),
        origins=sorted(settings.allowed_origins),
        https=settings.https,
        host=host,
        port=port,
        door=await asyncio.to_thread(this_machine.look_at_door, host, port),
        office_host=settings.office_address[0],
        office_origins=sorted(settings.allowed_office_origins),
        metrics_host=settings.metrics_address[0],
        metrics_token=bool(settings.metrics_token),
    )
    found = deployment.judge_settings(seen, demand)
    if key and reachable:
        found += deployment.judge_session(await database.look_at_session(settings.database_url, key, settings.owner))
    return found


def _kept_in(file: Path, text: str) -> bool:
    try:
        return file.read_text("utf-8").strip() == text.strip()
    except OSError:
        return False
