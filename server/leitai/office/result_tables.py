"""The tables of a session's results: the nation, the delegations, one province, the items, the awards.

Each is made from what `office.results.Judged` holds, in a thread: a second or two of work for 1,600 × 80. Standings are
those of 定榜; awards are as they follow with what was put right since.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from leitai.office.award_table import Given, Held, awards, long_names, note_of
from leitai.office.awards.wording import award_said
from leitai.office.exporting.tables import Column, Form, Table
from leitai.office.importing.foreign import NAMES
from leitai.office.people_ports import DelegationName
from leitai.office.results import Judged
from leitai.rules.accounts import accounts
from leitai.rules.honours import AwardKind, Awards, award_name
from leitai.rules.item_statistics import item_statistics
from leitai.rules.values import DelegationCode, Key, Member, QuestionType, Response, SittingId, Standing
from leitai.wire.results_bodies import DelegationRow

_RANK, _POINTS = Column("名次", Form.COUNT, 6), Column("得分", Form.POINTS, 9)
_ELAPSED = Column("用时（秒）", Form.SECONDS, 12)
_PERSON = (
    _RANK,
    Column("姓名", width=12),
    Column("代表队", width=18),
    Column("准考证号", width=13),
    _POINTS,
    _ELAPSED,
    Column("多选和不定项得分", Form.POINTS, 16),
    Column("判断得分", Form.POINTS, 9),
    Column("作答题数", Form.COUNT, 9),
    Column("奖项", width=22),
    Column("状态", width=10),
)


def national(judged: Judged, names: Sequence[DelegationName], given: Given) -> list[Table]:
    """Everybody's standing."""
    awards, long = _named(given.held), long_names(names)
    rows = [_person(judged, standing, long, awards) for standing in judged.outcome.individuals]
    return [Table("个人名次", _PERSON, rows, note_of(judged))]


def province(judged: Judged, names: Sequence[DelegationName], delegation: DelegationCode, held: Held) -> list[Table]:
    """The contestants of one delegation, those without a place included, with unit and room."""
    awards, long = _named(held), long_names(names)
    members = [one for one in judged.outcome.members if one.delegation == delegation]
    placed = judged.outcome.by_sitting
    members.sort(key=lambda one: placed[one.sitting_id].order if one.sitting_id in placed else 1 << 31)
    columns = (*_PERSON, Column("单位", width=24), Column("考场", width=10))

    def row(member: Member) -> list[str | int | None]:
        sitting = judged.sittings[member.sitting_id]
        standing = placed.get(member.sitting_id)
        tail = [sitting.contestant.person.unit, member.room]
        if standing is not None:
            return [*_person(judged, standing, long, awards), *tail]
        head: list[str | int | None] = [None, member.name, long.get(delegation, delegation), sitting.admission_no]
        return [*head, None, None, None, None, None, "", _state(member), *tail]

    return [Table(long.get(delegation, delegation)[:31], columns, [row(one) for one in members], note_of(judged))]


def delegations(judged: Judged, names: Sequence[DelegationName], given: Given) -> list[Table]:
    """The delegations' standings with what makes them up."""
    national = (
        Column("知识通人数", Form.COUNT, 11),
        Column("岗位练兵明星人数", Form.COUNT, 16),
        Column("团体奖", width=14),
    )
    own = judged.record.contest.owner
    columns = (
        _RANK,
        Column("代表队", width=20),
        _POINTS,
        _ELAPSED,
        Column("参赛人数", Form.COUNT, 9),
        Column("缺考", Form.COUNT, 6),
        Column("取消资格", Form.COUNT, 9),
        Column("平均分", Form.POINTS, 9),
        Column("最高分", Form.POINTS, 9),
        *((Column("获奖人数", Form.COUNT, 9), Column("团体奖", width=14)) if own else national),
    )
    long = long_names(names)
    rows: list[list[str | int | None]] = [
        [
            one.rank,
            long.get(DelegationCode(one.delegation), one.delegation),
            one.centipoints,
            one.elapsed_us,
            one.members,
            one.absent,
            one.struck,
            one.centipoints // one.members if one.members else None,
            one.best_centipoints,
            *((one.awarded,) if own else (one.knowledge, one.stars)),
            award_said(one.prize),
        ]
        for one in delegation_rows(judged, given.awards)
    ]
    return [Table("团体名次", columns, rows, note_of(judged))]


def delegation_rows(judged: Judged, given: Awards) -> list[DelegationRow]:
    """The delegations by their standing, each with what makes it up."""
    outcome = judged.outcome
    prizes = {one.delegation: award_name(one.kind) for one in given.teams}
    held = Counter((one.delegation, one.kind) for one in given.persons)
    awarded = Counter(one.delegation for one in given.persons)
    absent = Counter(one.delegation for one in outcome.members if one.absent and not one.struck)
    struck = Counter(one.delegation for one in outcome.members if one.struck)
    rows: list[DelegationRow] = []
    for team in outcome.delegations:
        best = outcome.by_sitting.get(team.best) if team.best is not None else None
        rows.append(
            DelegationRow(
                team.rank,
                team.delegation,
                team.centipoints,
                team.elapsed_us,
                team.members,
                absent[team.delegation],
                struck[team.delegation],
                best.score.centipoints if best else 0,
                held[team.delegation, AwardKind.KNOWLEDGE],
                held[team.delegation, AwardKind.STAR],
                prizes.get(team.delegation, ""),
                awarded[team.delegation],
            )
        )
    return rows


def items(judged: Judged, names: Sequence[DelegationName], given: Given) -> list[Table]:
    """Every item that closed, in figures."""
    del names, given
    columns = (
        Column("题号", Form.COUNT, 6),
        Column("题型", width=8),
        Column("题干", width=60),
        Column("现行答案", width=16),
        Column("分值", Form.POINTS, 7),
        Column("人数", Form.COUNT, 8),
        Column("作答人数", Form.COUNT, 9),
        Column("正确人数", Form.COUNT, 9),
        Column("正确率", Form.SHARE, 9),
        Column("平均得分", Form.POINTS, 9),
        Column("平均用时（秒）", Form.SECONDS, 13),
        Column("区分度", Form.DEGREE, 9),
        Column("最多的错误作答", width=20),
        Column("其人数", Form.COUNT, 8),
    )
    record, outcome = judged.record, judged.outcome
    absent = {one.sitting_id for one in outcome.members if one.absent}
    sheets = (
        accounts(
            record.plan,
            sitting_id,
            judged.answers.get(sitting_id, ()),
            judged.windows,
            outcome.adjustments,
            judged.marks.get(sitting_id, {}),
        )
        for sitting_id in (one.score.sitting_id for one in outcome.individuals)
        if sitting_id not in absent
    )
    stems = {item.item_no: content.stem for item, content in zip(record.plan.items, record.contents, strict=True)}
    rows = [
        [
            one.item_no,
            NAMES[one.item.type],
            stems[one.item_no],
            _key(one.item.type, one.item.key),
            one.item.centipoints,
            one.sittings,
            one.answered,
            one.right,
            one.right * 10_000 // one.sittings,
            one.centipoints // one.sittings,
            one.elapsed_us // one.answered if one.answered else None,
            one.discrimination,
            _said(one.item.type, one.wrong),
            one.wrong_times or None,
        ]
        for one in item_statistics(sheets)
    ]
    return [Table("试题统计", columns, rows, note_of(judged))]


TABLES: Mapping[str, Callable[[Judged, Sequence[DelegationName], Given], list[Table]]] = {
    "national": national,
    "delegations": delegations,
    "items": items,
    "awards": awards,
}
"""The tables of all delegations, by name; `province` is for one."""


def _person(
    judged: Judged, standing: Standing, long: Mapping[DelegationCode, str], awards: Mapping[SittingId, str]
) -> list[str | int | None]:
    score = standing.score
    sitting = judged.sittings[score.sitting_id]
    person = sitting.contestant.person
    return [
        standing.rank,
        person.name,
        long.get(person.delegation, person.delegation),
        sitting.admission_no,
        score.centipoints,
        score.elapsed_us,
        score.multiple_centipoints,
        score.true_false_centipoints,
        score.answered,
        awards.get(score.sitting_id, ""),
        "缺考" if sitting.absent else "",
    ]


def _named(held: Held) -> dict[SittingId, str]:
    return {sitting_id: award_said(award_name(kind)) for sitting_id, kind in held.items()}


def _state(member: Member) -> str:
    return "取消资格" if member.struck else "缺考" if member.absent else ""


def _key(of: QuestionType, key: Key) -> str:
    sets = [_said(of, tuple(sorted(options))) for options in (key.options, *key.also) if options]
    return " 或 ".join(sets) or "；".join(" / ".join(alternatives) for alternatives in key.blanks)


def _said(of: QuestionType, response: Response) -> str:
    if of is QuestionType.TRUE_FALSE:
        return "、".join({"T": "正确", "F": "错误"}.get(one, one) for one in response)
    return "".join(response) if all(len(one) == 1 for one in response) else "；".join(response)
