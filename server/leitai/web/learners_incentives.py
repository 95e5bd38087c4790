"""The doors of what learners take away: badges, posters, reminders."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from leitai.office.practice.incentives import TITLE_WORDS, Press, lowest, reminders
from leitai.office.practice.ports import Learner
from leitai.office.practice.standing import OwnStanding
from leitai.rules.practice import PracticeTitle
from leitai.rules.practice_boards import Period
from leitai.rules.values import Micros
from leitai.web.contract import Endpoint
from leitai.web.contract.learners import ICS, PDF, PNG
from leitai.web.errors import Refusal
from leitai.web.exchange import day_in_query, private, read_json
from leitai.web.learners import LearnerDoors
from leitai.web.learners_boards import TITLE_NAMES
from leitai.web.parts import LearnerOf
from leitai.wire.bodies import EmptyRequest
from leitai.wire.learners_bodies import RemindersBody

PRINTS_A_MINUTE = 6
ISSUER = "全国人社窗口单位练兵比武"
_TITLES: Mapping[str, PracticeTitle] = {name: title for title, name in TITLE_NAMES.items()}
_NO_STORE = {"Cache-Control": "no-store"}
_empty = msgspec.json.Decoder(EmptyRequest)


@dataclass(frozen=True, slots=True)
class IncentivesPart:
    """A `PracticePart`; `address` is where the practice is, as people scan it."""

    standing: OwnStanding
    doors: LearnerDoors
    address: str
    now_us: Callable[[], Micros]
    press: Press = field(default_factory=Press)

    def practice_endpoints(self, learner_of: LearnerOf, limit: int) -> Mapping[str, Endpoint]:
        """Return the endpoints by the names of web.contract."""

        async def badge(request: Request) -> Response:
            learner = await learner_of(request)
            title = _TITLES.get(request.query_params.get("title", ""))
            begins = day_in_query(request, "starts_on")
            if title is None or begins is None:
                raise Refusal("bad-request")
            held = await self.standing.titles(learner)
            fact = next((one for one in held if (one.title, one.starts_on) == (title, begins)), None)
            if fact is None:
                raise Refusal("learner-title-missing")
            await self.doors.limit(f"print:{learner.learner_id}", PRINTS_A_MINUTE)
            # A badge is for the person by name.
            content = await self.press.badge(learner.name, await self._place(learner), fact, ISSUER)
            name = quote(f"{TITLE_WORDS[title]}-{begins:%Y%m%d}.pdf")
            return Response(content, 200, {**_NO_STORE, "Content-Disposition": f"inline; filename*=UTF-8''{name}"}, PDF)

        async def poster(request: Request) -> Response:
            learner = await learner_of(request)
            await self.doors.limit(f"print:{learner.learner_id}", PRINTS_A_MINUTE)
            own = await self.standing.own(learner, Period.MONTH)
            content = await self.press.poster(learner.shown, await self._place(learner), own, f"{self.address}/")
            return Response(content, 200, _NO_STORE, PNG)

        async def new_reminders(request: Request) -> Response:
            learner = await learner_of(request)
            await read_json(request, _empty, limit)
            secret = await self.doors.learners.new_feed(learner.learner_id)
            return private(RemindersBody(f"{self.address}/api/practice/reminders.ics?of={secret}"))

        async def reminders_file(request: Request) -> Response:
            secret = request.query_params.get("of", "")
            record = await self.doors.learners.of_feed(secret) if 0 < len(secret) <= 64 and secret.isascii() else None
            if record is None:
                raise Refusal("not-found")
            own = await self.standing.own(record.learner, Period.MONTH)
            made = datetime.fromtimestamp(self.now_us() // 1_000_000, UTC)
            text = reminders(record.learner.learner_id, own, f"{self.address}/", made)
            return Response(text, 200, _NO_STORE, f"{ICS}; charset=utf-8")

        return {
            "practice_badge": badge,
            "practice_poster": poster,
            "practice_reminders": new_reminders,
            "practice_reminders_file": reminders_file,
        }

    async def _place(self, learner: Learner) -> str:
        ids = [place for place in learner.places if place is not None]
        names = await self.doors.organisations.names(ids) if ids else {}
        return lowest([names[one].name for one in ids if one in names])
