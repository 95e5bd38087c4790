"""The doors of reminders by the browser: subscribing at will, and leaving."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from leitai.office.practice.push.encryption import written
from leitai.office.practice.push.reminding import PushRefused, Reminding
from leitai.web.contract import Endpoint
from leitai.web.errors import Refusal
from leitai.web.exchange import private, read_json
from leitai.web.parts import LearnerOf
from leitai.wire.learners_bodies import PushBody, PushRemoveRequest, PushRequest

WINDOW_S = 60
CHANGES_A_MINUTE = 10
_add = msgspec.json.Decoder(PushRequest)
_remove = msgspec.json.Decoder(PushRemoveRequest)


@dataclass(frozen=True, slots=True)
class PushPart:
    """A `PracticePart`.

    Args:
        reminding: takes subscriptions.
        tries: `live.ports.Tickets.tries`.
    """

    reminding: Reminding
    tries: Callable[[str, int], Awaitable[int]]

    def practice_endpoints(self, learner_of: LearnerOf, limit: int) -> Mapping[str, Endpoint]:
        """See `PracticePart.practice_endpoints`."""
        reminding = self.reminding

        async def told(learner_id: int) -> Response:
            key = "" if reminding.proof is None else written(reminding.proof.public)
            return private(PushBody(key, await reminding.store.subscribed(learner_id)))

        async def see(request: Request) -> Response:
            return await told((await learner_of(request)).learner_id)

        async def add(request: Request) -> Response:
            learner = await learner_of(request)
            body = await read_json(request, _add, limit)
            await self._paced(learner.learner_id)
            try:
                await reminding.subscribe(learner.learner_id, body.endpoint, body.p256dh, body.auth, body.locale)
            except PushRefused as refused:
                raise Refusal(refused.code) from None
            return await told(learner.learner_id)

        async def remove(request: Request) -> Response:
            learner = await learner_of(request)
            body = await read_json(request, _remove, limit)
            await self._paced(learner.learner_id)
            await reminding.store.unsubscribe(learner.learner_id, body.endpoint)
            return await told(learner.learner_id)

        return {"practice_push": see, "practice_push_add": add, "practice_push_remove": remove}

    async def _paced(self, learner_id: int) -> None:
        if await self.tries(f"practice push:{learner_id}", WINDOW_S) > CHANGES_A_MINUTE:
            raise Refusal("too-many-tries")
