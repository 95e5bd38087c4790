"""Lists with identity numbers as provinces and the practice office write them: read, or refused row by row."""

from collections.abc import Sequence
from datetime import date
from io import BytesIO

import openpyxl
import pytest

from leitai.office.exporting.people_sheets import nominee_template, practice_template
from leitai.office.identity import IdentityHash
from leitai.office.importing.nominees import NomineeFile, PracticeFile, read_nominee_file, read_practice_file
from leitai.office.importing.problems import PROBLEMS, FileRefused
from leitai.office.nominations.lists import QUOTAS
from leitai.office.people_ports import DelegationName
from leitai.rules.values import DelegationCode
from tests.support.corpus import packages, tables, writing
from tests.support.nominations import HEAD, id_number, line, listed, nomination_file, practice_file
from tests.support.office import SERVER_KEY
from tests.support.workbooks import SHEET, SHEET_END, inline, raw_workbook, workbook

HASHES = IdentityHash(SERVER_KEY)
BEIJING = DelegationCode("110000")
DELEGATIONS = [
    DelegationName(BEIJING, "北京市", "北京"),
    DelegationName(DelegationCode("130000"), "河北省", "河北"),
]
CORPUS = [*tables.cases(), *writing.cases(), *packages.cases()]


def read(rows: Sequence[Sequence[object]], head: Sequence[str] = HEAD) -> NomineeFile:
    return read_bytes(nomination_file(rows, head))


def read_bytes(data: bytes) -> NomineeFile:
    return read_nominee_file("名单.xlsx", data, BEIJING, DELEGATIONS, HASHES, quotas=QUOTAS)


def problems(file: NomineeFile | PracticeFile) -> list[tuple[int, str, str]]:
    return [(one.row, one.column, one.code) for one in file.refused]


def test_a_whole_list_is_read() -> None:
    file = read(listed(1))
    assert (len(file.accepted), file.refused) == (115, ())
    first = file.accepted[0].nominee
    assert (first.list, first.no, first.person.name, first.person.weekly_centipoints) == ("named", 1, "人员一", 120_000)
    assert (first.id_number, first.phone) == (id_number(1), "13800000001")
    assert id_number(1) not in repr(file)


def test_a_filled_template_is_read_and_its_empty_places_are_none() -> None:
    book = openpyxl.load_workbook(BytesIO(nominee_template()))
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[1]] == HEAD
    assert all(cell.number_format == "@" for cell in sheet[2][:2])
    for row, cells in ((2, line(1)), (3, line(2)), (17, line(3))):
        for column, value in enumerate(cells[2:], start=3):
            sheet.cell(row, column, str(value))
    buffer = BytesIO()
    book.save(buffer)
    file = read_bytes(buffer.getvalue())
    assert file.refused == ()
    assert [(one.nominee.list, one.nominee.no) for one in file.accepted] == [
        ("named", 1),
        ("named", 2),
        ("nominated", 1),
    ]
    assert file.skipped == ("填写说明",)


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"姓名": ""}, "姓名", "missing"),
        ({"姓名": "王1"}, "姓名", "name-odd"),
        ({"证件号码": ""}, "证件号码", "missing"),
        ({"证件号码": id_number(1)[:17]}, "证件号码", "id-length"),
        ({"证件号码": "11010119900230123X"}, "证件号码", "id-check"),
        ({"证件号码": id_number(1)[:17] + ("1" if id_number(1)[17] != "1" else "2")}, "证件号码", "id-check"),
        ({"证件号码": 110101199003070000}, "证件号码", "id-as-number"),
        ({"手机号码": "12345"}, "手机号码", "phone-unreadable"),
        ({"手机号码": ""}, "手机号码", "missing"),
        ({"单位": ""}, "单位", "missing"),
        ({"名单类型": "抽签"}, "名单类型", "list-unknown"),
        ({"名单类型": ""}, "名单类型", "missing"),
        ({"周周练积分": "很多"}, "周周练积分", "number-unreadable"),
    ],
)
def test_a_row_that_is_wrong_is_told_where_and_why(changes: dict[str, object], column: str, code: str) -> None:
    file = read([line(9, no=1), line(1, no=2, **changes)])
    assert problems(file) == [(3, column, code)]
    told = file.refused[0].say("zh-CN") + file.refused[0].say("en")
    assert id_number(1)[:17] not in told
    assert "13800000001" not in told


def test_numbers_are_put_into_one_form() -> None:
    number = next(id_number(one) for one in range(1, 500) if id_number(one).endswith("X"))
    file = read([line(1, 证件号码=f" {number[:6]} {number[6:].lower()} ", 手机号码="+86 138-0000-0001")])
    assert (file.accepted[0].nominee.id_number, file.accepted[0].nominee.phone) == (number, "13800000001")


def test_who_is_twice_in_a_file_is_found() -> None:
    file = read(
        [line(1, "自主确定"), line(2), line(1, 姓名="改名", 手机号码="13900000000"), line(3, 手机号码="13800000002")]
    )
    assert problems(file) == [(4, "证件号码", "id-repeated"), (5, "手机号码", "phone-repeated")]
    assert file.refused[0].detail == "名单!2"


def test_more_than_the_law_allows_are_refused() -> None:
    file = read([*listed(1), line(200, "自主确定", 16)])
    assert problems(file) == [(117, "名单类型", "origin-full")]


def test_numbers_in_the_list_have_no_gap_and_stand_once() -> None:
    assert problems(read([line(1, no=1), line(2, no=3)])) == [(2, "序号", "place-gap")]
    assert problems(read([line(1, no=1), line(2, no=1)])) == [(3, "序号", "place-taken")]
    assert [one.nominee.no for one in read([line(1), line(2)]).accepted] == [1, 2]


def test_another_delegations_people_are_refused() -> None:
    head = [*HEAD, "代表队"]
    assert problems(read([[*line(1), "北京"], [*line(2), "河北省"]], head)) == [(3, "代表队", "delegation-other")]


def test_practice_records_are_read_up_to_their_day() -> None:
    until = date(2022, 8, 31)
    good = read_practice_file("p.xlsx", practice_file({1: (1, 1000), 2: (0, "999.5")}, "2022年8月31日"), until, HASHES)
    assert [(one.daily_star_titles, one.weekly_centipoints, one.as_of) for one in good.accepted] == [
        (1, 100_000, until),
        (0, 99_950, until),
    ]
    assert good.accepted[0].id_hash == HASHES.of_id(id_number(1))
    late = read_practice_file("p.xlsx", practice_file({1: (1, 1000)}, "2022-09-01"), until, HASHES)
    assert problems(late) == [(2, "截至日期", "date-late")]
    odd = read_practice_file("p.xlsx", practice_file({1: (1, 1000)}, "8月底"), until, HASHES)
    assert problems(odd) == [(2, "截至日期", "date-unreadable")]


def test_the_practice_template_has_the_columns() -> None:
    with pytest.raises(FileRefused, match="no-table"):
        read_practice_file("p.xlsx", nomination_file([line(1)]), date(2022, 8, 31), HASHES)
    assert read_practice_file("p.xlsx", practice_template(), date(2022, 8, 31), HASHES).accepted == ()


def outcome(data: bytes) -> NomineeFile | FileRefused:
    try:
        return read_bytes(data)
    except FileRefused as refused:
        return refused


def test_every_hostile_or_odd_file_is_refused_or_read_with_a_report() -> None:
    for case in CORPUS:
        told = outcome(case.make())
        if isinstance(told, FileRefused):
            assert told.say("zh-CN") != told.say("en") != "", case.name
        else:
            assert all(PROBLEMS[one.code] and one.row >= 1 and one.column for one in told.refused), case.name
            assert told.accepted == (), case.name


def test_odd_lists_of_people_are_read_or_refused_where_they_are_odd() -> None:
    rows = [[str(cell) for cell in row] for row in (HEAD, line(1), line(2))]
    text = "\n".join(",".join(row) for row in rows)
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        assert len(read_bytes(text.encode(encoding)).accepted) == 2
    under_title = workbook({"说明": [["北京市推荐名单"]], "名单": [["北京市"], [], HEAD, line(1)]})
    assert len(read_bytes(under_title).accepted) == 1
    turned = read([list(reversed(line(1)))], list(reversed(HEAD)))
    assert len(turned.accepted) == 1
    cells = "".join(inline(f"{column}1", title) for column, title in zip("ABCDEFGHIJ", HEAD, strict=True))
    body = "".join(inline(f"{column}2", str(cell)) for column, cell in zip("ABCDEFGHIJ", line(1), strict=True))
    computed = body.replace(inline("C2", "人员一"), '<c r="C2"><f>A1</f><v>张三</v></c>')
    sheet = f'{SHEET}<row r="1">{cells}</row><row r="2">{computed}</row>{SHEET_END}'
    assert (2, "姓名", "formula") in problems(read_bytes(raw_workbook(sheet.encode())))
