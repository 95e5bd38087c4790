"""What players are told of a match: no question's key, nor what the other one answered, before it is closed."""

from collections.abc import Collection, Sequence

from leitai.live.match.ports import MatchItem
from leitai.rules.match_log import SEATS, Match
from leitai.rules.matches import QUESTIONS
from leitai.wire.match_messages import MatchAnswer, MatchClosed, MatchPlayer, ServerMatch


def told(
    version: int, match: Match, items: Sequence[MatchItem], connected: Collection[int], now_us: int
) -> ServerMatch:
    """Return where a match stands at a moment."""
    opens_us, closes_us = match.windows.get(match.question, (0, 0))
    won, won_by = match.outcome
    return ServerMatch(
        version,
        _state(match, now_us),
        QUESTIONS,
        match.question,
        opens_us,
        closes_us,
        [_player(match, seat, connected) for seat in SEATS],
        _closed(match, items) if match.closed else None,
        won if match.earned is not None else 0,
        won_by.value if match.earned is not None else "",
    )


def _state(match: Match, now_us: int) -> str:
    if match.void:
        return "void"
    if match.earned is not None:
        return "ended"
    if match.finished_us:
        return "saving"
    if not match.question:
        return "gathering"
    if match.closed == match.question:
        return "closed"
    return "soon" if now_us < match.windows[match.question][0] else "open"


def _player(match: Match, seat: int, connected: Collection[int]) -> MatchPlayer:
    player, tally = match.made.players[seat - 1], match.tally(seat)
    return MatchPlayer(
        seat,
        player.name,
        player.recorded_us,
        bool(player.recorded_us) or seat in connected,
        tally.points,
        tally.right,
        tally.elapsed_us,
        (match.question, seat) in match.answers,
        seat in match.gone,
        match.earned[seat - 1] if match.earned is not None else 0,
    )


def _closed(match: Match, items: Sequence[MatchItem]) -> MatchClosed:
    question = match.closed
    item = items[question - 1]
    answers: list[MatchAnswer] = []
    for seat in SEATS:
        answer = match.answers.get((question, seat))
        if answer is None:
            answers.append(MatchAnswer(seat, [], False, 0, 0))
        else:
            worth = match.worth(question, seat)
            answers.append(MatchAnswer(seat, list(answer.response), answer.right, worth, answer.elapsed_us))
    return MatchClosed(question, sorted(item.item.key.options), item.explanation, answers)
