"""The JSON bodies of the audit."""

from typing import Any

from msgspec import Struct


class AuditLine(Struct, frozen=True):
    """One entry: who did what, to what, when; `detail` as it was written down."""

    no: int
    at_us: int
    actor: str
    name: str
    """Of the account; empty when there is none of that login."""
    action: str
    subject: str
    detail: dict[str, Any]


class AuditPage(Struct, frozen=True):
    """Entries, the newest first. `before` is what the next page is asked by; 0: there is none."""

    lines: list[AuditLine]
    before: int


class AuditState(Struct, frozen=True):
    """The chain's state: every entry up to `checked` was recomputed at `checked_at_us`."""

    checked: int
    checked_at_us: int
    broken: int
    """The first entry that does not follow from those before it; 0: none."""
    why: str
    """`changed`, `gap`, or empty."""
    head: str
    """Hash of the last entry that was checked, in hex: whoever notes it down can tell a shortened audit later."""
    actors: list[str]
    actions: list[str]
