"""The practice office in PostgreSQL: `office.practice.desk_ports.DeskStore`."""

from collections.abc import Mapping, Sequence
from datetime import date

from leitai.office.practice.desk_ports import KeptFinding, Mark, Participation, Release, ReleaseRefused, Stock
from leitai.office.practice.sets_ports import Key
from leitai.office.practice.topics import PRACTISED_MODULES
from leitai.rules.practice_patterns import Finding, Pattern
from leitai.rules.practice_sets import PRACTISED
from leitai.rules.values import Micros, QuestionType
from leitai.stores.postgres.auditing import AuditingStore, audit
from leitai.stores.postgres.queries import Queries
from leitai.stores.postgres.rows import Row, storable

_DESK = Queries("practice_desk")
_TYPES = [one.value for one in PRACTISED]


class PracticeDesk(AuditingStore):
    """Releases, findings, participation."""

    async def releases(self) -> Sequence[Release]:
        """See `DeskStore.releases`."""
        async with self._database.connection() as connection:
            return [_release(row) for row in await connection.fetch(_DESK["releases"])]

    async def stock(self, edition_id: int, day: date) -> Mapping[Key, Stock]:
        """See `DeskStore.stock`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_DESK["stock"], edition_id, day, _TYPES, list(PRACTISED_MODULES))
        return {
            (row["module"], QuestionType(row["type"])): Stock(row["served"], row["scheduled"], row["ready"])
            for row in found
        }

    async def release(
        self, edition_id: int, module: str, question_type: QuestionType | None, from_day: date, actor: str
    ) -> int:
        """See `DeskStore.release`."""
        types = _TYPES if question_type is None else [question_type.value]
        async with self._database.transaction() as connection:
            # Two who release at once would each take the same questions.
            await connection.execute(_DESK["lock_releases"])
            if edition_id and not await connection.fetchval(_DESK["edition"], edition_id):
                raise KeyError(edition_id)
            ready = [row["question_id"] for row in await connection.fetch(_DESK["ready"], edition_id, module, types)]
            if not ready:
                raise ReleaseRefused("practice-nothing-to-release")
            kept_type = "" if question_type is None else question_type.value
            release_id: int = await connection.fetchval(
                _DESK["add_release"], edition_id, module, kept_type, from_day, len(ready), actor
            )
            await connection.execute(_DESK["add_questions"], ready, release_id)
            detail = {"module": module, "type": kept_type, "from": from_day.isoformat(), "questions": len(ready)}
            await audit(connection, actor, "release-practice", f"release {release_id}", detail)
        return len(ready)

    async def withdraw(self, release_id: int, reason: str, actor: str) -> None:
        """See `DeskStore.withdraw`."""
        async with self._database.transaction() as connection:
            row = await connection.fetchrow(_DESK["release_state"], release_id)
            if row is None:
                raise KeyError(release_id)
            if row["withdrawn_by"] is not None:
                raise ReleaseRefused("practice-withdrawn")
            reason = storable(reason)
            await connection.execute(_DESK["withdraw"], release_id, actor, reason)
            await audit(connection, actor, "withdraw-practice", f"release {release_id}", {"reason": reason})

    async def findings(self, after: int, most: int) -> tuple[Sequence[KeptFinding], int, date | None]:
        """See `DeskStore.findings`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_DESK["findings"], after, most)
            checked = await connection.fetchval(_DESK["checked"])
            marks = await connection.fetch(_DESK["finding_marks"], [row["id"] for row in found])
        return [_finding(row, marks) for row in found], found[0]["total"] if found else 0, checked

    async def see_finding(self, finding_id: int, note: str, actor: str) -> None:
        """See `DeskStore.see_finding`."""
        async with self._database.transaction() as connection:
            if await connection.fetchval(_DESK["see_finding"], finding_id, actor, storable(note)) is None:
                raise KeyError(finding_id)
            await audit(connection, actor, "see-practice-finding", f"finding {finding_id}", {})

    async def participation(self, first: date, last: date) -> tuple[Sequence[Participation], date | None]:
        """See `DeskStore.participation`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_DESK["participation"], first, last)
            checked = await connection.fetchval(_DESK["checked_until"], last)
        rows = [
            Participation(
                row["province"],
                row["province_name"],
                row["module"],
                row["learners"],
                row["answers"],
                row["right_answers"],
            )
            for row in found
        ]
        return rows, checked


def _release(row: Row) -> Release:
    return Release(
        row["id"],
        row["edition_id"] or 0,
        row["edition_name"],
        row["module"],
        QuestionType(row["type"]) if row["type"] else None,
        row["from_day"],
        row["questions"],
        row["released_by"],
        Micros(row["at_us"]),
        row["withdrawn_by"] or "",
        row["reason"],
    )


def _finding(row: Row, marks: Sequence[Row]) -> KeptFinding:
    found = Finding(Pattern(row["pattern"]), tuple(row["learners"]), row["answers"], row["figure_us"])
    own = (one for one in marks if one["finding_id"] == row["id"])
    words = tuple(Mark(Micros(one["at_us"]), one["seen_by"], one["note"]) for one in own)
    return KeptFinding(row["id"], row["day"], found, words)
