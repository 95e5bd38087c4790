"""The doors of matches between learners: seek one, go to it, see what was played."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from leitai.office.bank import Question
from leitai.office.practice.matches import Matches, MatchRefused
from leitai.office.practice.matches_ports import PlayedMatch, Review
from leitai.rules.matches import COUNTED_A_DAY, RECORDED_AFTER_US
from leitai.web.contract import Endpoint
from leitai.web.errors import Refusal
from leitai.web.exchange import id_in_path, private, read_json
from leitai.web.parts import LearnerOf
from leitai.wire.bodies import EmptyRequest, TicketBody
from leitai.wire.match_bodies import (
    MOST_MATCH,
    MatchesBody,
    MatchLine,
    MatchReviewBody,
    MatchReviewItem,
    MatchSeekRequest,
    MatchSought,
)
from leitai.wire.practice_set_bodies import PracticeOption

WINDOW_S = 60
SEEKS_A_MINUTE = 180
"""A page asks every second, and somebody may have two of them."""
TICKETS_A_MINUTE = 60
REVIEWS_A_MINUTE = 60
_OUTCOMES: tuple[Literal["drawn", "won", "lost"], ...] = ("drawn", "won", "lost")
_seek = msgspec.json.Decoder(MatchSeekRequest)
_empty = msgspec.json.Decoder(EmptyRequest)


@dataclass(frozen=True, slots=True)
class MatchesPart:
    """A `PracticePart`; `tries` are `live.ports.Tickets.tries`, `ticket_seconds` how long a ticket is good."""

    matches: Matches
    tries: Callable[[str, int], Awaitable[int]]
    ticket_seconds: int

    def practice_endpoints(self, learner_of: LearnerOf, limit: int) -> Mapping[str, Endpoint]:
        """See `PracticePart.practice_endpoints`."""
        matches = self.matches

        async def seek(request: Request) -> Response:
            learner = await learner_of(request)
            body = await read_json(request, _seek, limit)
            await self._paced("match seeks", learner.learner_id, SEEKS_A_MINUTE)
            try:
                found = await matches.seek(learner.learner_id, body.again)
            except MatchRefused as refused:
                raise Refusal(refused.code) from None
            state: Literal["waiting", "found"] = "found" if found.match_id else "waiting"
            return private(MatchSought(state, found.match_id, found.waited_us, RECORDED_AFTER_US))

        async def withdraw(request: Request) -> Response:
            learner = await learner_of(request)
            await read_json(request, _empty, limit)
            await matches.withdraw(learner.learner_id)
            return Response(None, 204, {"Cache-Control": "no-store"})

        async def ticket(request: Request) -> Response:
            learner = await learner_of(request)
            await read_json(request, _empty, limit)
            await self._paced("match tickets", learner.learner_id, TICKETS_A_MINUTE)
            try:
                issued = await matches.ticket(learner.learner_id, id_in_path(request, "match", MOST_MATCH))
            except KeyError:
                raise Refusal("not-found") from None
            return private(TicketBody(issued, self.ticket_seconds))

        async def history(request: Request) -> Response:
            learner = await learner_of(request)
            playing, sums, played = await matches.history(learner.learner_id)
            lines = [_line(one) for one in played]
            return private(MatchesBody(playing, sums.won, sums.drawn, sums.lost, sums.counted, COUNTED_A_DAY, lines))

        async def review(request: Request) -> Response:
            learner = await learner_of(request)
            await self._paced("match reviews", learner.learner_id, REVIEWS_A_MINUTE)
            match_id = id_in_path(request, "match", MOST_MATCH)
            try:
                found, asked = await matches.review(learner.learner_id, match_id)
            except KeyError:
                raise Refusal("not-found") from None
            return private(MatchReviewBody(match_id, _reviewed(found, asked)))

        return {
            "match_seek": seek,
            "match_withdraw": withdraw,
            "match_ticket": ticket,
            "match_review": review,
            "match_history": history,
        }

    async def _paced(self, what: str, learner_id: int, most: int) -> None:
        if await self.tries(f"practice {what}:{learner_id}", WINDOW_S) > most:
            raise Refusal("too-many-tries")


def _line(one: PlayedMatch) -> MatchLine:
    return MatchLine(
        one.match_id,
        one.ended_us,
        one.opponent,
        one.recorded,
        _OUTCOMES[one.won],
        one.won_by,
        one.points,
        one.opponent_points,
        one.right,
        one.earned,
    )


def _reviewed(found: Review, asked: Sequence[Question]) -> list[MatchReviewItem]:
    items: list[MatchReviewItem] = []
    for place, (number, one) in enumerate(zip(found.question_ids, asked, strict=True)):
        # What was answered to a question that is asked again, and whether it was right, would tell its key.
        explained = number not in found.held
        own, theirs = found.own[place], found.theirs[place]
        items.append(
            MatchReviewItem(
                place + 1,
                number,
                one.type.value,
                one.stem,
                [PracticeOption(each.id, each.text) for each in one.options],
                list(own.response) if explained else [],
                own.right if explained else None,
                list(theirs.response) if explained else [],
                theirs.right if explained else None,
                explained,
                sorted(one.key.options) if explained else [],
                one.explanation if explained else "",
            )
        )
    return items
