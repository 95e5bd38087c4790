"""What the record knows of the calendar's stages of bank and draw: an `office.calendar.ports.FactSource`."""

from collections.abc import Mapping

from leitai.rules.calendar import Fact, Progress, Stage
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.queries import Queries
from leitai.stores.postgres.rows import Row

_FACTS = Queries("stage_facts")


class StageFacts:
    """Facts of bank and draw. Lent a database, not its owner."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def facts(self, contest_id: int) -> Mapping[Stage, Fact]:
        """See `FactSource.facts`."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_FACTS["facts"], contest_id)
        assert row is not None
        return {**_bank(row), **_draw(row)}


def _bank(row: Row) -> dict[Stage, Fact]:
    """The year's first published edition ends the revision, a second one is the supplement (plan 五).

    Nothing is known of a year in which nobody worked on the syllabus here.
    """
    editions, published = row["editions"], row["published"]
    if not editions:
        return {}
    supplement = Progress.NONE
    if published:
        supplement = Progress.DONE if published > 1 else Progress.BEGUN if editions > published else Progress.NONE
    return {
        Stage.BANK_REVISION: Fact(Progress.DONE if published else Progress.BEGUN),
        Stage.BANK_PUBLICATION: Fact(Progress.DONE if published else Progress.NONE),
        Stage.SUPPLEMENT: Fact(supplement),
    }


def _draw(row: Row) -> dict[Stage, Fact]:
    """A draw is under way from its announcement on, also after one that was abandoned, and done when all is drawn.

    Nothing is known of a contest whose roster came in by a file: its draw was elsewhere.
    """
    state = row["draw"]
    if state is None:
        return {} if row["rostered"] else {Stage.DRAW: Fact(Progress.NONE)}
    return {Stage.DRAW: Fact(Progress.DONE if state == "drawn" else Progress.BEGUN)}
