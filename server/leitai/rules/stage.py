"""The law of stage rounds: a log of events, and where the stage stands after it.

`after` takes one more entry or refuses it and changes nothing; `replay` makes the same of a whole log. Nothing is
ever removed from a log: a withdrawal is an entry, and the stage then stands as the other entries alone would have it.
So scores can be recomputed by anybody who has the log, and every beginning of a legal log is legal.

Presses are facts and never refused: whether one is first, a false start or of no effect follows from the rest. Their
order is that of their arrival (`Pressed.stamp_us`), and of two in the same microsecond that of the log.
"""

from collections.abc import Iterable
from dataclasses import replace

from leitai.rules import stage_events as e
from leitai.rules.stage_events import BUZZED, Entry, RoundKind, StageRefused, check_plan
from leitai.rules.stage_state import NEVER, Asked, Film, Line, Press, Stage, Vote
from leitai.rules.values import Micros


def begun(entry: Entry) -> Stage:
    """Return a stage at its first entry; raises `StageRefused` for one that cannot begin a log, or a bad plan."""
    event = entry.event
    if not isinstance(event, e.StageBegun) or entry.seq != 1:
        raise StageRefused("stage-not-begun")
    check_plan(event.plan)
    return Stage(event.plan, (entry,), deciders=(0,) * len(event.plan.teams))


def after(stage: Stage, entry: Entry) -> Stage:
    """Return where a stage stands after one more entry; raises `StageRefused`."""
    if entry.seq != stage.seq + 1:
        raise StageRefused("stage-moved")
    if stage.ended and not isinstance(entry.event, e.Pressed):
        raise StageRefused("stage-ended")
    if isinstance(entry.event, e.Withdrawn):
        return _without(stage, entry, entry.event.seq)
    return replace(_applied(stage, entry), entries=(*stage.entries, entry))


def replay(entries: Iterable[Entry]) -> Stage:
    """Return where a stage stands after a whole log; raises `StageRefused`."""
    stage: Stage | None = None
    for entry in entries:
        stage = begun(entry) if stage is None else after(stage, entry)
    if stage is None:
        raise StageRefused("stage-not-begun")
    return stage


# --- one event -------------------------------------------------------------------------------------------------------


def _applied(stage: Stage, entry: Entry) -> Stage:
    event = entry.event
    match event:
        case e.RoundBegun():
            return _round(stage, event)
        case e.StakeChosen():
            return _stake(stage, event)
        case e.RunBegun():
            return _run(stage, event, entry.at_us)
        case e.QuestionShown():
            return _show(stage, event, entry.at_us)
        case e.BuzzerOpened():
            return _open(stage, event, entry.at_us)
        case e.Pressed():
            return _press(stage, event, entry.seq)
        case e.TimerSet():
            _need(stage.round_no > 0, "stage-no-round")
            _need(1 <= event.seconds <= e.LONGEST_S, "stage-bad-time")
            return replace(stage, timer_ends_us=_later(entry.at_us, event.seconds))
        case e.FilmSet():
            return _film(stage, event, entry.at_us)
        case e.Judged():
            return _judge(stage, event, entry.seq)
        case e.Revealed():
            asked = _current(stage, event.question)
            return replace(stage, asked=replace(asked, revealed=True), timer_ends_us=NEVER)
        case e.Awarded():
            _known(stage, event.team)
            _need(0 < abs(event.centipoints) <= e.MOST_POINTS, "stage-bad-points")
            _need(bool(event.reason.strip()), "stage-reason-missing")
            line = Line(entry.seq, event.team, event.centipoints, "award", reason=event.reason)
            return replace(stage, lines=(*stage.lines, line))
        case e.VoteOpened():
            return _vote(stage, event)
        case e.VoteClosed():
            vote = stage.vote
            _need(vote is not None and vote.number == event.vote and vote.counts is None, "stage-vote-closed")
            assert vote is not None
            _need(len(event.counts) == len(vote.choices) and min(event.counts) >= 0, "stage-bad-vote")
            return replace(stage, vote=replace(vote, counts=event.counts))
        case e.StageEnded():
            _need(stage.vote is None or stage.vote.counts is not None, "stage-vote-open")
            return replace(stage, ended=True, timer_ends_us=NEVER)
        case e.StageBegun() | e.Withdrawn():
            raise StageRefused("stage-begun")


def _round(stage: Stage, event: e.RoundBegun) -> Stage:
    _need(1 <= event.round <= len(stage.plan.rounds), "stage-unknown-round")
    _need(event.round not in stage.rounds_begun, "stage-round-played")
    sudden = stage.plan.rounds[event.round - 1].kind is RoundKind.SUDDEN_DEATH
    teams = event.teams
    everybody = tuple(range(1, len(stage.plan.teams) + 1))
    if sudden:
        _need(len(teams) >= e.LEAST_TEAMS and len(set(teams)) == len(teams), "stage-not-equal")
        for team in teams:
            _known(stage, team)
        _need(len({(stage.scores[team - 1], stage.deciders[team - 1]) for team in teams}) == 1, "stage-not-equal")
    else:
        _need(not teams, "stage-all-play")
    return replace(
        stage,
        round_no=event.round,
        rounds_begun=(*stage.rounds_begun, event.round),
        contenders=tuple(sorted(teams)) if sudden else everybody,
        turns=0,
        asked_in_round=0,
        asked=None,
        stake=(0, 0),
        running=0,
        timer_ends_us=NEVER,
    )


def _stake(stage: Stage, event: e.StakeChosen) -> Stage:
    _need(stage.kind is RoundKind.RISK, "stage-other-round")
    _need(event.team == stage.turn, "stage-not-their-turn")
    _need(event.stake == 0 or event.stake in stage.settings.stakes, "stage-bad-stake")
    if event.stake == 0:
        return replace(stage, turns=stage.turns + 1, stake=(0, 0))
    return replace(stage, stake=(event.team, event.stake))


def _run(stage: Stage, event: e.RunBegun, at_us: Micros) -> Stage:
    _need(stage.kind is RoundKind.TIMED, "stage-other-round")
    _need(event.team == stage.turn, "stage-not-their-turn")
    ends_us = _later(at_us, stage.settings.timed_s)
    return replace(stage, running=event.team, turns=stage.turns + 1, timer_ends_us=ends_us, asked=None)


def _show(stage: Stage, event: e.QuestionShown, at_us: Micros) -> Stage:
    _need(stage.round_no > 0, "stage-no-round")
    _need(event.question == stage.next_question, "stage-other-question")
    kind, turns, ends_us = stage.kind, stage.turns, NEVER
    if kind in BUZZED:
        _need(event.team == 0, "stage-not-their-turn")
        _need(len(stage.pressing) >= e.LEAST_TEAMS, "stage-decided")
    elif kind is RoundKind.TIMED:
        _need(event.team == stage.running != 0, "stage-not-their-turn")
        _need(at_us < stage.timer_ends_us, "stage-time-over")
        ends_us = stage.timer_ends_us
    else:
        _need(event.team == stage.turn, "stage-not-their-turn")
        _need(kind is not RoundKind.RISK or stage.stake[0] == event.team, "stage-no-stake")
        turns, ends_us = turns + 1, _later(at_us, stage.settings.answer_s)
    return replace(
        stage,
        asked=Asked(event.question, event.team, stage.stake[1], at_us),
        asked_in_round=stage.asked_in_round + 1,
        turns=turns,
        stake=(0, 0),
        timer_ends_us=ends_us,
    )


def _open(stage: Stage, event: e.BuzzerOpened, at_us: Micros) -> Stage:
    _need(stage.kind in BUZZED, "stage-other-round")
    asked = _current(stage, event.question)
    _need(asked.opens_at_us == NEVER, "stage-buzzer-open")
    _need(event.opens_at_us >= at_us, "stage-bad-time")
    closes_us = _later(event.opens_at_us, stage.settings.buzzer_s)
    return replace(stage, asked=replace(asked, opens_at_us=event.opens_at_us, closes_at_us=closes_us))


def _press(stage: Stage, event: e.Pressed, seq: int) -> Stage:
    """Take a press for what it is worth: nothing for another question, a second time, or too late."""
    asked = stage.asked
    if (
        asked is None
        or stage.ended
        or asked.question != event.question
        or event.team not in stage.pressing
        or asked.over(stage.chances)
        or event.team in asked.false_starts
        or any(press.team == event.team for press in asked.presses)
    ):
        return stage
    if asked.opens_at_us == NEVER or event.stamp_us < asked.opens_at_us:
        penalty = stage.settings.false_start_penalty if stage.kind is RoundKind.BUZZER else 0
        line = Line(seq, event.team, -penalty, "false_start", event.question)
        locked = replace(asked, false_starts=(*asked.false_starts, event.team))
        return replace(stage, asked=locked, lines=(*stage.lines, line))
    if event.stamp_us >= asked.closes_at_us:
        return stage
    press = Press(event.stamp_us, seq, event.team, event.elapsed_us)
    ordered = sorted((*asked.presses, press), key=lambda one: (one.stamp_us, one.seq))
    return replace(stage, asked=replace(asked, presses=tuple(ordered)))


def _film(stage: Stage, event: e.FilmSet, at_us: Micros) -> Stage:
    asked = stage.asked
    if asked is None or asked.question != event.question:
        raise StageRefused("stage-other-question")
    _need(event.film >= 1, "stage-no-film")
    before = asked.film if asked.film is not None and asked.film.film == event.film else None
    from_us = 0 if before is None or event.from_start else before.run_us(at_us)
    return replace(stage, asked=replace(asked, film=Film(event.film, event.playing, at_us, from_us)))


def _judge(stage: Stage, event: e.Judged, seq: int) -> Stage:
    asked = _current(stage, event.question)
    _need(event.team != 0 and event.team == stage.answering, "stage-not-answering")
    judged = replace(asked, verdicts=(*asked.verdicts, (event.team, event.right)))
    deciders = stage.deciders
    if stage.kind is RoundKind.SUDDEN_DEATH:
        won = list(deciders)
        won[event.team - 1] += 1 if event.right else -1
        deciders = tuple(won)
    line = Line(seq, event.team, _worth(stage, asked, event.right), "right" if event.right else "wrong", asked.question)
    over = stage.kind is not RoundKind.TIMED
    return replace(
        stage,
        asked=judged,
        deciders=deciders,
        lines=(*stage.lines, line),
        timer_ends_us=NEVER if over else stage.timer_ends_us,
    )


def _worth(stage: Stage, asked: Asked, right: bool) -> int:
    settings = stage.settings
    worth: dict[RoundKind | None, tuple[int, int]] = {
        RoundKind.REQUIRED: (settings.required, -settings.required_penalty),
        RoundKind.BUZZER: (settings.buzzer, -settings.buzzer_penalty),
        RoundKind.RISK: (asked.stake, -asked.stake),
        RoundKind.TIMED: (settings.timed, -settings.timed_penalty),
        RoundKind.SUDDEN_DEATH: (0, 0),
    }
    return worth[stage.kind][0 if right else 1]


def _vote(stage: Stage, event: e.VoteOpened) -> Stage:
    before = stage.vote
    _need(before is None or before.counts is not None, "stage-vote-open")
    _need(event.vote == (before.number if before else 0) + 1, "stage-bad-vote")
    choices = {one.strip() for one in event.choices}
    distinct = len(choices) == len(event.choices) and "" not in choices
    _need(distinct and 2 <= len(choices) <= e.MOST_CHOICES and bool(event.title.strip()), "stage-bad-vote")
    _need(bool(event.code), "stage-bad-vote")
    return replace(stage, vote=Vote(event.vote, event.title, event.choices, event.code))


def _without(stage: Stage, entry: Entry, seq: int) -> Stage:
    """Return the stage as all entries but the withdrawn one would have it; its log keeps both."""
    _need(seq in stage.withdrawable, "stage-not-withdrawable")
    entries = (*stage.entries, entry)
    gone = {one.event.seq for one in entries if isinstance(one.event, e.Withdrawn)}
    left = begun(stage.entries[0])
    for one in entries[1:]:
        counts = one.seq not in gone and not isinstance(one.event, e.Withdrawn)
        try:
            left = replace(_applied(left, one) if counts else left, entries=(*left.entries, one))
        except StageRefused as refused:
            # A later one stands on it, such as the next team's chance on a wrong answer.
            raise StageRefused("stage-withdraw-later-first") from refused
    return left


def _current(stage: Stage, question: int) -> Asked:
    asked = stage.asked
    if asked is None or asked.question != question or asked.revealed:
        raise StageRefused("stage-other-question")
    return asked


def _known(stage: Stage, team: int) -> None:
    _need(1 <= team <= len(stage.plan.teams), "stage-unknown-team")


def _need(holds: bool, code: str) -> None:
    if not holds:
        raise StageRefused(code)


def _later(at_us: Micros, seconds: int) -> Micros:
    return Micros(at_us + seconds * 1_000_000)
