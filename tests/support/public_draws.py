"""The draw's public doors over a draw in memory."""

from collections.abc import Mapping
from typing import Any

from leitai.office.draw_ports import DrawContest, KeptDraw, Showing
from leitai.office.draws import Draws
from leitai.rules.values import DelegationCode
from leitai.web.draw.public import PublicDraws
from tests.support.draws import YEAR, played, record


class _OneDraw:
    """What looking asks of `DrawStore`: contest 7 has drawn once."""

    async def draw_contests(self) -> list[DrawContest]:
        return [await self.draw_contest(7)]

    async def draw_contest(self, contest_id: int) -> DrawContest:
        if contest_id != 7:
            raise KeyError(contest_id)
        return DrawContest(7, "比赛", YEAR, 1, "drawn")

    async def kept_draws(self, contest_id: int) -> list[KeptDraw]:
        del contest_id
        return [KeptDraw(played(), {}, record().digest)]

    async def draw_record(self, contest_id: int, number: int) -> bytes | None:
        return record().to_json() if (contest_id, number) == (7, 1) else None

    async def showing(self, contest_id: int, number: int) -> Showing:
        if (contest_id, number) != (7, 1):
            raise KeyError(number)
        return Showing()


def public_draws() -> PublicDraws:
    """The doors, of which nothing is asked that changes anything."""
    store: Any = _OneDraw()

    async def shorts() -> Mapping[DelegationCode, str]:
        return {}

    return PublicDraws(Draws(store, store, lambda: 0), shorts)
