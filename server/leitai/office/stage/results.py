"""The results of a stage: standings that add up to the changes of points behind them, and as a workbook."""

from collections.abc import Sequence

from leitai.office.exporting.tables import Column, Form, Table, write_tables
from leitai.office.sheets import clock_time
from leitai.rules.stage_events import StagePlan
from leitai.rules.stage_state import Line, Stage
from leitai.rules.values import Micros
from leitai.wire.stage_bodies import StageResults, StageResultTeam, StageScoreLine
from leitai.wire.stage_log import KeptEntry

WHY = {"right": "答对", "wrong": "答错", "false_start": "抢答犯规", "award": "裁判加减分"}
_XLSX_TEXT = 32_000


def score_lines(stage: Stage) -> list[StageScoreLine]:
    """Return every change of points that counts, with who made it and when."""
    return [_line(stage, one) for one in stage.lines]


def results(stage_id: int, state: str, stage: Stage, entries: Sequence[KeptEntry]) -> StageResults:
    """Return the standings, best first, with what they follow from."""
    return StageResults(
        stage_id,
        stage.plan.title,
        state,
        [one.title for one in stage.plan.rounds],
        sorted((_team(stage, team) for team in range(1, len(stage.plan.teams) + 1)), key=lambda one: one.rank),
        score_lines(stage),
        [
            {"seq": one.seq, "at_us": one.at_us, "actor": one.actor, "kind": one.kind, "body": one.body}
            for one in entries
        ],
    )


def results_xlsx(told: StageResults) -> bytes:
    """Return the same as a workbook: standings, changes of points, and the log. Run it in a thread."""
    names = {one.team: one.name for one in told.teams}
    standings = Table(
        "名次",
        (
            Column("名次", Form.COUNT, 6),
            Column("队伍", width=24),
            Column("总分", Form.POINTS),
            Column("加赛", Form.COUNT, 6),
            *(Column(title, Form.POINTS, 12) for title in told.rounds),
            Column("裁判加减分", Form.POINTS, 12),
            Column("答对", Form.COUNT, 6),
            Column("答错", Form.COUNT, 6),
            Column("抢答犯规", Form.COUNT, 8),
        ),
        [
            (
                one.rank,
                one.name,
                one.centipoints,
                one.decider,
                *one.by_round,
                one.awards,
                one.right,
                one.wrong,
                one.false_starts,
            )
            for one in told.teams
        ],
        note=told.title,
    )
    changes = Table(
        "得分明细",
        (
            Column("序号", Form.COUNT, 6),
            Column("时间", width=20),
            Column("队伍", width=24),
            Column("题号", Form.COUNT, 6),
            Column("事由", width=12),
            Column("分值", Form.POINTS),
            Column("说明", width=40),
            Column("经手", width=16),
        ),
        [
            (
                one.seq,
                clock_time(Micros(one.at_us)),
                names[one.team],
                one.question or None,
                WHY[one.why],
                one.centipoints,
                one.reason,
                one.actor,
            )
            for one in told.lines
        ],
    )
    log = Table(
        "现场记录",
        (
            Column("序号", Form.COUNT, 6),
            Column("时间（微秒）", width=20),
            Column("经手", width=16),
            Column("事件", width=18),
            Column("内容", width=80),
        ),
        [(one["seq"], str(one["at_us"]), one["actor"], one["kind"], str(one["body"])[:_XLSX_TEXT]) for one in told.log],
    )
    return write_tables((standings, changes, log))


def _team(stage: Stage, team: int) -> StageResultTeam:
    own = [line for line in stage.lines if line.team == team]
    by_round = [0] * len(stage.plan.rounds)
    for line in own:
        if line.question:
            by_round[_round_of(stage.plan, line.question)] += line.centipoints
    counts = {why: sum(line.why == why for line in own) for why in WHY}
    return StageResultTeam(
        stage.ranks[team - 1],
        team,
        stage.plan.teams[team - 1],
        stage.scores[team - 1],
        stage.deciders[team - 1],
        by_round,
        sum(line.centipoints for line in own if line.why == "award"),
        counts["right"],
        counts["wrong"],
        counts["false_start"],
    )


def _round_of(plan: StagePlan, question: int) -> int:
    """Return the place of a question's round, from 0."""
    place = 0
    for one in plan.rounds:
        if question <= one.questions:
            break
        question -= one.questions
        place += 1
    return place


def _line(stage: Stage, line: Line) -> StageScoreLine:
    entry = stage.entries[line.seq - 1]
    return StageScoreLine(
        line.seq, entry.at_us, entry.actor, line.team, line.centipoints, line.why, line.question, line.reason
    )
