"""The papers' office: from a blueprint to a sealed paper. Every look at a paper's questions is set down before it."""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from leitai.office.bank import Question
from leitai.office.paper_ports import (
    LoggedAct,
    Look,
    PaperContents,
    PaperFile,
    PaperHead,
    PaperRefused,
    PaperStore,
    Replacement,
    StoredBlueprint,
)
from leitai.rules.assembly import (
    Exhausted,
    Placed,
    Unfit,
    assemble,
    bank_state,
    draw_another,
    fitting,
    put_by_hand,
)
from leitai.rules.blueprints import Blueprint, Candidate, Shortage, available, faults, shortages, supply
from leitai.rules.papers import PaperActKind, PaperState, may_see
from leitai.rules.rights import Role
from leitai.rules.values import ActorId, ItemNo

FITS_SHOWN = 50
MAX_REASON = 500


@dataclass(frozen=True, slots=True)
class Member:
    """Who acts: login and roles."""

    login: ActorId
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Feasibility:
    """Whether the bank can fill a blueprint: what each line could draw on by itself, and every shortage."""

    has: tuple[int, ...]
    shortages: tuple[Shortage, ...]


@dataclass(frozen=True, slots=True)
class PaperRecord:
    """A paper, what was done with it, and who looked."""

    head: PaperHead
    acts: tuple[LoggedAct, ...]
    looks: tuple[Look, ...]


@dataclass(frozen=True, slots=True)
class PaperPages:
    """A draft as it is read: its contents, and the questions' texts and what they show, by version."""

    edition: int
    contents: PaperContents
    questions: Mapping[int, Question]
    media: Mapping[int, Sequence[PaperFile]]


class PaperRoom:
    """Papers. Errors: `PaperRefused`, `rules.assembly.NotFeasible`, KeyError for what there is not."""

    def __init__(self, store: PaperStore) -> None:
        self._store = store

    async def blueprints(self) -> list[StoredBlueprint]:
        """Return the blueprints that are kept, the newest first."""
        return await self._store.blueprints()

    async def save_blueprint(
        self, actor: ActorId, title: str, blueprint: Blueprint, blueprint_id: int = 0, version: int = 0
    ) -> int:
        """Keep a blueprint, a new one when its id is 0, and return its id."""
        _sound(blueprint)
        return await self._store.save_blueprint(actor, title, blueprint, blueprint_id, version)

    async def feasibility(self, blueprint: Blueprint) -> Feasibility:
        """Return whether the bank can fill a blueprint now."""
        _sound(blueprint)
        candidates = await self._store.candidates()
        return await asyncio.to_thread(_feasibility, blueprint, candidates)

    async def assemble(self, actor: ActorId, title: str, blueprint: Blueprint, blueprint_id: int, seed: str) -> int:
        """Assemble a paper and return its id; an empty `seed` is drawn here.

        Raises:
            NotFeasible: the bank cannot fill it; nothing was made.
        """
        _sound(blueprint)
        # With the bank the seed tells the paper, so nobody shall guess it.
        seed = seed or secrets.token_hex(16)
        candidates = await self._store.candidates()
        places = await asyncio.to_thread(assemble, candidates, blueprint, seed)
        state = await asyncio.to_thread(bank_state, candidates)
        return await self._store.add_paper(actor, title, blueprint_id, PaperContents(seed, state, blueprint, places))

    async def papers(self) -> list[PaperHead]:
        """Return the papers, the newest first."""
        return await self._store.papers()

    async def record(self, paper_id: int) -> PaperRecord:
        """Return a paper's record, without its questions."""
        head, acts = await self._store.paper(paper_id)
        return PaperRecord(head, tuple(acts), tuple(await self._store.looks(paper_id)))

    async def read(self, member: Member, paper_id: int) -> PaperPages:
        """Return a draft with its questions; the look is in the audit before."""
        edition = await self._seen(member, paper_id, "view-paper")
        contents = await self._store.contents(paper_id)
        versions = [place.version_id for place in contents.places]
        return PaperPages(edition, contents, await self._store.questions(versions), await self._store.media(versions))

    async def fits(self, member: Member, paper_id: int, item_no: ItemNo, text: str) -> list[tuple[int, Question]]:
        """Return questions (by their ids) that could take an item's place, those with `text` in them; 50 at most."""
        await self._seen(member, paper_id, "view-paper-fits")
        contents = await self._store.contents(paper_id)
        candidates = await self._store.candidates()
        able = await asyncio.to_thread(fitting, candidates, contents.blueprint, contents.seed, contents.places, item_no)
        found: list[tuple[int, Question]] = []
        for start in range(0, len(able), 500):
            some = able[start : start + 500]
            texts = await self._store.questions([one.version_id for one in some])
            found += [(one.question_id, texts[one.version_id]) for one in some if _has(texts[one.version_id], text)]
            if len(found) >= FITS_SHOWN:
                break
        return found[:FITS_SHOWN]

    async def replace(
        self, member: Member, paper_id: int, edition: int, item_no: ItemNo, question_id: int | None, reason: str
    ) -> PaperState:
        """Put a chosen question in an item's place, or with None the next by lot; the reason stays in the paper."""
        reason = _reason(reason)
        await self._seen(member, paper_id, "view-paper")
        contents = await self._store.contents(paper_id)
        candidates = await self._store.candidates()
        places = await asyncio.to_thread(_replaced, candidates, contents, item_no, question_id)
        removed, put = _question_at(contents.places, item_no), _question_at(places, item_no)
        how = "drawn" if question_id is None else "by_hand"
        done = Replacement(item_no, removed, put, how, reason, member.login)
        changed = replace(contents, places=places, replacements=(*contents.replacements, done))
        return await self._store.change(member.login, paper_id, edition, changed)

    async def act(self, member: Member, paper_id: int, edition: int, kind: PaperActKind, note: str = "") -> PaperState:
        """Submit, approve, send back or seal, as the law allows; sending back needs a reason."""
        head, _ = await self._store.paper(paper_id)
        if kind is PaperActKind.RETURN:
            note = _reason(note)
        code = None
        if kind is not PaperActKind.SEAL and not may_see(head.standing, member.login, member.roles):
            # Nobody submits or approves what they may not read.
            code = "paper-not-now" if head.standing.state is PaperState.SEALED else "forbidden"
        try:
            if code is not None:
                raise PaperRefused(code)
            return await self._store.act(member.login, paper_id, edition, kind, note)
        except PaperRefused as refused:
            await self._store.audit(
                member.login, f"{kind.value}-paper-refused", f"paper {paper_id}", {"code": refused.code}
            )
            raise

    async def _seen(self, member: Member, paper_id: int, what: str) -> int:
        """Set down that somebody looks and return the edition; raises `PaperRefused` for whoever may not."""
        head, _ = await self._store.paper(paper_id)
        here = head.standing
        subject = f"paper {paper_id}"
        if not may_see(here, member.login, member.roles):
            code = "paper-sealed" if here.state in (PaperState.SEALED, PaperState.OPENED) else "forbidden"
            detail = {"code": code, "edition": here.edition}
            await self._store.audit(member.login, "view-paper-refused", subject, detail)
            raise PaperRefused(code)
        await self._store.audit(member.login, what, subject, {"edition": here.edition})
        return here.edition


def _sound(blueprint: Blueprint) -> None:
    if found := faults(blueprint):
        raise PaperRefused(found[0])


def _feasibility(blueprint: Blueprint, candidates: Sequence[Candidate]) -> Feasibility:
    return Feasibility(available(blueprint, supply(blueprint, candidates)), shortages(blueprint, candidates))


def _reason(reason: str) -> str:
    reason = reason.strip()
    if not reason or len(reason) > MAX_REASON:
        raise PaperRefused("paper-reason-missing")
    return reason


def _has(question: Question, text: str) -> bool:
    return not text or text in question.stem or any(text in option.text for option in question.options)


def _question_at(places: Sequence[Placed], item_no: ItemNo) -> int:
    return next(one.question_id for one in places if one.item_no == item_no)


def _replaced(
    candidates: Sequence[Candidate], contents: PaperContents, item_no: ItemNo, question_id: int | None
) -> tuple[Placed, ...]:
    blueprint, seed, places = contents.blueprint, contents.seed, contents.places
    try:
        if question_id is None:
            refused = {one.removed for one in contents.replacements}
            return draw_another(candidates, blueprint, seed, places, item_no, refused)
        return put_by_hand(candidates, blueprint, seed, places, item_no, question_id)
    except Exhausted:
        raise PaperRefused("paper-no-other") from None
    except Unfit:
        raise PaperRefused("paper-unfit") from None
