"""Eligibility as the office applies it: who is struck off the roster, and why."""

from leitai.office.ports import Person

MIN_DAILY_STAR_TITLES = 1
MIN_WEEKLY_POINTS = 1_000


def struck_reason(person: Person) -> str:
    """Return why a person may not take part (plan 四(二)2), for people; empty when they may."""
    reasons: list[str] = []
    if person.daily_star_titles < MIN_DAILY_STAR_TITLES:
        reasons.append("未获得“日日学之星”称号")
    if person.weekly_points < MIN_WEEKLY_POINTS:
        reasons.append(f"“周周练”累计积分 {person.weekly_points}，不足 {MIN_WEEKLY_POINTS}")
    return "；".join(reasons)
