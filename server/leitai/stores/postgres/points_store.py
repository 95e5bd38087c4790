"""What practice earns: the ledger and the sums that follow from it, kept in the transaction of whoever earns."""

from leitai.office.practice.ports import Earned
from leitai.stores.postgres.pool import Connection
from leitai.stores.postgres.queries import Queries

_POINTS = Queries("practice_points")


async def add_points(connection: Connection, earned: Earned) -> bool:
    """Write an entry of the ledger and add it to the learner's sums by day, week, month and in all; False: that source
    has earned already, and nothing was written.

    Call it within the transaction that closes the set: then both are there or neither.
    """
    added = await connection.fetchval(
        _POINTS["earn"],
        earned.learner_id,
        earned.on_day,
        earned.kind.value,
        earned.source,
        earned.centipoints,
        earned.questions,
    )
    return added is not None
