"""Tables of people as .xlsx: the templates that province offices and the practice office fill in, and the roster.

Every cell is text, so that a number of 18 digits stays whole and nothing is ever a formula.
"""

from collections.abc import Mapping, Sequence

from leitai.office.exporting.text_book import TextBook
from leitai.office.nominations.values import RosterSeat
from leitai.office.roster import NAMED_PLACES, NOMINATED_PLACES
from leitai.rules.values import DelegationCode

ORIGIN_WORDS = {"named": "自主确定", "drawn": "抽签", "nominated": "推荐", "simulated": "模拟"}
_NOMINEE_HEAD = (
    "名单类型",
    "序号",
    "姓名",
    "证件号码",
    "手机号码",
    "单位",
    "日日学之星次数",
    "周周练积分",
    "曾参加赛事",
    "曾获称号",
)
_PRACTICE_HEAD = ("姓名", "证件号码", "日日学之星次数", "周周练积分", "截至日期")
_ROSTER_HEAD = ("代表队", "席位", "姓名", "单位", "产生方式", "状态", "理由")
_NOMINEE_NOTES = (
    f"1. “名单类型”一栏已分为自主确定 {NAMED_PLACES} 名、推荐 {NOMINATED_PLACES} 名，不足时留空即可，请勿跳号。",
    "2. 请填写 18 位居民身份证号。本表各列均为文本格式，请勿改为数字。",
    "3. 手机号为 11 位；固定电话请带区号。",
    "4. 日日学、周周练两栏以练兵组提供的数据为准，可不填。",
    "5. 曾参加的比武和曾获的称号请写明年份，多项用分号隔开，没有则留空。",
    "6. 同一人只能出现一次，也不能同时出现在其他代表队的名单中。",
)
_PRACTICE_NOTES = (
    "1. 每人一行，数据截至当年 8 月 31 日或更早，写作 2022-08-31。",
    "2. 再次导入同一人时，以最后一次为准。名单冻结后不能再导入。",
)


def nominee_template() -> bytes:
    """Return the template of a province's list, its places numbered."""
    rows = [[ORIGIN_WORDS["named"], str(no)] for no in range(1, NAMED_PLACES + 1)]
    rows += [[ORIGIN_WORDS["nominated"], str(no)] for no in range(1, NOMINATED_PLACES + 1)]
    return _workbook("名单", _NOMINEE_HEAD, (10, 6, 14, 22, 16, 36, 14, 12, 30, 30), rows, _NOMINEE_NOTES)


def practice_template() -> bytes:
    """Return the template of practice records."""
    return _workbook("练兵数据", _PRACTICE_HEAD, (14, 22, 16, 14, 14), [], _PRACTICE_NOTES)


def roster_sheet(seats: Sequence[RosterSeat], names: Mapping[DelegationCode, str]) -> bytes:
    """Return a roster: everyone's place, and who lost it and why. No numbers of anybody."""
    rows = [
        [
            names.get(one.contestant.person.delegation, one.contestant.person.delegation),
            str(one.contestant.seat),
            one.contestant.person.name,
            one.contestant.person.unit,
            ORIGIN_WORDS[one.contestant.origin],
            "取消资格" if one.struck else "参赛",
            one.struck,
        ]
        for one in seats
    ]
    return _workbook("参赛名单", _ROSTER_HEAD, (18, 6, 16, 36, 10, 10, 40), rows, ())


def _workbook(
    title: str, head: Sequence[str], widths: Sequence[int], rows: Sequence[Sequence[str]], notes: Sequence[str]
) -> bytes:
    book = TextBook()
    book.table(title, head, widths, rows)
    if notes:
        book.notes((80,), [(note,) for note in notes])
    return book.finished()
