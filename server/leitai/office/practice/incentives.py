"""What learners take away: the badge of a title to print, a picture to share, and reminders for calendar programs."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from leitai.office.calendar.ics import folded, text_value
from leitai.office.practice.standing import Own
from leitai.office.printing.qr import qr_svg
from leitai.office.printing.typesetting import pdf, pictures
from leitai.rules.practice import PracticeTitle
from leitai.rules.practice_boards import Period, ends_on
from leitai.rules.practice_titles import PERIOD_OF, TitleFact

TITLE_WORDS = {
    PracticeTitle.DAILY_STAR: "日日学之星",
    PracticeTitle.WEEKLY_MASTER: "周周练达人",
    PracticeTitle.MONTHLY_EXPERT: "月月比能手",
}
POSTER_PPI = 305
"""90 mm are 1,080 dots then, as telephones show them."""
_EVENING = time(12, 0)
"""20:00 in Beijing, which has no summer time, in UTC."""


def day_words(day: date) -> str:
    """Return a day as it is written in Chinese."""
    return f"{day.year} 年 {day.month} 月 {day.day} 日"


def points_words(centipoints: int) -> str:
    """Return points without needless noughts."""
    whole, rest = divmod(centipoints, 100)
    return f"{whole:,}" + (f".{rest:02}".rstrip("0") if rest else "")


def badge(name: str, place: str, fact: TitleFact, issuer: str) -> bytes:
    """Return the PDF of a title's badge. Run it in a thread."""
    return pdf(
        "badge",
        {
            "title": TITLE_WORDS[fact.title],
            "recipient": name,
            "place": place,
            "period": _period(fact),
            "body": _evidence(fact),
            "date": day_words(fact.earned_on),
            "issuer": issuer,
        },
    )


def poster(name: str, place: str, own: Own, address: str) -> bytes:
    """Return the PNG of a picture to share, with a code that leads to `address`. Run it in a thread."""
    total = own.sums.get(Period.ALL)
    month = own.sums.get(Period.MONTH)
    held = own.titles[::-1][:3]
    (picture,) = pictures(
        "poster",
        {
            "name": name,
            "place": place,
            "day": day_words(own.today),
            "figures": [
                {"value": str(own.streak.current), "label": "连续学习天数"},
                {"value": points_words(total.centipoints if total else 0), "label": "累计积分"},
                {"value": points_words(month.centipoints if month else 0), "label": "本月积分"},
                {"value": str(len(own.titles)), "label": "获得称号"},
            ],
            "titles": [f"{TITLE_WORDS[one.title]}　{_period(one)}" for one in held],
            "qr": qr_svg(address),
            "scan": "扫码一起练兵",
        },
        POSTER_PPI,
    )
    return picture


class Press:
    """Prints one thing at a time, off the loop."""

    def __init__(self) -> None:
        self._busy = asyncio.Semaphore(1)

    async def badge(self, name: str, place: str, fact: TitleFact, issuer: str) -> bytes:
        """See `badge`."""
        async with self._busy:
            return await asyncio.to_thread(badge, name, place, fact, issuer)

    async def poster(self, name: str, place: str, own: Own, address: str) -> bytes:
        """See `poster`."""
        async with self._busy:
            return await asyncio.to_thread(poster, name, place, own, address)


def reminders(learner_id: int, own: Own, address: str, made: datetime) -> str:
    """Return the text of a .ics: every evening, the last evening of the week, and that of the month.

    Lines end with CRLF. Programs ask again by themselves, so that what it says of the streak is of the day.
    """
    said = f"已连续学习 {own.streak.current} 天" if own.streak.current else "今天开始第一组"
    sunday = ends_on(Period.WEEK, own.today)
    events = [
        ("daily", own.today, "FREQ=DAILY", "日日学：今天的题", said),
        ("weekly", sunday, "FREQ=WEEKLY;BYDAY=SU", "周周练：本周最后一天", "每天两组计分，周日结束。"),
        ("monthly", own.today.replace(day=28), "FREQ=MONTHLY;BYMONTHDAY=28", "月月比：本月即将结束", "每月一次。"),
    ]
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Leitai//Practice//ZH",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{text_value('练兵提醒')}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT12H",
    ]
    for name, day, rule, summary, about in events:
        begins = datetime.combine(day, _EVENING, UTC)
        lines += [
            "BEGIN:VEVENT",
            f"UID:practice-{learner_id}-{name}@leitai",
            f"DTSTAMP:{made:%Y%m%dT%H%M%SZ}",
            f"DTSTART:{begins:%Y%m%dT%H%M%SZ}",
            f"DTEND:{begins + timedelta(minutes=15):%Y%m%dT%H%M%SZ}",
            f"RRULE:{rule}",
            f"SUMMARY:{text_value(summary)}",
            f"DESCRIPTION:{text_value(about)}",
            f"URL:{address}",
            "TRANSP:TRANSPARENT",
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            f"DESCRIPTION:{text_value(summary)}",
            "TRIGGER:PT0S",
            "END:VALARM",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(part + "\r\n" for line in lines for part in folded(line))


def lowest(names: Sequence[str]) -> str:
    """Return where somebody works in words, from the province down, at most the two ends."""
    return names[0] if len(names) == 1 else f"{names[0]}　{names[-1]}" if names else ""


def _period(fact: TitleFact) -> str:
    first = fact.starts_on
    if PERIOD_OF[fact.title] is Period.MONTH:
        return f"{first.year} 年 {first.month} 月"
    last = ends_on(Period.WEEK, first)
    return f"{first.year} 年 {first.month} 月 {first.day} 日至 {last.month} 月 {last.day} 日"


def _evidence(fact: TitleFact) -> str:
    match fact.title:
        case PracticeTitle.DAILY_STAR:
            return f"当月坚持“日日学”{len(fact.days)} 天，共完成 {fact.amount:,} 题。"
        case PracticeTitle.WEEKLY_MASTER:
            return f"本周“周周练”获得满分 {points_words(fact.amount)} 分。"
        case PracticeTitle.MONTHLY_EXPERT:
            return f"当月“月月比”获得 {points_words(fact.amount)} 分。"
