"""Eligibility as the office applies it: from what a file says about a person to the rules, their outcome in words, and
who is struck off (plan 四(二)2).

Contests and titles come as a province writes them; what they are is read from the words, with the year beside them.
Words that name none of the plan's contests speak against nobody.
"""

import re
from datetime import date

from leitai.office.people_ports import Person
from leitai.rules.eligibility import (
    ContestKind,
    Evidence,
    Fact,
    Figure,
    Honour,
    HonourKind,
    Participation,
    RuleCode,
    RuleResult,
    check,
    eligible,
)

RULE_WORDS: dict[RuleCode, str] = {
    RuleCode.DAILY_STAR: "至少获得 1 次“日日学之星”称号",
    RuleCode.WEEKLY_POINTS: "“周周练”累计积分不低于 1000 分",
    RuleCode.NO_FORMER_CONTEST: "未参加过练兵比武省际邀请赛、区域赛、全国赛",
    RuleCode.NO_LAW_CONTEST: "未参加过 2019 年度全国人社法治知识竞赛",
    RuleCode.NO_KNOWLEDGE_TITLE: "未获得过全国“人社知识通”称号",
}
# The first that fits: a province's own contest first, for its name may hold any of the other words.
_CONTESTS: tuple[tuple[re.Pattern[str], ContestKind], ...] = (
    (re.compile(r"省内|省级|市级|县级|全省|全市|全区(?!域)"), ContestKind.PROVINCIAL),
    (re.compile(r"法治知识|法律知识"), ContestKind.LAW_KNOWLEDGE),
    (re.compile(r"统一在线"), ContestKind.UNIFIED_ONLINE),
    (re.compile(r"省际|邀请赛"), ContestKind.INTER_PROVINCIAL),
    (re.compile(r"区域赛|吉林赛区"), ContestKind.REGIONAL),
    (re.compile(r"全国"), ContestKind.NATIONAL),
)
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
_EVENT_WORDS: dict[ContestKind, str] = {
    ContestKind.PROVINCIAL: "省内比武",
    ContestKind.LAW_KNOWLEDGE: "全国人社法治知识竞赛",
    ContestKind.UNIFIED_ONLINE: "全国统一在线比试",
    ContestKind.INTER_PROVINCIAL: "省际邀请赛",
    ContestKind.REGIONAL: "区域赛",
    ContestKind.NATIONAL: "全国赛",
}


def measured_by(year: int) -> date:
    """Return the last day that counts for a contest: 31 August of its year."""
    return date(year, 8, 31)


def judge(person: Person, year: int) -> tuple[RuleResult, ...]:
    """Return every rule's outcome for a person in the contest of a year."""
    return check(evidence(person, year), measured_by(year))


def struck_reason(person: Person, year: int) -> str:
    """Return why a person may not take part, for people; empty when they may."""
    results = judge(person, year)
    if eligible(results):
        return ""
    return "；".join(
        f"不符合“{RULE_WORDS[result.code]}”（{evidence_words(result)}）" for result in results if not result.passed
    )


def evidence(person: Person, year: int) -> Evidence:
    """Return what the rules judge. A contest or title without a year is taken for one of an earlier year."""
    participations = [_participation(text, year) for text in person.prior_events]
    titles = [_honour(text, year) for text in person.prior_titles]
    return Evidence(
        daily_star_titles=person.daily_star_titles,
        weekly_centipoints=person.weekly_centipoints,
        participations=tuple(found for found in participations if found),
        titles=tuple(found for found in titles if found),
    )


def evidence_words(result: RuleResult) -> str:
    """Return what a rule was judged by, for people; empty when nothing speaks against them."""
    return "；".join(_fact_words(result.code, fact) for fact in result.evidence)


def _fact_words(code: RuleCode, fact: Fact) -> str:
    if isinstance(fact, Figure):
        if code is RuleCode.WEEKLY_POINTS:
            return f"{fact.reached / 100:g} 分"
        return f"{fact.reached} 次"
    return contest_words(fact) if isinstance(fact, Participation) else title_words(fact)


def contest_words(one: Participation) -> str:
    """Return a contest in words, which `evidence` reads as the same contest."""
    return f"{one.year} 年{_EVENT_WORDS[one.kind]}"


def title_words(one: Honour) -> str:
    """Return a title in words, which `evidence` reads as the same title."""
    return f"{one.year} 年{'人社知识通' if one.kind is HonourKind.KNOWLEDGE else '岗位练兵明星'}"


def contest_named(text: str) -> ContestKind | None:
    """Return which of the plan's contests words are about; None for none of them."""
    return next((kind for pattern, kind in _CONTESTS if pattern.search(text)), None)


def title_named(text: str) -> HonourKind | None:
    """Return which national title words are about; None for none, a province's own of that name among them."""
    if re.search(r"省级|全省|本省|市级", text):
        return None
    if "知识通" in text:
        return HonourKind.KNOWLEDGE
    return HonourKind.STAR if "练兵明星" in text else None


def _participation(text: str, year: int) -> Participation | None:
    kind = contest_named(text)
    return Participation(kind, _year(text, _default_year(kind, year))) if kind else None


def _honour(text: str, year: int) -> Honour | None:
    kind = title_named(text)
    return Honour(kind, _year(text, year - 1)) if kind else None


def _default_year(kind: ContestKind | None, year: int) -> int:
    return 2019 if kind is ContestKind.LAW_KNOWLEDGE else year - 1


def _year(text: str, otherwise: int) -> int:
    found = _YEAR.search(text)
    return int(found[1]) if found else otherwise
