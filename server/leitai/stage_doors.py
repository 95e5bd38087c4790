"""Builds what stage rounds need at a gateway and a recorder, without the staff's part. Imported by roles."""

import asyncio

import structlog

from leitai.config import Settings
from leitai.live.ports import StoreUnavailable
from leitai.office.stage.audience import Audience
from leitai.office.stage.stages import Recorder, Stages
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.stage_store import PostgresStages
from leitai.stores.valkey.connection import Store
from leitai.stores.valkey.stages import ValkeyStages
from leitai.web.doors import ItemBytes, WebSettings
from leitai.web.stage_public import StageDoors

_RECORD_S = 1.0
_log = structlog.get_logger()


def stage_doors(database: Database, settings: Settings, store: Store, media: ItemBytes) -> StageDoors:
    """Return the doors of devices and the audience; `media` reads what they are shown. Nothing connects yet."""
    web = WebSettings(origins=settings.allowed_origins, https=settings.https)
    address = min(settings.allowed_origins)
    audience = Audience(stages_of(database, settings, store))
    return StageDoors(audience, ValkeyStages(store), media, web, settings.server_key, address)


async def keep_stages(database: Database, settings: Settings, store: Store, stopping: asyncio.Event) -> None:
    """Carry what happens on stages into the archive, until `stopping`."""
    recorder = Recorder(stages_of(database, settings, store))
    while not stopping.is_set():
        try:
            await recorder.round()
        except StoreUnavailable as outage:
            _log.warning("archive_out", reason=str(outage))
        except Exception:
            # Whoever records a contest here goes on, whatever is wrong with a stage.
            _log.exception("stages_not_recorded")
        try:
            await asyncio.wait_for(stopping.wait(), _RECORD_S)
        except TimeoutError:
            continue


def stages_of(database: Database, settings: Settings, store: Store) -> Stages:
    """Return what the office does with stages."""
    return Stages(PostgresStages(database), ValkeyStages(store), settings.server_key)
