"""Admission numbers, access codes, and who gets in."""

import random
import re
import time
from collections.abc import AsyncIterator

import pytest

from leitai.office import sheets
from leitai.office.accounts import (
    AccessCodes,
    Accounts,
    admission_number,
    is_admission_number,
    new_code,
    normalise_code,
)
from leitai.office.contests import Seat, reissue_codes
from leitai.rules.values import DelegationCode, SittingId
from tests.support.office import SERVER_KEY, START_US, Stores, small_session, stores_at

BEIJING = DelegationCode("110000")


@pytest.fixture
async def stores(database: str) -> AsyncIterator[Stores]:
    async with stores_at(database) as opened:
        yield opened


def test_an_admission_number_shows_a_wrong_digit_and_most_swaps() -> None:
    number = admission_number(2022, BEIJING, 7)
    assert re.fullmatch("202211007[0-9]", number)
    assert is_admission_number(number)
    for place in range(10):
        for digit in "0123456789":
            if digit != number[place]:
                assert not is_admission_number(number[:place] + digit + number[place + 1 :])
    swaps = [number[:i] + number[i + 1] + number[i] + number[i + 2 :] for i in range(9) if number[i] != number[i + 1]]
    assert sum(map(is_admission_number, swaps)) <= 1


@pytest.mark.parametrize(("year", "seat"), [(999, 1), (10_000, 1), (2022, 0), (2022, 1000)])
def test_what_has_no_admission_number(year: int, seat: int) -> None:
    with pytest.raises(ValueError, match="no admission number"):
        admission_number(year, BEIJING, seat)


def test_codes_are_long_unambiguous_and_different() -> None:
    codes = {new_code() for _ in range(2000)}
    assert len(codes) == 2000
    assert all(
        re.fullmatch("[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{5}", code) for code in codes
    )


@pytest.mark.parametrize(
    "typed", ["0ab1-cd11-efghj", "oABi cdLI efghj", "OAB1CD11EFGHJ", "０ａｂ１－ＣＤ１１－ｅｆｇｈｊ"]
)
def test_codes_as_people_type_them(typed: str) -> None:
    assert normalise_code(typed) == "0AB1CD11EFGHJ"


def test_a_code_belongs_to_its_number_and_its_server() -> None:
    codes = AccessCodes(SERVER_KEY)
    code, digest = codes.issue("2022110076")
    assert codes.digest("2022110076", code.lower()) == digest
    assert codes.digest("2022110084", code) != digest
    assert AccessCodes(bytes(32)).digest("2022110076", code) != digest
    with pytest.raises(ValueError, match="32 bytes"):
        AccessCodes(b"short")


async def test_who_gets_in(stores: Stores) -> None:
    created = await small_session(stores)
    accounts = Accounts(stores.office, stores.codes)
    seat, other = created.seats[:2]
    signed_in = await accounts.sign_in(f" {seat.admission_no[:4]} {seat.admission_no[4:]}", seat.code.lower())
    assert signed_in is not None
    assert (signed_in.name, signed_in.delegation_name, signed_in.struck) == (seat.name, "北京市", False)
    assert await accounts.identity(signed_in.sitting_id) == signed_in
    assert await accounts.identity(SittingId(999_999)) is None
    for number, code in [
        (seat.admission_no, other.code),
        (other.admission_no, seat.code),
        ("2022999999", seat.code),
        (seat.admission_no, ""),
        ("", ""),
    ]:
        assert await accounts.sign_in(number, code) is None


async def test_new_codes_replace_the_old(stores: Stores) -> None:
    created = await small_session(stores)
    renewed = await reissue_codes(stores.office, stores.codes, created.session_id)
    assert [seat.admission_no for seat in renewed] == [seat.admission_no for seat in created.seats]
    accounts = Accounts(stores.office, stores.codes)
    assert await accounts.sign_in(created.seats[0].admission_no, created.seats[0].code) is None
    assert await accounts.sign_in(renewed[0].admission_no, renewed[0].code) is not None


def test_slips_and_table_of_a_whole_contest() -> None:
    pick = random.Random(3)
    seats = [
        Seat(
            admission_number(2022, DelegationCode(f"{code}0000"), seat),
            new_code(),
            "张<b>三" if seat == 1 else "李四",
            DelegationCode(f"{code}0000"),
            "=cmd|'/C calc'!A0",
            struck=pick.random() < 0.1,
        )
        for code in range(11, 43)
        for seat in range(1, 51)
    ]
    began = time.process_time()
    page = sheets.slips("比武 & 练兵", "决赛", START_US, "https://example.cn/?a=1&b=2", seats, {BEIJING: "北京市"})
    table = sheets.table(seats, {BEIJING: "北京市"})
    assert time.process_time() - began < 2
    sitting = [seat for seat in seats if not seat.struck]
    assert page.count('<article class="slip">') == len(sitting)
    assert all(seat.code in page for seat in sitting)
    assert not any(seat.code in page for seat in seats if seat.struck)
    assert "<b>" not in page
    assert "比武 &amp; 练兵" in page
    assert "2022-08-09 07:06:40 UTC+8" in page
    assert "<script" not in page
    assert "http" not in page.replace("https://example.cn", "")
    assert table.startswith("\ufeffadmission_no,code,name,delegation")
    assert len(table.splitlines()) == 1601


def test_no_cell_of_the_table_is_a_formula() -> None:
    table = sheets.table([Seat("2022110076", "7K3M-Q9TX-04WBZ", "=1+1", BEIJING)], {BEIJING: "@北京"})
    assert table.splitlines()[1] == "2022110076,7K3M-Q9TX-04WBZ,'=1+1,110000,'@北京,"
