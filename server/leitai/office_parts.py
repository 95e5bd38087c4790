"""Builds the parts of the office's work before and after a contest, with what each needs. Imported by compose only."""

from leitai.config import Settings
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.vault import Vault
from leitai.web.parts import OfficePart, PublicPart


def office_parts(database: Database, vault: Vault, settings: Settings) -> tuple[OfficePart, ...]:
    """Return every part for the staff, in no particular order. Nothing connects yet."""
    del database, vault, settings
    return ()


def public_parts(database: Database, vault: Vault, settings: Settings) -> tuple[PublicPart, ...]:
    """Return every part that anybody may look at. Nothing connects yet."""
    del database, vault, settings
    return ()
