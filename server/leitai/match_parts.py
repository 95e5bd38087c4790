"""Builds matches between learners: their doors, and the hub of their sockets. Imported by practice_parts only."""

import hmac
from collections.abc import Awaitable, Callable, Sequence

from leitai.config import Settings
from leitai.live.match.hub import MatchHub
from leitai.live.match.ports import MatchItem
from leitai.office.bank import Question
from leitai.office.practice.catalogue import Catalogue
from leitai.office.practice.matches import Matches
from leitai.office.practice.memory import missed_in_match
from leitai.rules.values import ItemNo, Micros, PaperItem
from leitai.stores.postgres.matches_store import PostgresMatches
from leitai.stores.postgres.pool import Database
from leitai.stores.valkey.connection import Store
from leitai.stores.valkey.matches import ValkeyMatches
from leitai.web.doors import WebSettings
from leitai.web.practice_matches import MatchesPart
from leitai.wire.messages import ItemContent, ItemOption

_CENTIPOINTS = 100


class MatchBank:
    """`live.match.ports.MatchQuestions` over what is released."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    async def items(self, version_ids: Sequence[int]) -> Sequence[MatchItem]:
        """See `MatchQuestions.items`."""
        found = await self._catalogue.questions(version_ids)
        return [_item(place, found[one]) for place, one in enumerate(version_ids, start=1)]


def match_parts(
    database: Database,
    settings: Settings,
    web: WebSettings,
    store: Store,
    catalogue: Catalogue,
    tries: Callable[[str, int], Awaitable[int]],
    now_us: Callable[[], Micros],
) -> tuple[MatchesPart, MatchHub]:
    """Return the doors and the hub; nothing connects yet."""
    streams, record = ValkeyMatches(store), PostgresMatches(database, missed_in_match)
    secret = hmac.digest(settings.server_key, b"leitai matches", "sha256")
    hub = MatchHub(streams, streams, MatchBank(catalogue), record, secret)
    matches = Matches(streams, record, catalogue, now_us, settings.match_pause_ms * 1_000, settings.match_seconds)
    return MatchesPart(matches, tries, web.ticket_seconds), hub


def _item(place: int, question: Question) -> MatchItem:
    options = tuple(one.id for one in question.options)
    item = PaperItem(ItemNo(place), question.type, _CENTIPOINTS, 0, options, question.key)
    shown = [ItemOption(one.id, one.text) for one in question.options]
    return MatchItem(
        item, ItemContent(question.type.value, question.stem, shown, 0, _CENTIPOINTS), question.explanation
    )
