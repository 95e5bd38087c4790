"""Running a stage: what directors and judges do becomes the next entry of its log, or is refused by the law.

An act is judged by where the stage stands now, and appended only if nothing came in between; otherwise it is judged
again. So acts name what they are about (a question, a team): what has changed meanwhile refuses them.
"""

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass

from leitai.office.accounts import AccessCodes, new_code
from leitai.office.bank import Question
from leitai.office.media_types import is_image
from leitai.office.stage.ports import (
    SCREEN,
    Ballot,
    SeatKept,
    StageArchive,
    StageFile,
    StageLedger,
    StageMedia,
    StageState,
    StageWanted,
)
from leitai.rules import stage_events as e
from leitai.rules.stage import after, begun, replay
from leitai.rules.stage_events import Entry, Event, RoundPlan, StagePlan, StageRefused, check_plan
from leitai.rules.stage_state import Stage
from leitai.rules.values import Micros
from leitai.wire.messages import ItemMedia, ItemOption
from leitai.wire.stage_log import KeptEntry, StageKey, StageText, kept, kind_of

LEAD_US = 1_200_000
"""The buzzer opens so long after the director's key: all desks are told before."""
KEPT_S = 1.0
"""For so long a stage's file is believed to be as it was; its plan and questions never change."""
_MOST_FILES = 100
_TRIES = 20
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE = "stage"
"""Codes of desks are digests of their own: none of them opens anything else."""


@dataclass(frozen=True, slots=True)
class Open:
    """Open the buzzer for a question, soon: the law's event without its instant."""

    question: int


@dataclass(frozen=True, slots=True)
class CloseVote:
    """Close a vote: the law's event without its counts."""

    vote: int


@dataclass(frozen=True, slots=True)
class OpenVote:
    """Open a vote: the law's event without its number and code."""

    title: str
    choices: tuple[str, ...]


Act = Event | Open | OpenVote | CloseVote


class Stages:
    """What the office does with stages."""

    def __init__(self, archive: StageArchive, ledger: StageLedger, server_key: bytes) -> None:
        """Codes of desks and addresses of pictures and films are digests under keys that derive from `server_key`."""
        self.archive = archive
        self.ledger = ledger
        self._codes = AccessCodes(server_key)
        self._addresses = hmac.new(server_key, b"leitai stage media", hashlib.sha256).digest()
        self._files: dict[int, tuple[float, StageFile]] = {}
        self._seen: dict[int, Stage] = {}

    async def create(self, actor: str, wanted: StageWanted) -> int:
        """Keep a new stage; raises `StageRefused` and `TooFewQuestions`."""
        _check(wanted)
        return await self.archive.create_stage(actor, wanted)

    async def replan(self, actor: str, stage_id: int, edition: int, wanted: StageWanted) -> None:
        """Plan a stage otherwise before it begins; raises `StageRefused`, KeyError and `TooFewQuestions`."""
        _check(wanted)
        if not await self.archive.replan(actor, stage_id, edition, wanted):
            draft = (await self._load(stage_id)).state is StageState.DRAFT
            raise StageRefused("stage-plan-stale" if draft else "stage-begun")
        self._files.pop(stage_id, None)

    async def file(self, stage_id: int) -> StageFile:
        """Return a stage as it was kept a moment ago at most; raises KeyError."""
        until_s, held = self._files.get(stage_id, (0.0, None))
        return held if held is not None and time.monotonic() < until_s else await self._load(stage_id)

    async def _load(self, stage_id: int) -> StageFile:
        file = await self.archive.stage(stage_id)
        if len(self._files) >= _MOST_FILES:
            self._files.clear()
            self._seen.clear()
        self._files[stage_id] = (time.monotonic() + KEPT_S, file)
        return file

    async def issue(self, actor: str, stage_id: int) -> dict[int, str]:
        """Make new codes for all desks and the screens, by team; the old ones and their devices are out."""
        file = await self.file(stage_id)
        made = {team: new_code() for team in range(SCREEN, len(file.plan.teams) + 1)}
        digests = {team: self._codes.digest(_CODE, code) for team, code in made.items()}
        await self.archive.set_codes(actor, stage_id, digests)
        self._files.pop(stage_id, None)
        return made

    async def seat_of(self, code: str) -> SeatKept | None:
        """Return whose code this is, as typed."""
        return await self.archive.seat_of(self._codes.digest(_CODE, code))

    async def begin(self, actor: str, stage_id: int) -> Stage:
        """Begin a stage as it was planned; raises `StageRefused` where it has begun.

        First it is set down that its plan stays; whoever comes after one who was lost in between goes on from there.
        """
        file = await self._load(stage_id)
        if file.state is StageState.DRAFT:
            if await self.archive.shown_before(stage_id):
                raise StageRefused("stage-question-shown")
            if not await self.archive.begin(actor, stage_id, file.edition):
                raise StageRefused("stage-moved")
        elif file.state is StageState.ENDED or await self._has_log(stage_id):
            raise StageRefused("stage-begun")
        now_us = await self.ledger.time_us(stage_id)
        entry = Entry(1, now_us, actor, e.StageBegun(file.plan))
        stage = begun(entry)
        if not await self.ledger.append(stage_id, 0, [kept(entry)]):
            # Somebody began it a moment ago.
            stage = await self.stage(stage_id)
        self._files.pop(stage_id, None)
        return stage

    async def _has_log(self, stage_id: int) -> bool:
        try:
            await self.stage(stage_id)
        except StageRefused:
            return False
        return True

    async def stage(self, stage_id: int) -> Stage:
        """Return where a stage stands; raises `StageRefused` with `stage-not-begun`."""
        stage = self._seen.get(stage_id)
        news = await self.ledger.log(stage_id, stage.seq if stage else 0, 0)
        if stage is None and not news:
            news = await self._put_back(stage_id)
        for one in news:
            entry = one.entry()
            stage = begun(entry) if stage is None else after(stage, entry)
        if stage is None:
            raise StageRefused("stage-not-begun")
        self._seen[stage_id] = stage
        return stage

    async def act(self, actor: str, stage_id: int, act: Act) -> Stage:
        """Do one act; returns where the stage stands then. Raises `StageRefused` and KeyError."""
        file = await self.file(stage_id)
        for _ in range(_TRIES):
            stage = await self.stage(stage_id)
            now_us = await self.ledger.time_us(stage_id)
            event = await self._event(file, stage, act, now_us)
            entry = Entry(stage.seq + 1, now_us, actor, event)
            stands = after(stage, entry)
            if await self.ledger.append(stage_id, stage.seq, [self._told(file, entry)]):
                self._seen[stage_id] = stands
                if isinstance(event, e.VoteOpened):
                    # Only whoever was first opens the ballot: of two codes the screens would show the wrong one.
                    await self.ledger.open_ballot(stage_id, Ballot(event.vote, event.choices, event.code))
                await self._afterwards(actor, stage_id, event)
                return stands
            # Somebody was first, or the ledger has lost the log: then it is put back.
            self._seen.pop(stage_id, None)
        raise StageRefused("stage-moved")

    async def _event(self, file: StageFile, stage: Stage, act: Act, now_us: Micros) -> Event:
        """Fill in what the server knows and whoever acts does not."""
        match act:
            case e.FilmSet():
                shown = [one for one in file.media if one.question == act.question]
                if not 1 <= act.film <= len(shown) or is_image(shown[act.film - 1].media_type):
                    raise StageRefused("stage-no-film")
                return act
            case Open():
                return e.BuzzerOpened(act.question, Micros(now_us + LEAD_US))
            case OpenVote():
                number = (stage.vote.number if stage.vote else 0) + 1
                return e.VoteOpened(number, act.title, act.choices, _short_code())
            case CloseVote():
                vote = stage.vote
                if vote is None or vote.number != act.vote or vote.counts is not None:
                    raise StageRefused("stage-vote-closed")
                await self.ledger.close_ballot(file.stage_id)
                counts = await self.ledger.counts(file.stage_id, vote.number, len(vote.choices))
                return e.VoteClosed(act.vote, tuple(counts))
            case _:
                return act

    async def _afterwards(self, actor: str, stage_id: int, event: Event) -> None:
        if not isinstance(event, e.StageEnded):
            action = f"stage-{kind_of(event).replace('_', '-')}"
            await self.archive.audit(actor, action, f"stage {stage_id}", _detail(event))
        else:
            await self.record(stage_id)

    # --- what questions show ------------------------------------------------------------------------------------------

    def text(self, file: StageFile, number: int) -> StageText:
        """Return what everybody may read and see of a question once it is shown."""
        question = file.questions[number - 1]
        options = [ItemOption(one.id, one.text) for one in question.options]
        media = [
            ItemMedia(self._address(file, one), one.media_type, one.width, one.height, one.alt)
            for one in file.media
            if one.question == number
        ]
        return StageText(question.type.value, question.stem, options, list(question.parts), media)

    async def shown(self, stage_id: int, address: str, *, coming: bool = False) -> tuple[str, StageMedia] | None:
        """Return a picture or film with the address under which it was asked for.

        None: there is nothing, or it is of a question that has not been shown; `coming`: nor is the next one.
        Raises KeyError.
        """
        file = await self.file(stage_id)
        found = next((one for one in file.media if self._address(file, one) == address), None)
        if found is None:
            return None
        try:
            stage = await self.stage(stage_id)
        except StageRefused:
            return None
        seen = {one.event.question for one in stage.entries if isinstance(one.event, e.QuestionShown)}
        if coming and not stage.ended:
            seen.add(stage.next_question)
        return (address, found) if found.question in seen else None

    def _address(self, file: StageFile, media: StageMedia) -> str:
        """Return what nobody without the server's key can tell, whoever knows the bank and the plan: 128 bits."""
        about = f"{file.stage_id} {media.question} {media.sha256}".encode()
        made = hmac.new(self._addresses, about, hashlib.sha256).digest()[:16]
        return base64.urlsafe_b64encode(made).rstrip(b"=").decode()

    def _told(self, file: StageFile, entry: Entry) -> KeptEntry:
        """Return the kept form of an entry, with what the audience may know from now on."""
        event = entry.event
        if isinstance(event, e.QuestionShown):
            return kept(entry, text=self.text(file, event.question))
        if isinstance(event, e.Revealed):
            return kept(entry, key=key_of(file.questions[event.question - 1]))
        return kept(entry)

    # --- the record ---------------------------------------------------------------------------------------------------

    async def record(self, stage_id: int, last: int | None = None) -> None:
        """Bring into the archive what the log has after `last` (None: all); with its end the stage is over there."""
        news = await self.ledger.log(stage_id, last or 0, 0)
        if news and await self.archive.record(stage_id, news):
            self._files.pop(stage_id, None)
            await self.ledger.retire(stage_id)

    async def kept(self, stage_id: int) -> tuple[Stage, list[KeptEntry]]:
        """Return where a stage stands by what the archive has of it, and the entries; raises `StageRefused`."""
        entries = await self.archive.entries(stage_id)
        return replay(one.entry() for one in entries), entries

    async def _put_back(self, stage_id: int) -> list[KeptEntry]:
        """Give a ledger that has lost a log what the archive has of it; that of a stage that is over is only read."""
        entries = await self.archive.entries(stage_id)
        if entries and (await self.file(stage_id)).state is StageState.ENDED:
            return entries
        if entries:
            await self.ledger.append(stage_id, 0, entries)
            return await self.ledger.log(stage_id, 0, 0)
        return []


def _check(wanted: StageWanted) -> None:
    rounds = tuple(RoundPlan(one.kind, one.title, len(one.questions) + one.draw) for one in wanted.rounds)
    check_plan(StagePlan(wanted.title, wanted.teams, rounds, wanted.settings))


def key_of(question: Question) -> StageKey:
    """Return a question's right answer."""
    blanks = [list(alternatives) for alternatives in question.key.blanks]
    return StageKey(sorted(question.key.options), blanks, question.explanation)


def _detail(event: Event) -> Mapping[str, object]:
    """Return what the audit says of an act: figures and numbers, no texts of questions and no codes."""
    match event:
        case e.VoteOpened():
            return {"vote": event.vote, "choices": len(event.choices)}
        case _:
            return dict(kept(Entry(1, Micros(0), "", event)).body)


def _short_code() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(6))


class Recorder:
    """Carries what happens on stages into the archive, again and again; several may do the same."""

    def __init__(self, stages: Stages) -> None:
        self._stages = stages

    async def round(self) -> None:
        """Record what is new of every stage under way."""
        for stage_id, last in (await self._stages.archive.running()).items():
            await self._stages.record(stage_id, last)
