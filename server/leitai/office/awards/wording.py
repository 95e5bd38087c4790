"""What awards are called, and what a contest's certificates and publication say unless somebody sets it otherwise."""

from collections.abc import Mapping

import msgspec

from leitai.office.session_ports import Contest
from leitai.rules.honours import AwardKind
from leitai.rules.publicity import PERIOD_DAYS
from leitai.wire.awards_bodies import AwardSettings, CitationKind

AWARD_NAMES: Mapping[str, str] = {
    AwardKind.KNOWLEDGE.value: "全国“人社知识通”",
    AwardKind.STAR.value: "全国“岗位练兵明星”",
    AwardKind.TEAM_GRAND.value: "团体特等奖",
    AwardKind.TEAM_FIRST.value: "团体一等奖",
    AwardKind.TEAM_SECOND.value: "团体二等奖",
    AwardKind.TEAM_THIRD.value: "团体三等奖",
}
"""Plan 六. The prizes of a province's own contest are called as in their table."""
OWN_PRIZE: CitationKind = "prize"
"""What certificates of all prizes of a province's own contest say."""
OWN_TEAM_PRIZE: CitationKind = "team_prize"
"""What plaques of all prizes of its teams say."""
_TITLED = "在{contest}全国赛中成绩优异，被授予{award}称号。\n特发此证，以资鼓励。"
_PLACED = "在{contest}全国赛中荣获{award}。\n特颁此牌，以资鼓励。"
_CITATIONS: dict[CitationKind, str] = {
    "knowledge": _TITLED,
    "star": _TITLED,
    "team_grand": _PLACED,
    "team_first": _PLACED,
    "team_second": _PLACED,
    "team_third": _PLACED,
}


_OWN_CITATIONS: dict[CitationKind, str] = {
    OWN_PRIZE: "在{contest}中荣获{award}。\n特发此证，以资鼓励。",
    OWN_TEAM_PRIZE: "在{contest}中荣获{award}。\n特颁此牌，以资鼓励。",
}


def award_said(name: str) -> str:
    """Return an award in words, by the name that lists give it."""
    return AWARD_NAMES.get(name, name)


def citation_of(settings: AwardSettings, award: str, *, team: bool) -> str:
    """Return what certificates of an award say, or a team's plaques, with what is in braces."""
    citations: Mapping[str, str] = {**settings.citations}
    own = OWN_TEAM_PRIZE if team else OWN_PRIZE
    # A province's prizes share what is said, whatever they are called.
    return citations[own if own in citations else award]


def default_settings(contest: Contest) -> AwardSettings:
    """Return what holds for a contest until somebody changes it."""
    return AwardSettings(
        period_days=PERIOD_DAYS,
        days_off=[],
        days_worked=[],
        contact="",
        title="荣誉证书",
        issuers=[contest.organizer] if contest.organizer else [],
        date=f"{contest.year}年",
        number="〔{year}〕第{no}号",
        citations=_citations(contest),
    )


def read_settings(contest: Contest, kept: bytes | None) -> AwardSettings:
    """Return a contest's settings: what is kept, and for citations that are not in it what is usual."""
    if kept is None:
        return default_settings(contest)
    found = msgspec.json.decode(kept, type=AwardSettings)
    return msgspec.structs.replace(found, citations=_citations(contest) | found.citations)


def _citations(contest: Contest) -> dict[CitationKind, str]:
    return dict(_OWN_CITATIONS if contest.owner else _CITATIONS)


def filled(pattern: str, values: Mapping[str, str]) -> str:
    """Return a pattern with `{name}` and its like filled in, in one pass; other braces stay as they are."""
    parts: list[str] = []
    rest = pattern
    while rest:
        before, opened, after = rest.partition("{")
        name, closed, behind = after.partition("}")
        parts.append(before)
        if opened and closed and name in values:
            parts.append(values[name])
            rest = behind
        else:
            parts.append(opened)
            rest = after
    return "".join(parts)
