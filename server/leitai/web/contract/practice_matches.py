"""Matches between learners; what happens in one is said at its socket (docs/wire.md)."""

from leitai.web.contract.table import Operation
from leitai.wire import match_bodies as bodies
from leitai.wire.bodies import EmptyRequest, TicketBody

PRACTICE_MATCHES: tuple[Operation, ...] = (
    Operation(
        "match_seek",
        "POST",
        "/api/practice/matches/seek",
        "learner",
        "Ask for a match: again every second until one is found. Whoever is in one is told which.",
        bodies.MatchSought,
        ("bad-request", "not-signed-in", "match-too-few", "too-many-tries", "store-unavailable"),
        request=bodies.MatchSeekRequest,
        signed_in=True,
    ),
    Operation(
        "match_withdraw",
        "POST",
        "/api/practice/matches/withdraw",
        "learner",
        "Seek no more. A match that was found meanwhile stands.",
        None,
        ("bad-request", "not-signed-in", "store-unavailable"),
        status=204,
        request=EmptyRequest,
        signed_in=True,
    ),
    Operation(
        "match_ticket",
        "POST",
        "/api/practice/matches/{match}/tickets",
        "learner",
        "A ticket for one socket of a match that one plays in, once.",
        TicketBody,
        ("bad-request", "not-signed-in", "not-found", "too-many-tries", "store-unavailable"),
        request=EmptyRequest,
        signed_in=True,
    ),
    Operation(
        "match_review",
        "GET",
        "/api/practice/matches/{match}",
        "learner",
        "The questions of a match that is over, to who played: right answers, explanations, what both answered.",
        bodies.MatchReviewBody,
        ("not-signed-in", "not-found", "too-many-tries", "store-unavailable"),
        signed_in=True,
    ),
    Operation(
        "match_history",
        "GET",
        "/api/practice/matches",
        "learner",
        "How one stands in matches, and the newest of them.",
        bodies.MatchesBody,
        ("not-signed-in", "store-unavailable"),
        signed_in=True,
    ),
)
