"""The pool as a table, with the headers that its importer knows, and the template to fill in. Every cell is text.

Numbers that are private stand masked: a table is passed around.
"""

from collections.abc import Iterator, Mapping, Sequence

from leitai.office.exporting.text_book import TextBook
from leitai.office.pool.ports import PoolPerson
from leitai.office.pool.reading import KIND_WORDS, STATE_WORDS, TEMPLATE_HEAD
from leitai.rules.id_numbers import masked_id_number, masked_phone
from leitai.rules.pool import FIRST_YEAR, PoolKind
from leitai.rules.values import DelegationCode

_WIDTHS = (12, 22, 14, 12, 32, 20, 8, 8, 26, 16, 8)
_NOTES = (
    ("一行填写一人的一项荣誉；同一人有多项荣誉的，分多行填写。", "One row for each honour of a person."),
    ("必填：姓名、省份、年份、荣誉。其余可留空。", "Needed: name, province, year, honour."),
    (
        "身份证号用于识别同一人，导入后加密保存，页面和导出的表格只显示后四位。",
        "Identity numbers are sealed once imported.",
    ),
    (f"年份：{FIRST_YEAR} 年至今。", f"Years: from {FIRST_YEAR} on."),
    ("荣誉请从以下选择：", "Honours, one of:"),
    *((f"　　{words}", "") for words in KIND_WORDS.values()),
    ("奖项名称：证书所写的等次，如“一等奖”；全国称号可留空。", "Title: as on the certificate."),
    ("状态：在岗、离岗。", "State: 在岗, 离岗."),
)


def pool_template() -> bytes:
    """Return the workbook to fill in: an empty table, and a sheet that says what goes where."""
    book = TextBook()
    sheet = book.table("能手库", TEMPLATE_HEAD, _WIDTHS, ())
    years = {"validate": "integer", "criteria": "between", "minimum": FIRST_YEAR, "maximum": 2100}
    sheet.data_validation(1, 7, 5000, 7, {**years, "ignore_blank": True})
    kinds = {"validate": "list", "source": list(KIND_WORDS.values())}
    sheet.data_validation(1, 8, 5000, 8, {**kinds, "error_type": "warning"})
    sheet.data_validation(1, 6, 5000, 6, {"validate": "list", "source": list(STATE_WORDS.values())})
    book.notes((64, 40), _NOTES)
    return book.finished()


def pool_workbook(people: Sequence[PoolPerson], names: Mapping[DelegationCode, str]) -> bytes:
    """Return people with a row for each honour; `names` are the delegations' by code."""
    book = TextBook()
    rows = list(_rows(people, names))
    sheet = book.table("能手库", TEMPLATE_HEAD, _WIDTHS, rows)
    sheet.autofilter(0, 0, max(1, len(rows)), len(TEMPLATE_HEAD) - 1)
    return book.finished()


def _rows(people: Sequence[PoolPerson], names: Mapping[DelegationCode, str]) -> Iterator[list[str]]:
    for person in people:
        expert = person.expert
        who = [expert.name, masked_id_number(person.private.id_number), masked_phone(person.private.phone)]
        where = [expert.unit, "、".join(expert.expertise), STATE_WORDS[expert.state]]
        for one in sorted(expert.honours, reverse=True):
            won = [str(one.year), KIND_WORDS[PoolKind(one.kind)], one.title, str(one.place) if one.place else ""]
            # The honour's own province: what is imported again says the same.
            yield [*who, names.get(one.province, one.province), *where, *won]
