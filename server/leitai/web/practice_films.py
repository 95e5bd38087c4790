"""The learners' doors to what stands beside questions: pictures, lectures in ranges of their bytes, captions."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from leitai.office.media_ports import MediaStore
from leitai.office.practice.features import FilmGate
from leitai.rules.values import Micros
from leitai.web.contract import Endpoint
from leitai.web.errors import Refusal
from leitai.web.exchange import id_in_path
from leitai.web.media import serve, sha256_of
from leitai.web.parts import LearnerOf

WINDOW_S = 60
READS_A_MINUTE = 300
"""Of one learner: whoever looks for a place in a film asks for many ranges."""


@dataclass(frozen=True, slots=True)
class FilmsPart:
    """A `PracticePart`.

    Args:
        gate: who may see what.
        files: where films are.
        tries: `live.ports.Tickets.tries`.
        now_us: the server's clock.
    """

    gate: FilmGate
    files: MediaStore
    tries: Callable[[str, int], Awaitable[int]]
    now_us: Callable[[], Micros]

    def practice_endpoints(self, learner_of: LearnerOf, limit: int) -> Mapping[str, Endpoint]:
        """See `PracticePart.practice_endpoints`."""
        del limit

        async def film(request: Request) -> Response:
            learner = await learner_of(request)
            await self._paced(learner.learner_id)
            question_id, sha256 = id_in_path(request, "question"), sha256_of(request.path_params["media"])
            if not await self.gate.may_see(learner.learner_id, question_id, sha256, self.now_us()):
                raise Refusal("not-found")
            return serve(request, await self.files.media_file(sha256), self.files)

        async def captions(request: Request) -> Response:
            learner = await learner_of(request)
            await self._paced(learner.learner_id)
            try:
                text = await self.gate.captions(learner.learner_id, id_in_path(request, "question"), self.now_us())
            except KeyError:
                raise Refusal("not-found") from None
            headers = {"Cache-Control": "private, no-cache"}
            return Response(text, 200, headers, "text/vtt; charset=utf-8")

        return {"practice_film": film, "practice_captions": captions}

    async def _paced(self, learner_id: int) -> None:
        if await self.tries(f"practice films:{learner_id}", WINDOW_S) > READS_A_MINUTE:
            raise Refusal("too-many-tries")
