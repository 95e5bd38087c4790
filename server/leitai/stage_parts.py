"""Builds the staff's part of stage rounds. Imported by office_parts only."""

from leitai.config import Settings
from leitai.stage_doors import stages_of
from leitai.stores.postgres.pool import Database
from leitai.stores.valkey.connection import Store
from leitai.web.doors import ItemBytes
from leitai.web.stage import StagePart


def stage_part(database: Database, settings: Settings, store: Store, media: ItemBytes) -> StagePart:
    """Return the staff's doors; `media` reads what questions show. Nothing connects yet."""
    return StagePart(stages_of(database, settings, store), media, min(settings.allowed_origins))
