"""What judges see: their desk and both boards."""

from leitai.rules.rights import Act
from leitai.web.contract.table import BINARY, EVENTS, PAGE, TEXT, Operation, Query
from leitai.wire import (
    both_boards_bodies,
    desk_bodies,
)

SESSION = Query(
    "session",
    "Which session: the one in force when absent, else one that is over (`judged_sessions`). A final one is looked at, "
    "and no more.",
    {"type": "integer", "minimum": 0, "maximum": 2**31 - 1},
)
_OF_SESSION = (SESSION,)
_DESK_TAIL = (
    SESSION,
    Query("count", "How many at most.", {"type": "integer", "minimum": 1, "maximum": 200, "default": 200}),
    Query("item", "Answers to this item.", {"type": "integer", "minimum": 0, "maximum": 2**31 - 1}),
    Query("delegation", "Of this delegation, by code.", {"type": "string", "pattern": "^[0-9]{6}$"}),
    Query("sitting", "Of this contestant, by sitting.", {"type": "integer", "minimum": 0, "maximum": 2**31 - 1}),
    Query("name", "Of contestants whose name holds this text.", {"type": "string", "maxLength": 32}),
    Query(
        "only",
        "Wrong ones; wrong ones that a tenth or more gave; late ones; ones whose elapsed time is flagged.",
        {"type": "string", "enum": ["wrong", "common", "late", "flagged"]},
    ),
)

DESK: tuple[Operation, ...] = (
    Operation(
        "judged_sessions",
        "GET",
        "/api/staff/judging/sessions",
        "staff",
        "The sessions that judges may look at: the one in force, and the newest 50 that are over.",
        desk_bodies.JudgedSessions,
        ("forbidden", "store-unavailable"),
        signed_in=True,
        act=Act.SEE_DESK,
    ),
    Operation(
        "both_boards",
        "GET",
        "/api/staff/boards",
        "staff",
        "A page of the true board, each place beside what the public board says of it; from the running on.",
        both_boards_bodies.BothBoards,
        ("bad-request", "forbidden", "not-found", "not-yet", "store-unavailable"),
        queries=(
            Query(
                "view",
                "Whose places.",
                {"type": "string", "enum": ["individuals", "delegations", "province"]},
                required=True,
            ),
            Query("delegation", "The province's, by code.", {"type": "string", "pattern": "^[0-9]{6}$"}),
            PAGE,
        ),
        signed_in=True,
        act=Act.SEE_DESK,
    ),
    Operation(
        "desk_items",
        "GET",
        "/api/staff/desk/items",
        "staff",
        "Every item of the session in figures, from its running on. Judges see all, wherever they come from.",
        desk_bodies.DeskItems,
        ("bad-request", "forbidden", "not-found", "not-yet", "store-unavailable"),
        queries=_OF_SESSION,
        signed_in=True,
        act=Act.SEE_DESK,
    ),
    Operation(
        "desk_item",
        "GET",
        "/api/staff/desk/items/{item}",
        "staff",
        "One item in full: responses that mark alike with their counts (200 groups at most), each delegation, response "
        "times, and once it has opened the item itself with its key.",
        desk_bodies.DeskItemBody,
        ("bad-request", "forbidden", "not-found", "not-yet", "store-unavailable"),
        queries=_OF_SESSION,
        signed_in=True,
        act=Act.SEE_DESK,
    ),
    Operation(
        "desk_media",
        "GET",
        "/api/staff/desk/media/{address}",
        "staff",
        "A picture or a film of an item (`DeskText.media`) as its bytes are, in one range where one is asked for; from "
        "the item's opening on, and before it as if there were none. Its type is the header's.",
        BINARY,
        ("forbidden", "not-found", "not-yet", "range-not-satisfiable", "store-unavailable"),
        media="application/octet-stream",
        queries=_OF_SESSION,
        signed_in=True,
        act=Act.SEE_DESK,
    ),
    Operation(
        "desk_tail",
        "GET",
        "/api/staff/desk/tail",
        "staff",
        "The newest answers with names, `count` at most, of the last 10,000.",
        desk_bodies.DeskTail,
        ("bad-request", "forbidden", "not-found", "not-yet", "store-unavailable"),
        queries=_DESK_TAIL,
        signed_in=True,
        act=Act.SEE_DESK,
    ),
    Operation(
        "desk_anomalies",
        "GET",
        "/api/staff/desk/anomalies",
        "staff",
        "What is worth a look, looked for every 2 s at most: `same-wrong` (three sittings or more of a room share "
        "three wrong responses or more, which chance hardly explains), `too-fast` (a stem of 40 "
        "characters or more answered within 25 ms for each), `left` (more often than the session allows), "
        "`two-devices` (connections superseded), `other-browser` (checked in again from another one), "
        "`other-network` (connected again from another address; only digests of addresses are recorded).",
        desk_bodies.DeskAnomalies,
        ("bad-request", "forbidden", "not-found", "not-yet", "store-unavailable"),
        queries=_OF_SESSION,
        signed_in=True,
        act=Act.SEE_DESK,
    ),
    Operation(
        "desk_stream",
        "GET",
        "/api/staff/desk/stream",
        "staff",
        "The items that moved, four times a second at most: server-sent events with a DeskMoved each.",
        TEXT,
        ("bad-request", "forbidden", "not-found", "not-yet", "store-unavailable"),
        media=EVENTS,
        queries=_OF_SESSION,
        signed_in=True,
        act=Act.SEE_DESK,
    ),
)
