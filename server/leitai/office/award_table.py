"""The table of awards with what was put right after 定榜, and what all tables of results say alike."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from leitai.office.awards.wording import award_said
from leitai.office.exporting.tables import Column, Form, Table
from leitai.office.people_ports import DelegationName
from leitai.office.results import Judged
from leitai.rules.award_corrections import Correction, Rename, Withdraw, standing
from leitai.rules.award_corrections import names as renames
from leitai.rules.beijing import BEIJING
from leitai.rules.effects import OrderEquals, StrikeOff
from leitai.rules.honours import AwardKind, AwardName, Awards, award_name
from leitai.rules.provinces import NATION, PROVINCES
from leitai.rules.rights import NO_DELEGATION
from leitai.rules.values import DelegationCode, SittingId

Held = Mapping[SittingId, AwardName]
"""Who holds which award."""


@dataclass(frozen=True, slots=True)
class Given:
    """Awards as they follow from the record and the corrections made after 定榜, under the names that these gave."""

    awards: Awards
    corrections: Sequence[Correction] = ()
    """By id, withdrawn ones too."""

    @property
    def held(self) -> Held:
        """Who holds which award."""
        return {one.sitting_id: one.kind for one in self.awards.persons}


def awards(judged: Judged, names: Sequence[DelegationName], given: Given) -> list[Table]:
    """The awards: of persons, of teams, what is open, and what was put right after 定榜."""
    long, own = long_names(names), judged.record.contest.owner
    people = {one.sitting_id: one.name for one in judged.outcome.members} | renames(given.corrections)
    persons = [
        [
            award_said(award_name(one.kind)),
            one.reason.place,
            one.name,
            long.get(one.delegation, one.delegation),
            judged.sittings[one.sitting_id].contestant.person.unit,
            judged.outcome.by_sitting[one.sitting_id].score.centipoints,
            one.reason.rank,
            "、".join(people[other] for other in one.reason.passed_over),
        ]
        for one in given.awards.persons
    ]
    teams = [
        [award_said(award_name(one.kind)), one.reason.rank, long.get(one.delegation, one.delegation)]
        for one in given.awards.teams
    ]
    columns = (
        Column("奖项", width=22),
        Column("序次", Form.COUNT, 6),
        Column("姓名", width=12),
        Column("代表队", width=20),
        Column("单位", width=24),
        Column("得分", Form.POINTS, 9),
        Column("名次" if own else "全国名次", Form.COUNT, 9),
        Column("依次顺延让出者", width=30),
    )
    team_columns = (Column("奖项", width=14), Column("名次", Form.COUNT, 6), Column("代表队", width=20))
    correction_columns = (
        Column("编号", Form.COUNT, 6),
        Column("更正", width=12),
        Column("内容", width=40),
        Column("理由", width=40),
        Column("异议编号", Form.COUNT, 9),
        Column("裁判长", width=12),
        Column("时间（北京）", width=20),
        Column("状态", width=8),
    )
    counting = len(standing(given.corrections))
    note = note_of(judged) + (f" · 含定榜后更正 {counting} 项" if counting else "")
    return [
        Table("个人奖项", columns, persons, note),
        *([] if own else [Table("团体奖项", team_columns, teams, note)]),
        Table(
            "待裁决与空缺",
            (Column("事项", width=80),),
            [[line] for line in _open(given.awards, long, people, own)],
            note,
        ),
        Table("定榜后更正", correction_columns, list(_corrections(given.corrections, judged, long)), note),
    ]


def long_names(names: Sequence[DelegationName]) -> dict[DelegationCode, str]:
    return {one.code: one.name for one in names}


def note_of(judged: Judged) -> str:
    state = {"closed": "已收卷", "under_review": "复核中", "finalized": "已定榜"}[judged.record.phase.value]
    return f"{judged.record.contest.title} · {judged.record.title} · {state}"


def _corrections(
    corrections: Sequence[Correction], judged: Judged, long: Mapping[DelegationCode, str]
) -> Iterator[list[str | int | None]]:
    on_roster = {one.sitting_id: one.name for one in judged.outcome.members}
    counting = {one.correction_id for one in standing(corrections)}
    for one in corrections:
        match one.effect:
            case StrikeOff(sitting_id):
                kind, what = "取消资格", on_roster[sitting_id]
            case Rename(sitting_id, name):
                kind, what = "更正姓名", f"{on_roster[sitting_id]} → {name}"
            case OrderEquals(persons, delegations):
                ordered = [*(on_roster[who] for who in persons), *(long.get(code, code) for code in delegations)]
                kind, what = "并列定序", " ＞ ".join(ordered)
            case Withdraw(correction_id):
                kind, what = "撤回更正", f"第 {correction_id} 号"
        state = "" if isinstance(one.effect, Withdraw) else "生效" if one.correction_id in counting else "已撤回"
        at = f"{datetime.fromtimestamp(one.at_us // 1_000_000, BEIJING):%Y-%m-%d %H:%M:%S}"
        yield [one.correction_id, kind, what, one.reason, one.objection_id, one.actor, at, state]


def _open(
    given: Awards, long: Mapping[DelegationCode, str], people: Mapping[SittingId, str], own: DelegationCode
) -> Iterator[str]:
    def where(code: DelegationCode | None) -> str:
        return long.get(code or NO_DELEGATION, PROVINCES.get(own, NATION))

    for tie in given.ties:
        seats = "、".join(f"{award_said(award_name(kind))} {seats} 名" for kind, seats in tie.seats)
        who = "、".join([*(people[one] for one in tie.persons), *(where(one) for one in tie.delegations)])
        yield f"{where(tie.delegation)}：{who} 并列，争 {seats}，待裁决"
    for one in given.waiting:
        yield f"{where(one.delegation)}：{award_said(AwardKind.STAR.value)} {one.seats} 名，待全国并列裁决"
    for one in given.shortfalls:
        award = award_said(award_name(one.kind))
        yield f"{where(one.delegation)}：{award} 名额 {one.quota}，可授 {one.eligible}，其余空缺"
