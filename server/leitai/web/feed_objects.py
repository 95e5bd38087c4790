"""The objects of the event feed, made of what this process follows: nothing that the public boards do not tell."""

from datetime import datetime

import msgspec

from leitai.live.sight import Sight
from leitai.office.feed import EventLog, ObjectKey
from leitai.rules.beijing import BEIJING
from leitai.rules.honours import AwardKind
from leitai.rules.provinces import NATION, area
from leitai.rules.values import Pacing, Phase
from leitai.web.air import BEST, opened_last
from leitai.web.exchange import encode
from leitai.wire.bodies import AwardsBody
from leitai.wire.feed_bodies import (
    FeedAward,
    FeedContest,
    FeedGroup,
    FeedPerson,
    FeedPersonRow,
    FeedProblem,
    FeedRow,
    FeedScore,
    FeedScoreboard,
    FeedState,
    FeedTeam,
)
from leitai.wire.messages import BoardRow, View

REGIONS = {"1": "华北", "2": "东北", "3": "华东", "4": "中南", "5": "西南", "6": "西北", "7": "台湾", "8": "港澳"}
PRIZES = {
    AwardKind.TEAM_GRAND.value: "团体特等奖",
    AwardKind.TEAM_FIRST.value: "团体一等奖",
    AwardKind.TEAM_SECOND.value: "团体二等奖",
    AwardKind.TEAM_THIRD.value: "团体三等奖",
}
_STARTED = frozenset({Phase.RUNNING, Phase.PAUSED, Phase.CLOSED, Phase.UNDER_REVIEW, Phase.FINALIZED})
_ENDED = frozenset({Phase.CLOSED, Phase.UNDER_REVIEW, Phase.FINALIZED})
_BEFORE = FeedState(None, None, None, None, None, None)


def objects(sight: Sight, log: EventLog, awards: AwardsBody | None) -> dict[ObjectKey, bytes] | None:
    """Return every object as it is now, by type and id; None while too little is known of the session.

    What only a moment tells (when a freeze ended, when a board was seen) stays as the log has it.
    """
    if sight.state is None or not sight.clock.known or not sight.table.version:
        return None
    made: dict[ObjectKey, bytes] = {}
    file, now_us = sight.file, sight.clock.now_us()
    contest = log.latest("contest")
    # While time stands still nobody knows the end.
    if contest is None or sight.state.phase is not Phase.PAUSED:
        contest = encode(_contest(sight))
    made["contest", ""] = contest
    home = area(one.code for one in file.delegations)
    for digit in sorted({one.code[0] for one in file.delegations}):
        made["groups", digit] = encode(FeedGroup(digit, REGIONS.get(digit, digit) if home == NATION else home))
    for one in file.delegations:
        made["teams", one.code] = encode(FeedTeam(one.code, one.name, one.short, [one.code[0]]))
    for member in file.members:
        if not member.struck:
            sitting = str(member.sitting_id)
            made["persons", sitting] = encode(FeedPerson(sitting, member.name, "contestant", [member.delegation]))
    for problem in _problems(sight, log):
        made["problems", problem.id] = encode(problem)
    held = log.latest("state")
    state = _state(sight, msgspec.json.decode(held, type=FeedState) if held else _BEFORE, now_us)
    made["state", ""] = encode(state)
    made["scoreboard", ""] = _scoreboard(sight, log, state, now_us)
    for award in _awards(awards):
        made["awards", award.id] = encode(award)
    return made


def absolute(us: int) -> str:
    """Return a moment as ISO 8601 in Beijing's time, to the millisecond."""
    seconds, rest = divmod(us, 1_000_000)
    moment = datetime.fromtimestamp(seconds, BEIJING).replace(microsecond=rest)
    return moment.isoformat(timespec="milliseconds")


def relative(us: int) -> str:
    """Return a length of time as `h:mm:ss.sss`."""
    seconds, ms = divmod(abs(us) // 1000, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{'-' if us < 0 else ''}{hours}:{minutes:02}:{seconds:02}.{ms:03}"


def _contest(sight: Sight) -> FeedContest:
    file, state = sight.file, sight.state
    assert state is not None
    ends_us = max((window.closes_at_us for window in state.windows), default=state.start_us)
    return FeedContest(
        str(file.session_id),
        file.title,
        file.contest_title,
        absolute(state.start_us),
        relative(ends_us - state.start_us),
    )


def _problems(sight: Sight, log: EventLog) -> list[FeedProblem]:
    """Items that have opened; in a paper-paced session they are told once it has ended."""
    state = sight.state
    assert state is not None
    if sight.file.plan.pacing is Pacing.PAPER:
        told = {item.item_no for item in sight.file.plan.items} if state.phase in _ENDED else set[int]()
    else:
        last = opened_last(sight, state)
        told = {window.item_no for window in state.windows if last and window.opens_at_us <= last.opens_at_us}
        told -= set(state.skipped)
    return [
        FeedProblem(
            str(item.item_no),
            item.item_no - 1,
            str(item.item_no),
            sight.file.contents[item.item_no - 1].stem,
            item.centipoints / 100,
        )
        for item in sight.file.plan.items
        if item.item_no in told or log.latest("problems", str(item.item_no)) is not None
    ]


def _state(sight: Sight, held: FeedState, now_us: int) -> FeedState:
    state = sight.state
    assert state is not None
    now = absolute(now_us)
    phase = state.phase
    started = absolute(state.start_us) if phase in _STARTED else None
    ended = None
    if phase in _ENDED:
        ended = absolute(max((window.closes_at_us for window in state.counted_windows), default=state.start_us))
    if state.freeze is not None:
        frozen, thawed = absolute(state.freeze.at_us), None
    else:
        frozen, thawed = held.frozen, held.thawed or (now if held.frozen else None)
    finalized = (held.finalized or now) if phase is Phase.FINALIZED else None
    over = finalized is not None and state.freeze is None
    return FeedState(started, frozen, ended, thawed, finalized, (held.end_of_updates or now) if over else None)


def _scoreboard(sight: Sight, log: EventLog, state: FeedState, now_us: int) -> bytes:
    table = sight.table
    rows = [FeedRow(row.rank, row.delegation, _score(row)) for row in table.page((View.DELEGATIONS, 1, ""))]
    individuals = [FeedPersonRow(row.rank, str(row.key), row.delegation, _score(row)) for row in table.people()[:BEST]]
    held = log.latest("scoreboard")
    if held is not None:
        before = msgspec.json.decode(held, type=FeedScoreboard)
        if (before.state, before.rows, before.individuals) == (state, rows, individuals):
            return held
    assert sight.state is not None
    seen = (absolute(now_us), relative(now_us - sight.state.start_us))
    return encode(FeedScoreboard(*seen, state, rows, individuals))


def _score(row: BoardRow) -> FeedScore:
    return FeedScore(row.centipoints / 100, row.elapsed_ms)


def _awards(awards: AwardsBody | None) -> list[FeedAward]:
    if awards is None:
        return []
    made: list[FeedAward] = []
    if awards.knowledge:
        people = [str(one.key) for one in awards.knowledge]
        made.append(FeedAward("knowledge", "全国“人社知识通”", [], people))
    for code in sorted({one.delegation for one in awards.stars}):
        people = [str(one.key) for one in awards.stars if one.delegation == code]
        made.append(FeedAward(f"star-{code}", "全国“岗位练兵明星”", [code], people))
    for prize, citation in PRIZES.items():
        if codes := [one.delegation for one in awards.teams if one.prize == prize]:
            made.append(FeedAward(prize, citation, codes, []))
    own = dict.fromkeys(one.prize for one in awards.teams if one.prize not in PRIZES)
    for place, prize in enumerate(own, start=1):
        codes = [one.delegation for one in awards.teams if one.prize == prize]
        made.append(FeedAward(f"team-prize-{place}", prize, codes, []))
    for place, prize in enumerate(dict.fromkeys(one.prize for one in awards.prizes), start=1):
        people = [str(one.key) for one in awards.prizes if one.prize == prize]
        made.append(FeedAward(f"prize-{place}", prize, [], people))
    return made
