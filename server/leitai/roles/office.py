"""The office: the staff's door, built from everything the office does."""

import asyncio
import os
from collections.abc import Callable

from leitai.identity_parts import identity_of_staff
from leitai.live.clock import ContestClock
from leitai.live.ports import SessionFile
from leitai.machine_door import ProcessReadiness
from leitai.office.auditing.watch import tell_heads
from leitai.office_door import Watching, serve_office
from leitai.office_parts import office_parts
from leitai.resources import built_client
from leitai.roles.item_media import ItemBytes
from leitai.roles.parts import Parts
from leitai.roles.results import kept_awards
from leitai.rules.values import Phase
from leitai.stores.postgres.audit_store import PostgresAudit
from leitai.stores.postgres.media_store import PostgresMedia
from leitai.stores.valkey.accept import ValkeyLedger
from leitai.stores.valkey.session import ValkeySession
from leitai.stores.valkey.staff_sessions import ValkeyStaffSessions
from leitai.stores.valkey.tickets import ValkeyTickets
from leitai.turns import Share
from leitai.web.feed import Feed

_UNDER_WAY = frozenset({Phase.LOBBY, Phase.RUNNING, Phase.PAUSED})
_LOOK_S = 1.0


async def attend_staff(
    parts: Parts,
    readiness: ProcessReadiness,
    stopping: asyncio.Event,
    began: Callable[[], None],
    *,
    gives_way: bool = False,
) -> None:
    """Serve the staff until `stopping`.

    Args:
        gives_way: from a session's lobby to its end this process keeps to half of the processors, unless
            `LEITAI_OFFICE_AT_ONCE=1` is in the environment: on machines that are busy otherwise, such as those that run
            tests, its turn might not come there.
    """
    sessions, tickets = ValkeyStaffSessions(parts.store), ValkeyTickets(parts.store)

    def opened(file: SessionFile) -> tuple[ValkeySession, ValkeyLedger, ContestClock]:
        ledger = ValkeyLedger(parts.store, file.session_id, file.shards)
        return ValkeySession(parts.reading, file.session_id, file.shards), ledger, ContestClock(ledger)

    watching = Watching(parts.archive, opened)
    client = built_client()
    media = ItemBytes(PostgresMedia(parts.database).item_part)
    feed = Feed(watching, parts.office, kept_awards(parts), parts.name)
    # An audit that is cut short afterwards lacks what the log says it had.
    beside = [asyncio.create_task(tell_heads(PostgresAudit(parts.database)))]
    if gives_way and os.environ.get("LEITAI_OFFICE_AT_ONCE") != "1":
        beside.append(asyncio.create_task(give_way(watching, Share())))
    try:
        await serve_office(
            parts.settings,
            parts.office,
            watching,
            feed,
            media,
            sessions,
            tickets,
            identity_of_staff(parts.database, parts.vault, parts.store, parts.settings),
            readiness,
            client,
            office_parts(parts.database, parts.vault, parts.settings, parts.store, media, watching.under_way),
            began,
            stopping,
        )
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)


async def give_way(watching: Watching, share: Share) -> None:
    """Leave half of the processors to a contest while there is one, until cancelled."""
    while True:
        share.keep_to_half(watching.sight is not None and watching.sight.phase in _UNDER_WAY)
        await asyncio.sleep(_LOOK_S)
