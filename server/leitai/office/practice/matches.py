"""One-to-one matches: who meets whom over which questions. What follows is the live path's (`live.match`)."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from leitai.office.bank import Question
from leitai.office.practice.catalogue import Catalogue
from leitai.office.practice.matches_ports import (
    Found,
    MatchStore,
    MatchSums,
    Pairing,
    PlayedMatch,
    Recording,
    Review,
    Sought,
)
from leitai.rules.beijing import beijing_day
from leitai.rules.match_log import PAUSE_US, Made, Player
from leitai.rules.matches import MIX, RECORDED_AFTER_US, SECONDS, level
from leitai.rules.practice_sets import choose_mixed
from leitai.rules.values import Micros
from leitai.wire.match_log import MatchSeat

MAKING_US = 5_000_000
"""A match whose log does not begin within so long after its pairing never will: the process that paired it has died."""
_RECORDINGS = 40
_HISTORY = 20


class MatchRefused(Exception):
    """A match cannot be made; `code` says why.

    match-too-few: not enough questions are released.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Seeking:
    """What came of asking for a match: its number, or 0 while none is found, and how long that has taken."""

    match_id: int
    waited_us: int


class Matches:
    """What learners do before and after a match.

    Args:
        pairing: who seeks, at whatever process.
        store: the record.
        catalogue: what is released.
        now_us: the server's clock.
        pause_us: before each question.
        seconds: how long each question is open; 0: as long as its type is.
        draw: randomness: the questions of a match follow from it.
        number: a number that nobody can guess, of a new match.
    """

    def __init__(
        self,
        pairing: Pairing,
        store: MatchStore,
        catalogue: Catalogue,
        now_us: Callable[[], Micros],
        pause_us: int = PAUSE_US,
        seconds: int = 0,
        draw: Callable[[], bytes] = lambda: secrets.token_bytes(16),
        number: Callable[[], int] = lambda: secrets.randbelow(2**52) + 1,
    ) -> None:
        self._pairing = pairing
        self._store = store
        self._catalogue = catalogue
        self._now_us = now_us
        self._pause_us = pause_us
        self._seconds = seconds
        self._draw = draw
        self._number = number

    async def seek(self, learner_id: int, again: int = 0) -> Seeking:
        """Ask for a match; whoever waits asks again every second, whoever is in one is told which.

        Args:
            learner_id: who asks.
            again: first with whoever was met in this match; 0: with anybody.

        Raises:
            MatchRefused: `match-too-few`.
        """
        own = level(await self._store.points(learner_id))
        sought = await self._pairing.seek(learner_id, own, self._number(), again)
        if sought.found is Found.WAITS and sought.waited_us >= RECORDED_AFTER_US:
            recording = await self._recording(learner_id, own)
            if recording is not None:
                waited_us = sought.waited_us
                sought = await self._pairing.seek(learner_id, own, self._number(), again, alone=True)
                if sought.found is Found.PAIRED:
                    await self._begin_recorded(sought.match_id, learner_id, recording)
                    return Seeking(sought.match_id, waited_us)
        if sought.found is Found.PAIRED:
            await self._begin(sought, learner_id)
        elif sought.found is Found.PLAYS and await self._pairing.made(sought.match_id) is None:
            if sought.waited_us > MAKING_US:
                await self._pairing.release(sought.match_id, [learner_id])
            return Seeking(0, sought.waited_us)
        return Seeking(sought.match_id, sought.waited_us)

    async def withdraw(self, learner_id: int) -> None:
        """Seek no more; a match that was made meanwhile stands."""
        await self._pairing.withdraw(learner_id)

    async def ticket(self, learner_id: int, match_id: int) -> str:
        """Return a ticket for a socket of a match that one plays in; raises KeyError for any other."""
        made = await self._pairing.made(match_id)
        if made is not None:
            for seat, player in enumerate(made.players, start=1):
                if player.learner_id == learner_id and not player.recorded_us:
                    return await self._pairing.issue_match_ticket(MatchSeat(match_id, seat))
        raise KeyError(match_id)

    async def history(self, learner_id: int) -> tuple[int, MatchSums, Sequence[PlayedMatch]]:
        """Return the match that a learner is in (0: none), how they stand, and their newest matches."""
        playing = await self._pairing.playing(learner_id)
        return playing, *await self._store.history(learner_id, beijing_day(self._now_us()), _HISTORY)

    async def review(self, learner_id: int, match_id: int) -> tuple[Review, Sequence[Question]]:
        """Return what was answered in a match of a learner's that is over, and its questions as they were asked;
        raises KeyError for any other match, one that runs among them.
        """
        review = await self._store.review(learner_id, match_id, self._now_us())
        words = await self._catalogue.questions(review.version_ids)
        return review, [words[one] for one in review.version_ids]

    async def _begin(self, sought: Sought, learner_id: int) -> None:
        both = (learner_id, sought.opponent_id)
        try:
            names = await self._store.names(both)
            now_us = self._now_us()
            released = await self._catalogue.released(beijing_day(now_us))
            # What waits in an open set of either must not be explained meanwhile.
            held = await self._store.held(both, now_us)
            pool = {type_: released.pool("", type_)[0] for type_ in MIX}
            chosen = choose_mixed(MIX, pool, held, self._draw())
            if chosen is None:
                raise MatchRefused("match-too-few")
            seconds = tuple(self._seconds or SECONDS[type_] for type_, wanted in MIX.items() for _ in range(wanted))
            versions = tuple(released.version[one] for one in chosen)
            players = tuple(Player(one, names[one]) for one in both)
            await self._pairing.begin(
                sought.match_id, Made(players, chosen, versions, seconds, pause_us=self._pause_us)
            )
        except BaseException:
            await self._pairing.release(sought.match_id, both)
            raise

    async def _begin_recorded(self, match_id: int, learner_id: int, recording: Recording) -> None:
        try:
            names = await self._store.names((learner_id,))
            other = Player(recording.learner_id, recording.name, recording.played_us)
            made = Made(
                (Player(learner_id, names[learner_id]), other),
                recording.question_ids,
                recording.version_ids,
                recording.seconds,
                recording.match_id,
                recording.replies,
                self._pause_us,
            )
            await self._pairing.begin(match_id, made)
        except BaseException:
            await self._pairing.release(match_id, (learner_id,))
            raise

    async def _recording(self, learner_id: int, own: int) -> Recording | None:
        """The nearest in level of the newest plays whose questions are all still in use."""
        now_us = self._now_us()
        released = await self._catalogue.released(beijing_day(now_us))
        held = await self._store.held((learner_id,), now_us)
        fitting = [
            one
            for one in await self._store.recordings(learner_id, _RECORDINGS)
            if all(
                released.version.get(question_id) == version_id and question_id not in held
                for question_id, version_id in zip(one.question_ids, one.version_ids, strict=True)
            )
        ]
        return min(fitting, key=lambda one: abs(level(one.centipoints) - own), default=None)
