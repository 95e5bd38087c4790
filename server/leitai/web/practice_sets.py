"""The doors of sets of practice: take one, answer, hand in; the book of mistakes, bookmarks, notes.

A set of another learner and one that there is not are the same `not-found`. What a body says beyond its own members is
not read.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2s
from typing import TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from leitai.office.practice.book import Book
from leitai.office.practice.progress import LearnersProgress
from leitai.office.practice.sets import SetRefused, Sets
from leitai.office.practice.topics import PRACTISED_MODULES
from leitai.rules.beijing import beijing_day
from leitai.rules.practice_sets import SetKind
from leitai.rules.values import Micros, QuestionType
from leitai.web.contract import Endpoint
from leitai.web.errors import Refusal
from leitai.web.exchange import id_in_path, page_in_query, private, read_json
from leitai.web.parts import LearnerOf
from leitai.web.practice_set_views import book_body, home_body, set_body
from leitai.wire.bodies import EmptyRequest
from leitai.wire.practice_set_bodies import (
    AnswerRequest,
    BookmarkRequest,
    HandInRequest,
    NoteRequest,
    OpenSetRequest,
)

T = TypeVar("T")

WINDOW_S = 60
SETS_A_MINUTE = 30
ANSWERS_A_MINUTE = 90
"""Of one learner; whoever reads a question needs some seconds for it."""
MARKS_A_MINUTE = 60

_open = msgspec.json.Decoder(OpenSetRequest)
_answer = msgspec.json.Decoder(AnswerRequest)
_hand_in = msgspec.json.Decoder(HandInRequest)
_bookmark = msgspec.json.Decoder(BookmarkRequest)
_note = msgspec.json.Decoder(NoteRequest)
_empty = msgspec.json.Decoder(EmptyRequest)


@dataclass(frozen=True, slots=True)
class SetsPart:
    """A `PracticePart`.

    Args:
        sets: sets.
        book: what learners keep.
        progress: where they stand.
        tries: `live.ports.Tickets.tries`.
        now_us: the server's clock.
        network_key: addresses are kept as digests under it.
    """

    sets: Sets
    book: Book
    progress: LearnersProgress
    tries: Callable[[str, int], Awaitable[int]]
    now_us: Callable[[], Micros]
    network_key: bytes

    def practice_endpoints(self, learner_of: LearnerOf, limit: int) -> Mapping[str, Endpoint]:
        """See `PracticePart.practice_endpoints`."""
        return {**self._sets(learner_of, limit), **self._book(learner_of, limit)}

    def _sets(self, learner_of: LearnerOf, limit: int) -> dict[str, Endpoint]:
        sets = self.sets

        async def home(request: Request) -> Response:
            learner = await learner_of(request)
            return private(home_body(await self.progress.home(learner.learner_id)))

        async def take(request: Request) -> Response:
            learner = await learner_of(request)
            body = await read_json(request, _open, limit)
            await self._paced("sets", learner.learner_id, SETS_A_MINUTE)
            if body.module not in ("", *PRACTISED_MODULES):
                raise Refusal("bad-request")
            kind, question_type = SetKind(body.kind), QuestionType(body.type) if body.type else None
            taken = sets.open(learner.learner_id, kind, body.module, question_type, self._network(request))
            return private(set_body(await _refusing(taken), self.now_us()))

        async def look(request: Request) -> Response:
            learner = await learner_of(request)
            await self._paced("looks", learner.learner_id, ANSWERS_A_MINUTE)
            found = sets.look(learner.learner_id, id_in_path(request, "set"))
            return private(set_body(await _refusing(found), self.now_us()))

        async def answer(request: Request) -> Response:
            learner = await learner_of(request)
            body = await read_json(request, _answer, limit)
            await self._paced("answers", learner.learner_id, ANSWERS_A_MINUTE)
            done = sets.answer(learner.learner_id, id_in_path(request, "set"), body.item - 1, tuple(body.response))
            return private(set_body(await _refusing(done), self.now_us()))

        async def hand_in(request: Request) -> Response:
            learner = await learner_of(request)
            body = await read_json(request, _hand_in, limit)
            await self._paced("hand-ins", learner.learner_id, SETS_A_MINUTE)
            responses = [tuple(one) for one in body.responses]
            done = sets.hand_in(learner.learner_id, id_in_path(request, "set"), responses)
            return private(set_body(await _refusing(done), self.now_us()))

        return {
            "practice_home": home,
            "practice_set_open": take,
            "practice_set": look,
            "practice_answer": answer,
            "practice_hand_in": hand_in,
        }

    def _book(self, learner_of: LearnerOf, limit: int) -> dict[str, Endpoint]:
        book = self.book

        async def mistakes(request: Request) -> Response:
            learner = await learner_of(request)
            module, page = request.query_params.get("module", ""), page_in_query(request)
            if module not in ("", *PRACTISED_MODULES):
                raise Refusal("bad-request")
            return private(book_body(await book.mistakes(learner.learner_id, module, page), page))

        async def marked(request: Request) -> Response:
            learner = await learner_of(request)
            page = page_in_query(request)
            return private(book_body(await book.marked(learner.learner_id, page), page))

        async def bookmark(request: Request) -> Response:
            learner = await learner_of(request)
            body = await read_json(request, _bookmark, limit)
            await self._paced("marks", learner.learner_id, MARKS_A_MINUTE)
            return await _done(book.bookmark(learner.learner_id, id_in_path(request, "question"), on=body.on))

        async def note(request: Request) -> Response:
            learner = await learner_of(request)
            body = await read_json(request, _note, limit)
            await self._paced("marks", learner.learner_id, MARKS_A_MINUTE)
            return await _done(book.note(learner.learner_id, id_in_path(request, "question"), body.text))

        async def mastered(request: Request) -> Response:
            learner = await learner_of(request)
            await read_json(request, _empty, limit)
            await self._paced("marks", learner.learner_id, MARKS_A_MINUTE)
            return await _done(book.forget(learner.learner_id, id_in_path(request, "question")))

        return {
            "practice_mistakes": mistakes,
            "practice_marked": marked,
            "practice_bookmark": bookmark,
            "practice_note": note,
            "practice_mastered": mastered,
        }

    async def _paced(self, what: str, learner_id: int, most: int) -> None:
        if await self.tries(f"practice {what}:{learner_id}", WINDOW_S) > most:
            raise Refusal("too-many-tries")

    def _network(self, request: Request) -> str:
        """A digest of the address, another each day: it tells who came from one address, not from which."""
        if request.client is None:
            return ""
        salt = beijing_day(self.now_us()).isoformat().replace("-", "").encode()
        host = request.client.host.encode()
        return blake2s(host, digest_size=8, key=self.network_key[:32], salt=salt, person=b"practice").hexdigest()


async def _refusing(work: Awaitable[T]) -> T:
    try:
        return await work
    except SetRefused as refused:
        raise Refusal(refused.code) from None
    except KeyError:
        raise Refusal("not-found") from None


async def _done(work: Awaitable[None]) -> Response:
    await _refusing(work)
    return Response(None, 204, {"Cache-Control": "no-store"})
