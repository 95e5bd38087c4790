"""What is handed out before a session: admission slips to print, and the same as a table.

Both hold access codes in the clear. Whoever makes one prints or sends it and keeps no copy on the server.
"""

import csv
import html
from collections.abc import Mapping, Sequence
from datetime import datetime
from io import StringIO
from itertools import groupby

from leitai.office.contests import Seat
from leitai.rules.beijing import BEIJING
from leitai.rules.values import DelegationCode, Micros

_STYLE = """
@page { size: A4; margin: 12mm }
* { box-sizing: border-box }
body { margin: 0; font: 12px/1.5 "Noto Sans SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", sans-serif;
  color: #1b1f24; background: #fff }
section { break-before: page }
section:first-of-type { break-before: auto }
h1 { font-size: 16px; margin: 0 0 2mm }
h1 small { font-weight: normal; color: #5c6570 }
.slips { display: grid; grid-template-columns: 1fr 1fr }
.slip { break-inside: avoid; border: 1px dashed #9aa3ad; padding: 4mm 5mm; height: 52mm; overflow: hidden }
.slip h2 { font-size: 12px; margin: 0 0 1mm; color: #5c6570; font-weight: normal }
.name { font-size: 20px; font-weight: 700; overflow: hidden; white-space: nowrap; text-overflow: ellipsis }
.of { color: #5c6570; overflow: hidden; white-space: nowrap; text-overflow: ellipsis }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 4mm; margin: 2mm 0 0; align-items: baseline }
dt { color: #5c6570 }
dd { margin: 0; font: 700 17px/1.5 ui-monospace, Consolas, Menlo, monospace; letter-spacing: .04em }
.note { color: #5c6570; font-size: 10px; margin: 1mm 0 0 }
"""


def slips(
    title: str,
    session: str,
    start_us: Micros,
    address: str,
    seats: Sequence[Seat],
    names: Mapping[DelegationCode, str],
) -> str:
    """Return admission slips 准考证 as one self-contained HTML page for A4: ten to a page, each delegation on its own.

    Whoever was struck off gets none.

    Args:
        title: of the contest.
        session: title of the session.
        start_us: its start, shown in China's time.
        address: where to sign in.
        seats: as `create_contest_session` returned them.
        names: full names of the delegations.
    """
    begins = clock_time(start_us)
    head = html.escape(f"{title} · {session}")
    note = f"{html.escape(begins)} 开始 starts · 登录 sign in: {html.escape(address)}"
    parts = [
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">',
        f"<title>{head} 准考证</title><style>{_STYLE}</style></head><body>",
    ]
    sitting = sorted((seat for seat in seats if not seat.struck), key=lambda seat: (seat.delegation, seat.admission_no))
    for delegation, group in groupby(sitting, key=lambda seat: seat.delegation):
        own = list(group)
        name = html.escape(names.get(delegation, delegation))
        parts.append(f'<section><h1>{name} <small>{len(own)} 人 · {head}</small></h1><div class="slips">')
        parts.extend(_slip(head, name, note, seat) for seat in own)
        parts.append("</div></section>")
    parts.append("</body></html>\n")
    return "".join(parts)


def clock_time(at_us: Micros) -> str:
    """Return an instant for paper, in China's time with its zone."""
    return datetime.fromtimestamp(at_us // 1_000_000, BEIJING).strftime("%Y-%m-%d %H:%M:%S UTC+8")


def table(seats: Sequence[Seat], names: Mapping[DelegationCode, str]) -> str:
    """Return the seats as CSV with a byte order mark: admission_no, code, name, delegation, delegation_name, struck.

    No cell can be taken for a formula.
    """
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(["admission_no", "code", "name", "delegation", "delegation_name", "struck"])
    for seat in seats:
        row = [seat.admission_no, seat.code, seat.name, seat.delegation, names.get(seat.delegation, "")]
        writer.writerow([*(_no_formula(cell) for cell in row), "1" if seat.struck else ""])
    return "\ufeff" + buffer.getvalue()


def _slip(head: str, delegation: str, note: str, seat: Seat) -> str:
    return (
        f'<article class="slip"><h2>{head} · 准考证 Admission</h2>'
        f'<div class="name">{html.escape(seat.name)}</div>'
        f'<div class="of">{delegation} · {html.escape(seat.unit)}</div>'
        f"<dl><dt>准考证号 No.</dt><dd>{html.escape(seat.admission_no)}</dd>"
        f"<dt>登录码 Code</dt><dd>{html.escape(seat.code)}</dd></dl>"
        f'<p class="note">{note}</p></article>'
    )


def _no_formula(cell: str) -> str:
    return "'" + cell if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
