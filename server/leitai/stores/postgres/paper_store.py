"""`office.paper_ports.PaperStore` on PostgreSQL. Contents are encrypted before they get here (`paper_seal`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import msgspec

from leitai.office.bank import Question
from leitai.office.paper_ports import (
    LoggedAct,
    Look,
    PaperContents,
    PaperFile,
    PaperHead,
    PaperRefused,
    StoredBlueprint,
)
from leitai.rules.blueprints import Blueprint, Candidate
from leitai.rules.papers import PaperAct, PaperActKind, PaperStanding, PaperState, refusal, standing
from leitai.rules.values import ActorId, QuestionType
from leitai.stores.postgres.auditing import AuditingStore, audit, refusing
from leitai.stores.postgres.bank_store import question_of
from leitai.stores.postgres.paper_seal import (
    SealedPaper,
    open_draft,
    open_note,
    placed_texts,
    seal,
    seal_draft,
    seal_note,
)
from leitai.stores.postgres.pool import Connection, Database
from leitai.stores.postgres.queries import Queries
from leitai.stores.postgres.rows import Row
from leitai.stores.postgres.vault import Vault

PRACTISED = ("练习", "日日学", "周周练", "月月比")
"""Tags of questions that contestants may have met in practice, beside those that were released for it."""
_PAPERS = Queries("papers")
_REFUSALS = {
    "paper_act_not_own": partial(PaperRefused, "paper-own-work"),
    "paper_act_not_twice": partial(PaperRefused, "paper-approved-before"),
    "paper_act_two_approve": partial(PaperRefused, "paper-not-now"),
}
_blueprint = msgspec.json.Decoder(Blueprint).decode


@dataclass(frozen=True, slots=True)
class _Taken:
    """A paper that nobody else acts on until the transaction ends."""

    row: Row
    acts: list[Row]
    standing: PaperStanding


class PostgresPapers(AuditingStore):
    """Papers and blueprints. Every call may raise `StoreUnavailable` (as `DatabaseUnavailable`).

    Args:
        database: lent, not owned.
        vault: encrypts contents.
    """

    def __init__(self, database: Database, vault: Vault) -> None:
        super().__init__(database)
        self._vault = vault

    async def blueprints(self) -> list[StoredBlueprint]:
        """See `PaperStore.blueprints`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_PAPERS["blueprints"])
        return [
            StoredBlueprint(
                row["id"],
                row["title"],
                _blueprint(row["body"]),
                row["version"],
                ActorId(row["actor"]),
                row["changed_at"],
            )
            for row in found
        ]

    async def save_blueprint(
        self, actor: ActorId, title: str, blueprint: Blueprint, blueprint_id: int = 0, version: int = 0
    ) -> int:
        """See `PaperStore.save_blueprint`."""
        body = msgspec.json.encode(blueprint).decode()
        async with self._database.transaction() as connection:
            if blueprint_id == 0:
                saved: int | None = await connection.fetchval(_PAPERS["insert_blueprint"], title, body, actor)
            else:
                saved = await connection.fetchval(
                    _PAPERS["update_blueprint"], blueprint_id, version, title, body, actor
                )
            if saved is None:
                if not await connection.fetchval(_PAPERS["has_blueprint"], blueprint_id):
                    raise KeyError(blueprint_id)
                raise PaperRefused("paper-stale")
            await audit(connection, actor, "save-blueprint", f"blueprint {saved}", {"title": title})
        return saved

    async def candidates(self) -> list[Candidate]:
        """See `PaperStore.candidates`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_PAPERS["candidates"], list(PRACTISED))
        return [
            Candidate(
                row["question_id"],
                row["version_id"],
                QuestionType(row["type"]),
                row["module"],
                row["difficulty"],
                row["ago"],
                row["practised"],
            )
            for row in found
        ]

    async def questions(self, version_ids: Sequence[int]) -> Mapping[int, Question]:
        """See `PaperStore.questions`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_PAPERS["questions"], list(version_ids))
        return {row["id"]: question_of(row) for row in found}

    async def media(self, version_ids: Sequence[int]) -> Mapping[int, Sequence[PaperFile]]:
        """See `PaperStore.media`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_PAPERS["media"], list(version_ids))
        files: dict[int, list[PaperFile]] = {}
        for row in found:
            file = PaperFile(row["sha256"].hex(), row["media_type"], row["width"], row["height"], row["caption"])
            files.setdefault(row["version_id"], []).append(file)
        return files

    async def papers(self) -> list[PaperHead]:
        """See `PaperStore.papers`."""
        async with self._database.transaction(snapshot=True) as connection:
            found = await connection.fetch(_PAPERS["heads"], None)
            acts = await connection.fetch(_PAPERS["acts"], [row["id"] for row in found])
        return [_head(row, [act for act in acts if act["paper_id"] == row["id"]]) for row in found]

    async def paper(self, paper_id: int) -> tuple[PaperHead, list[LoggedAct]]:
        """See `PaperStore.paper`."""
        async with self._database.transaction(snapshot=True) as connection:
            row = await connection.fetchrow(_PAPERS["heads"], paper_id)
            if row is None:
                raise KeyError(paper_id)
            acts = await connection.fetch(_PAPERS["acts"], [paper_id])
        return _head(row, acts), [
            LoggedAct(
                PaperActKind(act["kind"]),
                act["edition"],
                ActorId(act["actor"]),
                act["at"],
                open_note(self._vault, paper_id, act["seq"], act["note"]),
            )
            for act in acts
        ]

    async def looks(self, paper_id: int) -> list[Look]:
        """See `PaperStore.looks`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_PAPERS["looks"], f"paper {paper_id}")
        return [Look(row["actor"], row["at"], row["edition"] or 0, row["action"]) for row in found]

    async def add_paper(self, actor: ActorId, title: str, blueprint_id: int, contents: PaperContents) -> int:
        """See `PaperStore.add_paper`."""
        blueprint = contents.blueprint
        worth = dict(blueprint.worth)
        seconds = sum(line.count * worth[line.type].seconds for line in blueprint.lines)
        async with self._database.transaction() as connection:
            paper_id: int = await connection.fetchval(
                _PAPERS["insert_paper"],
                title,
                PaperState.ASSEMBLED.value,
                blueprint_id or None,
                blueprint.items,
                blueprint.centipoints,
                seconds,
            )
            await connection.execute(_PAPERS["insert_act"], paper_id, "assemble", 1, actor, None)
            kept = seal_draft(self._vault, paper_id, 1, contents)
            await connection.execute(_PAPERS["keep"], paper_id, kept, 1, PaperState.ASSEMBLED.value)
            detail = {"title": title, "blueprint": blueprint_id, "items": blueprint.items}
            await audit(connection, actor, "assemble-paper", f"paper {paper_id}", detail)
        return paper_id

    async def contents(self, paper_id: int) -> PaperContents:
        """See `PaperStore.contents`."""
        async with self._database.transaction() as connection:
            return self._draft(await _take(connection, paper_id))

    async def change(self, actor: ActorId, paper_id: int, edition: int, contents: PaperContents) -> PaperState:
        """See `PaperStore.change`."""
        async with self._database.transaction() as connection:
            taken = await _take(connection, paper_id)
            _allowed(taken, edition, PaperActKind.CHANGE, actor)
            await connection.execute(_PAPERS["insert_act"], paper_id, "change", edition + 1, actor, None)
            kept = seal_draft(self._vault, paper_id, edition + 1, contents)
            await connection.execute(_PAPERS["keep"], paper_id, kept, edition + 1, PaperState.ASSEMBLED.value)
            detail = {"item": contents.replacements[-1].item_no, "edition": edition + 1}
            await audit(connection, actor, "change-paper", f"paper {paper_id}", detail)
        return PaperState.ASSEMBLED

    async def act(self, actor: ActorId, paper_id: int, edition: int, kind: PaperActKind, note: str = "") -> PaperState:
        """See `PaperStore.act`."""
        with refusing(_REFUSALS):
            async with self._database.transaction() as connection:
                taken = await _take(connection, paper_id)
                _allowed(taken, edition, kind, actor)
                sealed_note = seal_note(self._vault, paper_id, len(taken.acts) + 1, note)
                await connection.execute(_PAPERS["insert_act"], paper_id, kind.value, edition, actor, sealed_note)
                acts = [*(_act(one) for one in taken.acts), PaperAct(kind, actor)]
                state = standing(acts).state
                if kind is PaperActKind.SEAL:
                    kept = await self._sealed(connection, taken)
                    await connection.execute(_PAPERS["keep"], paper_id, kept, edition, state.value)
                else:
                    await connection.execute(_PAPERS["set_state"], paper_id, state.value)
                await audit(connection, actor, f"{kind.value}-paper", f"paper {paper_id}", {"edition": edition})
        return state

    def _draft(self, taken: _Taken) -> PaperContents:
        if taken.standing.state in (PaperState.SEALED, PaperState.OPENED):
            raise PaperRefused("paper-sealed")
        return open_draft(self._vault, taken.row["id"], taken.row["edition"], taken.row["sealed"])

    async def _sealed(self, connection: Connection, taken: _Taken) -> bytes:
        """Return a draft as a sealed paper, with every text in it."""
        contents = self._draft(taken)
        places = contents.places
        texts = await connection.fetch(_PAPERS["texts"], [place.version_id for place in places])
        by_id = {row["question_version_id"]: placed_texts(row) for row in texts}
        worth = dict(contents.blueprint.worth)
        items = [
            by_id[place.version_id]
            | {
                "item_no": place.item_no,
                "centipoints": (of_type := worth[QuestionType(by_id[place.version_id]["type"])]).centipoints,
                "seconds": of_type.seconds,
                "marking": of_type.marking.value,
            }
            for place in places
        ]
        paper = SealedPaper(contents.seed, items, contents)
        return seal(self._vault, taken.row["id"], taken.row["edition"], paper)


async def _take(connection: Connection, paper_id: int) -> _Taken:
    row = await connection.fetchrow(_PAPERS["take"], paper_id)
    if row is None:
        raise KeyError(paper_id)
    acts = await connection.fetch(_PAPERS["acts"], [paper_id])
    return _Taken(row, acts, standing([_act(one) for one in acts]))


def _allowed(taken: _Taken, edition: int, kind: PaperActKind, actor: ActorId) -> None:
    if code := refusal(taken.standing, kind, actor):
        raise PaperRefused(code)
    if taken.row["edition"] != edition:
        raise PaperRefused("paper-stale")


def _act(row: Row) -> PaperAct:
    return PaperAct(PaperActKind(row["kind"]), ActorId(row["actor"]))


def _head(row: Row, acts: Sequence[Row]) -> PaperHead:
    return PaperHead(
        row["id"],
        row["title"],
        standing([_act(one) for one in acts]),
        row["items"],
        row["centipoints"],
        row["seconds"],
        row["created_at"],
        row["session"] or "",
    )
