"""Subscriptions to reminders in PostgreSQL: `office.practice.push.reminding.PushStore`."""

import hashlib
from collections.abc import Sequence
from datetime import date

import msgspec

from leitai.office.practice.push.encryption import read, written
from leitai.office.practice.push.reminding import Claimed, Subscription
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.queries import Queries
from leitai.stores.postgres.vault import Vault

MOST_BROWSERS = 5
"""Of one learner."""
MOST_FAILURES = 5
"""In a row, a day each."""
_PUSH = Queries("practice_push")
_kept = msgspec.json.Decoder(tuple[str, str, str])


class PushSubscriptions:
    """Subscriptions; addresses and keys are sealed.

    Args:
        database: lent, not owned.
        vault: seals them.
    """

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def subscribe(self, learner_id: int, subscription: Subscription) -> None:
        """See `PushStore.subscribe`."""
        digest = _digest(subscription.endpoint)
        parts = (subscription.endpoint, written(subscription.public), written(subscription.auth))
        sealed = self._vault.seal_text(_context(digest), msgspec.json.encode(parts).decode())
        async with self._database.transaction() as connection:
            await connection.execute(_PUSH["one_at_a_time"], learner_id)
            await connection.execute(_PUSH["subscribe"], learner_id, digest, sealed, subscription.locale)
            await connection.execute(_PUSH["drop_oldest"], learner_id, MOST_BROWSERS)

    async def unsubscribe(self, learner_id: int, endpoint: str) -> None:
        """See `PushStore.unsubscribe`."""
        async with self._database.connection() as connection:
            await connection.execute(_PUSH["unsubscribe"], learner_id, _digest(endpoint))

    async def subscribed(self, learner_id: int) -> int:
        """See `PushStore.subscribed`."""
        async with self._database.connection() as connection:
            return await connection.fetchval(_PUSH["subscribed"], learner_id)

    async def claim(self, day: date, most: int) -> Sequence[Claimed]:
        """See `PushStore.claim`."""
        async with self._database.transaction() as connection:
            found = await connection.fetch(_PUSH["claim"], day, most)
        claimed: list[Claimed] = []
        for row in found:
            endpoint, public, auth = _kept.decode(self._vault.open_text(_context(row["digest"]), row["sealed"]))
            claimed.append(Claimed(row["id"], Subscription(endpoint, read(public), read(auth), row["locale"])))
        return claimed

    async def gone(self, subscription_id: int) -> None:
        """See `PushStore.gone`."""
        async with self._database.connection() as connection:
            await connection.execute(_PUSH["gone"], subscription_id)

    async def tried(self, subscription_id: int, *, well: bool) -> None:
        """See `PushStore.tried`."""
        async with self._database.transaction() as connection:
            if well:
                await connection.execute(_PUSH["went_well"], subscription_id)
            elif (await connection.fetchval(_PUSH["failed"], subscription_id) or 0) >= MOST_FAILURES:
                await connection.execute(_PUSH["gone"], subscription_id)


def _digest(endpoint: str) -> bytes:
    return hashlib.sha256(endpoint.encode()).digest()


def _context(digest: bytes) -> str:
    """What a sealed subscription is bound to: one that is moved to another row does not open."""
    return f"push {digest.hex()}"
