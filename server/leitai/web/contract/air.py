"""What goes on air: the event feed, the bodies that overlays show, and their directors."""

from leitai.rules.rights import Act
from leitai.web.contract.table import ANY_OBJECT, BINARY, EVENTS, LIST, TEXT, Operation, Query
from leitai.wire import (
    air_bodies,
    bodies,
    broadcast_bodies,
)

_TOKEN = Query("token", "A token; a signed-in director needs none.", TEXT)

_AIR = (
    _TOKEN,
    Query("channel", "The channel whose program is told.", {"type": "string", "default": "main"}),
    Query("show", "`preview`: what the channel has in preview instead.", {"type": "string", "enum": ["preview"]}),
    Query("delegation", "Whose board is told as `province`.", {"type": "string", "pattern": "^[0-9]{6}$"}),
)

_AIR_REFUSALS = ("token-refused", "token-revoked", "not-signed-in", "forbidden")

_FEED_REFUSALS = ("not-found", *_AIR_REFUSALS)

FEED: tuple[Operation, ...] = (
    Operation(
        "feed_contests",
        "GET",
        "/api/feed/contests",
        "air",
        "The session in force, after the CLICS Contest API: docs/feed.md, schema/feed.",
        LIST,
        _AIR_REFUSALS,
        queries=(_TOKEN,),
    ),
    Operation(
        "feed_contest",
        "GET",
        "/api/feed/contests/{session}",
        "air",
        "The session.",
        ANY_OBJECT,
        _FEED_REFUSALS,
        queries=(_TOKEN,),
    ),
    Operation(
        "feed_events",
        "GET",
        "/api/feed/contests/{session}/event-feed",
        "air",
        "Every change of an object, a line of JSON each; to whoever accepts `text/event-stream`, server-sent events.",
        TEXT,
        ("bad-request", *_FEED_REFUSALS),
        media="application/x-ndjson",
        queries=(
            _TOKEN,
            Query(
                "since_token", "The token of the last line that is known.", {"type": "string", "pattern": "^[0-9]+$"}
            ),
            Query("stream", "`false`: end after what there is.", {"type": "string", "enum": ["true", "false"]}),
        ),
    ),
    Operation(
        "feed_collection",
        "GET",
        "/api/feed/contests/{session}/{collection}",
        "air",
        "All objects of a kind; of `state` and `scoreboard` there is one.",
        {"type": ["array", "object"]},
        _FEED_REFUSALS,
        queries=(_TOKEN,),
    ),
    Operation(
        "feed_object",
        "GET",
        "/api/feed/contests/{session}/{collection}/{object}",
        "air",
        "One object of a kind.",
        ANY_OBJECT,
        _FEED_REFUSALS,
        queries=(_TOKEN,),
    ),
)
"""The event feed, for graphics people's own tools."""

ON_AIR: tuple[Operation, ...] = (
    Operation(
        "air",
        "GET",
        "/api/air",
        "air",
        "Everything that overlays show; all of it is public.",
        air_bodies.AirBody,
        ("bad-request", "not-found", *_AIR_REFUSALS),
        queries=_AIR,
    ),
    Operation(
        "air_stream",
        "GET",
        "/api/air/stream",
        "air",
        "The same whenever it moved, four times a second at most: server-sent events with an AirBody each. With "
        "`changes`, an event after the first tells `server_us` and, each whole, the members that differ from what was "
        "told before: put in place of those held they make the body. A revoked token ends the stream within 2 s by an "
        "event `refused`.",
        TEXT,
        ("bad-request", *_AIR_REFUSALS),
        media=EVENTS,
        queries=(
            *_AIR,
            Query("changes", "1: after the first, tell only what differs.", {"enum": ["0", "1"], "default": "0"}),
        ),
    ),
    Operation(
        "air_media",
        "GET",
        "/api/air/media/{address}",
        "air",
        "A picture or a film of an item (`AirItem.media`) as its bytes are, in one range where one is asked for; from "
        "the moment on at which the item may be on air. Its type is the header's.",
        BINARY,
        ("not-found", "range-not-satisfiable", *_AIR_REFUSALS),
        media="application/octet-stream",
        queries=(_TOKEN,),
    ),
    Operation(
        "broadcast",
        "GET",
        "/api/staff/broadcast",
        "staff",
        "Channels with what they show, tokens without their secrets, and the ticker's lines.",
        broadcast_bodies.BroadcastBody,
        ("forbidden", "store-unavailable"),
        signed_in=True,
        act=Act.DIRECT_BROADCAST,
    ),
    Operation(
        "broadcast_take",
        "POST",
        "/api/staff/broadcast/take",
        "staff",
        "Put something on air on a channel, or in its preview; refused when somebody else was first.",
        broadcast_bodies.ChannelBody,
        ("bad-request", "forbidden", "stale-version", "too-many-on-air", "store-unavailable"),
        request=broadcast_bodies.TakeRequest,
        signed_in=True,
        act=Act.DIRECT_BROADCAST,
    ),
    Operation(
        "broadcast_token",
        "POST",
        "/api/staff/broadcast/tokens",
        "staff",
        "Make a token. The answer holds its secret, which is kept nowhere.",
        broadcast_bodies.AirTokenMade,
        ("bad-request", "forbidden", "store-unavailable"),
        request=broadcast_bodies.AirTokenRequest,
        signed_in=True,
        act=Act.DIRECT_BROADCAST,
    ),
    Operation(
        "broadcast_token_revoke",
        "POST",
        "/api/staff/broadcast/tokens/{token}/revoke",
        "staff",
        "Let a token open nothing any more; open streams end within 2 s.",
        None,
        ("bad-request", "forbidden", "not-found", "store-unavailable"),
        status=204,
        request=bodies.EmptyRequest,
        signed_in=True,
        act=Act.DIRECT_BROADCAST,
    ),
    Operation(
        "broadcast_line",
        "POST",
        "/api/staff/broadcast/ticker",
        "staff",
        "Add a line to the ticker.",
        air_bodies.AirLineBody,
        ("bad-request", "forbidden", "not-found", "too-many-on-air", "store-unavailable"),
        request=broadcast_bodies.AirLineRequest,
        signed_in=True,
        act=Act.DIRECT_BROADCAST,
    ),
    Operation(
        "broadcast_line_remove",
        "POST",
        "/api/staff/broadcast/ticker/remove",
        "staff",
        "Take a line off the ticker.",
        None,
        ("bad-request", "forbidden", "not-found", "store-unavailable"),
        status=204,
        request=broadcast_bodies.AirLineRemoveRequest,
        signed_in=True,
        act=Act.DIRECT_BROADCAST,
    ),
)
"""What goes on air: for graphics with a token, and for directors."""
