"""Accounts of those who look on are believed for a moment and read at once; after an act nothing old is believed."""

import asyncio
from collections.abc import Collection, Mapping
from types import SimpleNamespace

import pytest

from leitai.office.staff_ports import StaffRecord
from leitai.rules.rights import Role
from leitai.rules.values import DelegationCode, Micros
from leitai.web import staff
from leitai.web.staff import KNOWN_S, Known


def _account(staff_id: int, version: int = 1) -> StaffRecord:
    return StaffRecord(
        staff_id=staff_id,
        login=f"judge-{staff_id}",
        name="某",
        roles=frozenset((Role.JUDGE,)),
        delegation=DelegationCode(""),
        password="",
        invited_hmac=b"",
        invited_until_us=Micros(0),
        disabled=False,
        version=version,
    )


class Store:
    """Accounts, and what was asked for."""

    def __init__(self) -> None:
        self.accounts = {number: _account(number) for number in range(1, 21)}
        self.asked: list[set[int]] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def read(self, staff_ids: Collection[int]) -> Mapping[int, StaffRecord]:
        self.asked.append(set(staff_ids))
        found = {number: self.accounts[number] for number in staff_ids if number in self.accounts}
        await self.gate.wait()
        return found


async def test_twenty_who_look_on_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store()
    known = Known(store.read)
    now_s = 1000.0
    monkeypatch.setattr(staff, "time", SimpleNamespace(monotonic=lambda: now_s))
    # Whoever comes is read with all who are there.
    for number in range(1, 21):
        assert await known.member(number) is store.accounts[number]
        assert store.asked[-1] == set(range(1, number + 1))
    for number in [*range(1, 21), *range(1, 21)]:
        assert await known.member(number) is store.accounts[number]
    assert len(store.asked) == 20
    # Eighteen go on looking, and two do not.
    now_s += KNOWN_S - 0.1
    await asyncio.gather(*(known.member(number) for number in range(1, 19)))
    assert len(store.asked) == 20
    now_s += 0.2
    await asyncio.gather(*(known.member(number) for number in range(1, 19)))
    assert store.asked[20:] == [set(range(1, 19))]


async def test_whoever_is_gone_is_not_known() -> None:
    store = Store()
    known = Known(store.read)
    assert await known.member(99) is None
    known.forget(3)
    del store.accounts[3]
    assert await known.member(3) is None


async def test_what_was_being_read_during_an_act_is_not_believed() -> None:
    store = Store()
    known = Known(store.read)
    store.gate.clear()
    before = asyncio.create_task(known.member(1))
    await asyncio.sleep(0)
    known.forget(1)
    store.accounts[1] = _account(1, version=2)
    store.gate.set()
    assert (await before) == _account(1)
    assert (await known.member(1)) == _account(1, version=2)
