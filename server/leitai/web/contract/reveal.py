"""The reveal."""

from leitai.rules.rights import Act
from leitai.web.contract.table import Operation, Query
from leitai.wire import (
    reveal_bodies,
)

_REVEAL = (
    Query(
        "group",
        "Whose places.",
        {"type": "string", "enum": ["delegations", "individuals", "province"]},
        required=True,
    ),
    Query("delegation", "The province's, by code; of no other group.", {"type": "string", "pattern": "^[0-9]{6}$"}),
    Query(
        "best",
        "So many of the best individuals, 50 unless said; 0: all.",
        {"type": "integer", "minimum": 0, "maximum": 2**31 - 1},
    ),
)

REVEAL: tuple[Operation, ...] = (
    Operation(
        "reveal_desk",
        "GET",
        "/api/staff/reveal",
        "staff",
        "How the reveal stands, and whether a ruling changed its list since it was begun.",
        reveal_bodies.RevealDesk,
        ("forbidden", "not-found", "store-unavailable"),
        signed_in=True,
        act=Act.REVEAL,
    ),
    Operation(
        "reveal_steps",
        "GET",
        "/api/staff/reveal/steps",
        "staff",
        "Every step of a reveal, from the last place up, from the review on: to rehearse with and to begin by.",
        reveal_bodies.RevealSteps,
        ("bad-request", "forbidden", "not-found", "not-yet", "store-unavailable"),
        queries=_REVEAL,
        signed_in=True,
        act=Act.REVEAL,
    ),
    Operation(
        "reveal_move",
        "POST",
        "/api/staff/reveal",
        "staff",
        "A key of the director's: begin a reveal, a step on, a step back, a jump, the end. Told to the public at once.",
        reveal_bodies.RevealDesk,
        (
            "bad-request",
            "forbidden",
            "not-found",
            "not-yet",
            "stale-edition",
            "reveal-at-end",
            "reveal-at-start",
            "reveal-no-such-step",
            "reveal-not-begun",
            "reveal-changed",
            "store-unavailable",
        ),
        request=reveal_bodies.RevealMove,
        signed_in=True,
        act=Act.REVEAL,
    ),
)
