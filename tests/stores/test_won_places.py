"""From a province's own contest into its list: the places come with the list that they speak for, or neither does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import asyncpg
import pytest

from leitai.office.identity import IdentityHash
from leitai.office.nominations.lists import Nominations
from leitai.office.nominations.values import History
from leitai.office.nominations.won import WonPlace, WonPlaces, WonSession
from leitai.office.own_contests_ports import Numbers
from leitai.office.pacing import Pacing
from leitai.rules.values import DelegationCode, Micros, SessionId
from leitai.stores.postgres.lending_store import Lending
from leitai.stores.postgres.rosters_store import PostgresPeople
from tests.support.nominations import id_number
from tests.support.office import SERVER_KEY, START_US, small_session, stores_at
from tests.support.provinces import HEBEI


class Nobody:
    """A pool of experts without anybody."""

    async def past_honours(self, id_hashes: Sequence[bytes]) -> Mapping[bytes, History]:
        return {}


@dataclass
class Won:
    """A province's results, told as they stand here."""

    session: WonSession
    places: list[WonPlace]

    async def sessions(self, owner: DelegationCode) -> list[WonSession]:
        return [self.session]

    async def best(self, owner: DelegationCode, session_id: SessionId, best: int) -> list[WonPlace]:
        return self.places[:best]


async def test_places_come_with_the_list_that_they_speak_for_or_neither_does(database: str) -> None:
    code = DelegationCode(HEBEI)
    hashes = IdentityHash(SERVER_KEY)
    async with stores_at(database) as stores:
        session = (await small_session(stores)).session_id
        contest_id = await stores.office.create_contest("全国比武", "组委会", 2026)
        lists = Nominations(
            PostgresPeople(stores.database, stores.vault), Nobody(), hashes, lambda: Micros(1), Pacing(lambda: False)
        )
        numbers = Numbers("13900000001", id_number(1), lists.hash_phone("13900000001"), hashes.of_id(id_number(1)))
        won = Won(WonSession(session, "冀省比武", "决赛", START_US, 3), [WonPlace(0, "赵一", "市局", 100, numbers)])
        taking = WonPlaces(lists, won)
        # The schema knows no place before the first.
        with pytest.raises(asyncpg.CheckViolationError, match="won_place_rank_check"):
            await taking.take(contest_id, code, session, 1, 0, "tests")
        assert await lists.store.lists(contest_id) == []
        assert await lists.store.nominees(contest_id) == []

        won.places = [WonPlace(1, "赵一", "市局", 100, numbers)]
        taken = await taking.take(contest_id, code, session, 1, 0, "tests")
        assert (taken.taken, taken.standing.nominated) == (1, 1)
        evidence = await Lending(stores.database).won_places(contest_id, code)
        assert [[one.rank for one in each] for each in evidence.values()] == [[1]]
