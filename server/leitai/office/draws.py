"""The draw as the office carries it out: the protocol of `rules.draw_protocol` over what the store keeps.

Whatever is refused is in the audit with its code; seeds stand in no log.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from leitai.office.draw_ports import DrawContest, DrawStore, KeptDraw, Manner, NominationSource, Showing
from leitai.office.people_ports import Nomination
from leitai.office.roster import DRAWN_PLACES
from leitai.rules.draw import NominationList, lists_digest
from leitai.rules.draw_protocol import Draw, DrawAct, DrawRefused, DrawState, Event, Notice, announce, holds, take
from leitai.rules.transcript import Earlier, transcript_of
from leitai.rules.values import ActorId, Micros

_BETWEEN = re.compile(r"[\s,;、，；]+")
_LEADING = re.compile(r"0+(?=[0-9])")


@dataclass(frozen=True, slots=True)
class Announcement:
    """What is to be announced, over the lists that are frozen. `number` is the one that was seen coming."""

    number: int
    reason: str
    parties: Sequence[str]
    value_name: str
    value_kind: str
    known_from_us: Micros
    places: int = DRAWN_PLACES


@dataclass(frozen=True, slots=True)
class ContestDraws:
    """A contest, its draws by number, and the lists from which another would be drawn."""

    contest: DrawContest
    draws: Sequence[KeptDraw]
    lists: Sequence[NominationList]


def nomination_id(nomination: Nomination) -> str:
    """Return what a nominated person is called in the published list and in records: `007 阿依古丽·买买提`."""
    return f"{nomination.no:03d} {nomination.person.name}"


def tidy_value(kind: str, text: str) -> str:
    """Return a public value as people type it in the form that `rules.draw.read_value` reads, if it has one.

    Wide digits become narrow ones, commas and blanks between numbers one blank, `03` becomes `3`.
    """
    narrow = unicodedata.normalize("NFKC", text).strip()
    if kind != "numbers":
        return narrow
    return " ".join(_LEADING.sub("", one) for one in _BETWEEN.split(narrow))


class Draws:
    """The draws of every contest.

    Args:
        store: where they are kept.
        lists: who is in the draw.
        now_us: the clock, in microseconds since the Unix epoch.
    """

    def __init__(self, store: DrawStore, lists: NominationSource, now_us: Callable[[], int]) -> None:
        self._store = store
        self._lists = lists
        self.now_us = now_us

    async def contests(self) -> Sequence[DrawContest]:
        """Return the contests, the newest first; raises `StoreUnavailable`."""
        return await self._store.draw_contests()

    async def published(self, contest_id: int) -> tuple[DrawContest, Sequence[KeptDraw]]:
        """Return a contest and its draws; raises KeyError and `StoreUnavailable`."""
        return await self._store.draw_contest(contest_id), await self._store.kept_draws(contest_id)

    async def of_contest(self, contest_id: int) -> ContestDraws:
        """Return a contest's draws and what another would be drawn from; raises KeyError and `StoreUnavailable`."""
        contest, kept = await self.published(contest_id)
        return ContestDraws(contest, kept, await self._lists.nomination_lists(contest_id))

    async def announce(self, contest_id: int, asked: Announcement, actor: ActorId) -> Draw:
        """Announce a draw.

        Raises:
            KeyError: there is no such contest.
            DrawRefused: see `rules.draw_protocol.announce`; `draw-lists-missing` while no lists are frozen.
            StoreUnavailable: from the store.
        """
        await self._store.draw_contest(contest_id)
        kept = await self._store.kept_draws(contest_id)
        lists = tuple(await self._lists.nomination_lists(contest_id))
        notice = Notice(
            asked.number,
            asked.reason.strip(),
            tuple(one.strip() for one in asked.parties),
            asked.value_name.strip(),
            asked.value_kind,
            asked.known_from_us,
            asked.places,
            lists,
        )
        try:
            if not lists:
                raise DrawRefused("draw-lists-missing")
            draw = announce(notice, actor, Micros(self.now_us()), [one.draw for one in kept])
            await self._store.add_draw(contest_id, draw)
        except DrawRefused as refusal:
            await self._refused(contest_id, asked.number, DrawAct.ANNOUNCE, actor, refusal)
            raise
        return draw

    async def act(
        self,
        contest_id: int,
        number: int,
        act: DrawAct,
        actor: ActorId,
        expects: int,
        party: int = 0,
        content: str = "",
    ) -> Draw:
        """Do an act to a draw that had `expects` events when it was looked at.

        Raises:
            KeyError: there is no such contest or draw.
            DrawRefused: see `rules.draw_protocol.take`; `draw-stale`: somebody did something first that bears on it
                (`rules.draw_protocol.holds`); `draw-lists-changed`: the lists are not those that were announced.
            StoreUnavailable: from the store.
        """
        contest = await self._store.draw_contest(contest_id)
        tried = 0
        try:
            while True:
                kept = {one.draw.notice.number: one for one in await self._store.kept_draws(contest_id)}
                draw = kept[number].draw
                if not holds(draw, expects, act, party):
                    raise DrawRefused("draw-stale")
                event = Event(act, actor, Micros(self.now_us()), party, _tidy(draw, act, content))
                earlier = [kept[one] for one in sorted(kept) if one < number]
                after = take(draw, event, _commitments(earlier))
                if act is DrawAct.DRAW:
                    await self._same_lists(contest_id, draw)
                try:
                    await self._store.add_draw_event(contest_id, after, _record(contest, after, earlier))
                except DrawRefused as refusal:
                    # Somebody came in between: looked at again, the act holds or is refused.
                    if refusal.code != "draw-stale" or tried == len(draw.events):
                        raise
                    tried = len(draw.events)
                else:
                    return after
        except DrawRefused as refusal:
            await self._refused(contest_id, number, act, actor, refusal)
            raise

    async def show(
        self, contest_id: int, number: int, province: str, manner: Manner, expects: int, actor: ActorId
    ) -> Showing:
        """Move the ceremony of a draw.

        Raises:
            KeyError: there is no such contest, draw or province.
            DrawRefused: `draw-stale`: somebody moved it first; `draw-not-drawn`: there are no names to show yet.
            StoreUnavailable: from the store.
        """
        kept = {one.draw.notice.number: one.draw for one in await self._store.kept_draws(contest_id)}
        draw = kept[number]
        if (manner == "overview") == bool(province):
            raise KeyError(province)
        if province and province not in {one.delegation for one in draw.notice.lists}:
            raise KeyError(province)
        if province and draw.state is not DrawState.DRAWN:
            raise DrawRefused("draw-not-drawn")
        wanted = Showing(expects, province, manner, Micros(self.now_us()))
        edition = await self._store.show(contest_id, number, wanted, actor)
        if edition is None:
            raise DrawRefused("draw-stale")
        return Showing(edition, province, manner, wanted.at_us)

    async def showing(self, contest_id: int, number: int) -> Showing:
        """Return where the ceremony is; raises KeyError and `StoreUnavailable`."""
        return await self._store.showing(contest_id, number)

    async def record(self, contest_id: int, number: int) -> bytes:
        """Return the published record; raises KeyError while there is none, and `StoreUnavailable`."""
        record = await self._store.draw_record(contest_id, number)
        if record is None:
            raise KeyError(number)
        return record

    async def _same_lists(self, contest_id: int, draw: Draw) -> None:
        now = await self._lists.nomination_lists(contest_id)
        if lists_digest(now) != lists_digest(draw.notice.lists):
            raise DrawRefused("draw-lists-changed")

    async def _refused(self, contest_id: int, number: int, act: DrawAct, actor: ActorId, refusal: DrawRefused) -> None:
        action = f"draw-{act.value.replace('_', '-')}-refused"
        await self._store.audit(actor, action, f"contest {contest_id} draw {number}", {"code": refusal.code})


def _tidy(draw: Draw, act: DrawAct, content: str) -> str:
    if act in (DrawAct.ENTER_VALUE, DrawAct.CONFIRM_VALUE):
        return tidy_value(draw.notice.value_kind, content)
    if act in (DrawAct.COMMIT, DrawAct.DISCLOSE):
        return content.strip().lower()
    return content.strip()


def _commitments(earlier: Sequence[KeptDraw]) -> set[str]:
    return {event.content for one in earlier for event in one.draw.events if event.act is DrawAct.COMMIT}


def _record(contest: DrawContest, draw: Draw, earlier: Sequence[KeptDraw]) -> tuple[bytes, str] | None:
    """Return the record of a draw that has just ended, with its digest."""
    if not draw.ended:
        return None
    before = [Earlier(one.draw.notice.number, _state(one), one.digest) for one in earlier]
    transcript = transcript_of(contest.title, contest.year, draw, before)
    return transcript.to_json(), transcript.digest


def _state(kept: KeptDraw) -> str:
    return kept.draw.state.value if kept.draw.state else ""
