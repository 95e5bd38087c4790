"""Participation in practice as a table."""

from collections.abc import Sequence
from datetime import date

from leitai.office.exporting.tables import Column, Form, Table, write_tables
from leitai.office.practice.desk_ports import Participation

PUBLIC, ALL_MODULES = "社会公众", "全部模块"
_COLUMNS = (
    Column("地区", width=22),
    Column("模块", width=24),
    Column("参与人次（人·天）", Form.COUNT, 18),
    Column("作答题数", Form.COUNT, 12),
    Column("答对题数", Form.COUNT, 12),
    Column("正确率", Form.SHARE, 10),
)


def participation_xlsx(rows: Sequence[Participation], first: date, last: date) -> bytes:
    """Return a workbook of one sheet. Run it in a thread."""
    cells = [
        (
            row.province_name or PUBLIC,
            row.module or ALL_MODULES,
            row.learner_days,
            row.answers,
            row.right,
            row.right * 10_000 // row.answers if row.answers else None,
        )
        for row in rows
    ]
    note = f"{first.isoformat()} 至 {last.isoformat()}（北京时间）"
    return write_tables([Table("练兵参与情况", _COLUMNS, cells, note)])
