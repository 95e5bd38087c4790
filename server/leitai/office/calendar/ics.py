"""The calendar for calendar programs: iCalendar (RFC 5545), one all-day event for each stage that has days."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from leitai.office.calendar.calendar import Shown
from leitai.rules.calendar import Stage

STAGE_WORDS: dict[Stage, str] = {
    Stage.BANK_REVISION: "修订大纲题库",
    Stage.BANK_PUBLICATION: "公布大纲题库",
    Stage.PRACTICE: "岗位练兵",
    Stage.SUPPLEMENT: "增补大纲",
    Stage.ELIGIBILITY: "资格截止日",
    Stage.NOMINATION: "报送名单",
    Stage.DRAW: "抽签",
    Stage.CONTEST: "全国统一在线比试",
    Stage.APPEALS: "申诉与复核",
    Stage.PUBLICITY: "公示",
    Stage.AWARDS: "颁奖",
}
_FOLD = 75
"""Octets of a line at most (RFC 5545, 3.1)."""


def calendar_file(shown: Shown, host: str = "leitai") -> str:
    """Return the text of a .ics; its lines end with CRLF. `host` makes the events' names unique."""
    changed = datetime.fromtimestamp(shown.year.changed_us / 1e6, UTC)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Leitai//Calendar//ZH",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{text_value(shown.year.title)}",
    ]
    for one in shown.stages:
        if one.span is None:
            continue
        note = shown.notes.get(one.stage, "")
        lines += [
            "BEGIN:VEVENT",
            f"UID:contest-{shown.year.contest_id}-{one.stage.value}@{host}",
            f"DTSTAMP:{changed:%Y%m%dT%H%M%SZ}",
            f"SEQUENCE:{shown.year.version}",
            f"DTSTART;VALUE=DATE:{one.span.first:%Y%m%d}",
            # The day after the last: an end is not included (3.6.1).
            f"DTEND;VALUE=DATE:{one.span.last + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{text_value(STAGE_WORDS[one.stage])}",
            *([f"DESCRIPTION:{text_value(note)}"] if note else []),
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(part + "\r\n" for line in lines for part in folded(line))


def text_value(text: str) -> str:
    """Escape a text (3.3.11)."""
    escaped = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "")


def folded(line: str) -> Iterator[str]:
    """Fold a line between characters, so that no part is longer than 75 octets (3.1)."""
    part, size = "", 0
    for sign in line:
        octets = len(sign.encode())
        if size + octets > _FOLD:
            yield part
            part, size = " ", 1
        part += sign
        size += octets
    yield part
