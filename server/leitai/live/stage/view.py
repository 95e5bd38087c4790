"""What desks and screens are told of a stage: everything that the audience may know, and nothing else."""

from collections.abc import Collection, Mapping, Sequence

from leitai.rules.stage_state import Asked, Stage, Vote
from leitai.wire.stage_log import StageKey, StageText
from leitai.wire.stage_messages import (
    ServerStage,
    StageFilm,
    StageLast,
    StagePress,
    StageQuestion,
    StageRound,
    StageTeam,
    StageVerdict,
    StageVote,
)

_NO_TEXT = StageText("", "")
_NO_KEY = StageKey()


def waiting(version: int) -> ServerStage:
    """Return what is told before a stage begins."""
    return ServerStage(version, "waiting", "", [])


def told(
    version: int,
    stage: Stage,
    texts: Mapping[int, StageText],
    keys: Mapping[int, StageKey],
    connected: Collection[int],
    counts: Sequence[int],
) -> ServerStage:
    """Return where a stage stands.

    `texts` and `keys` are those that came with the log; `connected` are teams with a desk on the line; `counts` those
    of the vote that is open.
    """
    scores, ranks = stage.scores, stage.ranks
    teams = [
        StageTeam(team, name, scores[team - 1], ranks[team - 1], stage.deciders[team - 1], team in connected)
        for team, name in enumerate(stage.plan.teams, start=1)
    ]
    asked, last = stage.asked, stage.lines[-1] if stage.lines else None
    return ServerStage(
        version=version,
        state="ended" if stage.ended else "running",
        title=stage.plan.title,
        teams=teams,
        timer_ends_us=stage.timer_ends_us,
        round=_round(stage),
        question=None if asked is None else _question(stage, asked, texts, keys),
        vote=None if stage.vote is None else _vote(stage.vote, counts),
        last=None if last is None else StageLast(last.seq, last.team, last.centipoints, last.why),
    )


def _round(stage: Stage) -> StageRound | None:
    if not stage.round_no:
        return None
    plan = stage.plan.rounds[stage.round_no - 1]
    return StageRound(
        stage.round_no,
        plan.kind.value,
        plan.title,
        plan.questions,
        stage.asked_in_round,
        stage.turn,
        stage.running,
        stage.stake[1],
        list(stage.pressing or stage.contenders),
    )


def _question(
    stage: Stage, asked: Asked, texts: Mapping[int, StageText], keys: Mapping[int, StageKey]
) -> StageQuestion:
    text = texts.get(asked.question, _NO_TEXT)
    key = keys.get(asked.question, _NO_KEY) if asked.revealed else _NO_KEY
    first_us = asked.presses[0].stamp_us if asked.presses else 0
    film = asked.film
    return StageQuestion(
        question=asked.question,
        team=asked.team,
        stake=asked.stake,
        type=text.type,
        stem=text.stem,
        options=text.options,
        parts=text.parts,
        opens_at_us=asked.opens_at_us,
        closes_at_us=asked.closes_at_us,
        presses=[StagePress(one.team, one.stamp_us, one.stamp_us - first_us) for one in asked.presses],
        false_starts=list(asked.false_starts),
        answering=stage.answering,
        verdicts=[StageVerdict(team, right) for team, right in asked.verdicts],
        over=asked.over(stage.chances),
        revealed=asked.revealed,
        key=key.options,
        texts=key.texts,
        explanation=key.explanation,
        media=text.media,
        film=None if film is None else StageFilm(film.film, film.playing, film.at_us, film.from_us),
    )


def _vote(vote: Vote, counts: Sequence[int]) -> StageVote:
    is_open = vote.counts is None
    shown = list(counts if vote.counts is None else vote.counts)
    return StageVote(
        vote.number,
        vote.title,
        list(vote.choices),
        shown or [0] * len(vote.choices),
        is_open,
        vote.code if is_open else "",
    )
