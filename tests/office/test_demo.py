"""The example contest: people, draw and session, by the importers users use."""

import json
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from leitai.office.accounts import Accounts
from leitai.office.demo import prepare_demo
from leitai.office.importing.people import PeopleFile, read_people_file
from leitai.office.people_ports import DelegationName
from leitai.office.results import NothingThere, Results
from leitai.resources import shipped
from leitai.rules.draw_check import examine
from leitai.rules.values import JUDGED, DelegationCode, Micros, Pacing, QuestionType
from leitai.stores.postgres.draw_store import PostgresDraws
from tests.support.draws import example_lists
from tests.support.office import START_US, Stores, stores_at


@pytest.fixture
async def stores(database: str) -> AsyncIterator[Stores]:
    async with stores_at(database) as opened:
        yield opened


def people(name: str, delegations: list[DelegationName], quotas: dict[str, int]) -> PeopleFile:
    path = shipped("examples") / name
    assert path.stat().st_size < 1 << 20
    file = read_people_file(name, path.read_bytes(), delegations, quotas=quotas, places=None)
    assert (file.refused, file.skipped) == ((), ())
    return file


async def test_the_example_roster_is_what_the_draw_yields(stores: Stores) -> None:
    delegations = await stores.office.delegations()
    roster = people("roster.xlsx", delegations, {"named": 15, "drawn": 35})
    listed = people("nominations.xlsx", delegations, {"named": 15, "nominated": 100})
    assert (len(roster.accepted), len(listed.accepted)) == (1600, 32 * 115)
    names = [entry.person.name for entry in roster.accepted]
    assert max(map(len, names)) >= 10
    assert sum(any(ord(char) > 0xFFFF for char in name) for name in names) >= 1

    examined = examine((shipped("examples") / "draw.json").read_bytes())
    assert examined.sound
    assert examined.record is not None
    transcript = examined.record.transcript
    assert transcript.draw.notice.lists == example_lists(delegations)
    assert len(transcript.provinces) == 32
    for province in transcript.provinces:
        own = [entry for entry in roster.accepted if entry.person.delegation == province.delegation]
        nominated = {
            f"{entry.no:03d} {entry.person.name}": entry.person
            for entry in listed.accepted
            if entry.origin == "nominated" and entry.person.delegation == province.delegation
        }
        assert [entry.person for entry in own if entry.origin == "drawn"] == [nominated[one] for one in province.drawn]
        named = [
            entry.person
            for entry in listed.accepted
            if entry.origin == "named" and entry.person.delegation == province.delegation
        ]
        assert [entry.person for entry in own if entry.origin == "named"] == named


async def test_a_demonstration_is_ready_to_be_served(stores: Stores) -> None:
    demo = await prepare_demo(
        stores.office,
        PostgresDraws(stores.database),
        stores.codes,
        shipped("examples"),
        contestants=64,
        items=20,
        seconds_per_item=8,
        start_us=START_US,
        gap_us=Micros(1_000_000),
    )
    file = await stores.archive.load_session(demo.session_id)
    assert await stores.archive.current_session() == demo.session_id
    assert Counter(member.delegation for member in file.members) == {one.code: 2 for one in file.delegations}
    assert not any(member.struck for member in file.members)
    assert {item.type for item in file.plan.items} == set(QuestionType) - JUDGED
    assert {item.seconds for item in file.plan.items} == {8}
    assert (len(file.plan.items), file.plan.gap_us, file.auto_finalize) == (20, 1_000_000, True)
    accounts = Accounts(stores.office, stores.codes)
    seat = demo.seats[5]
    signed_in = await accounts.sign_in(seat.admission_no, seat.code, demo.session_id)
    assert signed_in is not None
    assert signed_in.name == seat.name

    again = await prepare_demo(
        stores.office,
        PostgresDraws(stores.database),
        stores.codes,
        shipped("examples"),
        contestants=1632,
        items=5,
        seconds_per_item=None,
        start_us=START_US,
        pacing=Pacing.PAPER,
    )
    file = await stores.archive.load_session(again.session_id)
    assert again.contest_id == demo.contest_id
    assert set(Counter(member.delegation for member in file.members).values()) == {51}
    assert file.plan.duration_us == 125_000_000

    results = Results(stores.office)
    eligibility = json.loads(await results.eligibility(demo.session_id, DelegationCode("650000")))
    assert [row["eligible"] for row in eligibility["rows"]] == [True] * 51
    assert len(eligibility["rows"][0]["rules"]) == 5
    assert await stores.office.draw_record(demo.contest_id) == (shipped("examples") / "draw.json").read_bytes()
    draw = json.loads(await results.draw(demo.session_id, DelegationCode("650000")))
    drawn = [draw["pool"][no - 1]["name"] for no in draw["selected"]]
    assert drawn == [row["name"] for row in eligibility["rows"] if row["origin"] == "drawn"]
    with pytest.raises(NothingThere):
        await results.draw(demo.session_id, DelegationCode("999999"))
