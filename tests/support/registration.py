"""A contest of a province's own that people register for, in memory: what the public's doors of registration tell."""

from typing import Any

from leitai.office.identity import IdentityHash
from leitai.office.own_contests import OwnContestsDesk
from leitai.office.own_contests_ports import NewApplicant, OwnContest, Registration
from leitai.office.people_ports import DelegationName
from leitai.office.session_ports import Contest
from leitai.rules.values import DelegationCode, Micros
from leitai.web.own_contests import RegistrationPart
from tests.support.office import SERVER_KEY

CONTEST = 7
_DAY_US = 86_400_000_000


class _Kept:
    """As much of `OwnContestStore` as these doors ask; keeps who came."""

    def __init__(self) -> None:
        self.came: list[NewApplicant] = []

    async def own_contests(self) -> list[OwnContest]:
        return [await self.own_contest(CONTEST)]

    async def own_contest(self, contest_id: int) -> OwnContest:
        if contest_id != CONTEST:
            raise KeyError(contest_id)
        contest = Contest(CONTEST, "省级选拔赛", "北京市人力资源和社会保障局", 2022)
        return OwnContest(contest, 0, 0, Registration("both", Micros(_DAY_US), open=True), (), 1, ())

    async def teams(self) -> list[DelegationName]:
        return [DelegationName(DelegationCode("110000"), "北京市", "北京")]

    async def register(self, _contest_id: int, applicant: NewApplicant) -> None:
        self.came.append(applicant)


def fake_registration() -> RegistrationPart:
    """Return the doors; nobody tries too often."""

    async def tries(_key: str, _window_s: int) -> int:
        return 1

    store: Any = _Kept()
    nothing: Any = None
    return RegistrationPart(
        OwnContestsDesk(store, nothing, nothing, nothing, IdentityHash(SERVER_KEY), lambda: Micros(1)), tries, 64 * 1024
    )
