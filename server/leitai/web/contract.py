"""The table of HTTP: every operation with what goes in, what comes out and what may be refused.

The app's routes and schema/http/openapi.yaml are both made from `OPERATIONS`, so neither can leave the other behind.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from leitai.rules.rights import Act
from leitai.wire import air_bodies, bodies, broadcast_bodies, console_bodies, desk_bodies, ruling_bodies

Endpoint = Callable[[Request], Awaitable[Response]]

JSON = "application/json"
EVENTS = "text/event-stream"
MESSAGEPACK = "application/vnd.msgpack"


@dataclass(frozen=True, slots=True)
class Query:
    """A query parameter and its JSON schema."""

    name: str
    about: str
    schema: dict[str, Any]
    required: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. `name` is the endpoint's; `answer` a type of wire.bodies, or a JSON schema."""

    name: str
    method: str
    path: str
    audience: str
    about: str
    answer: type | dict[str, Any] | None
    refusals: tuple[str, ...] = ()
    """Codes of wire.errors beside those that any request may meet."""
    status: int = 200
    media: str = JSON
    request: type | None = None
    queries: tuple[Query, ...] = ()
    signed_in: bool = False
    act: Act | None = None
    """What one of the staff must have the right to (rules.rights)."""
    cached: bool = False
    """Carries an ETag and answers 304."""
    also: tuple[int, ...] = ()
    """Further statuses with the same body."""


_PAGE = Query("page", "Page of the board, from 1.", {"type": "integer", "minimum": 1, "maximum": 100_000, "default": 1})
_DELEGATION = Query("delegation", "Code of the delegation.", {"type": "string", "pattern": "^[0-9]{6}$"}, required=True)
_NAME = Query(
    "q",
    "Part of a name, 1 to 32 characters without blanks around it.",
    {"type": "string", "minLength": 1, "maxLength": 32, "pattern": r"\S"},
    required=True,
)
_ANY_OBJECT: dict[str, Any] = {"type": "object"}
_TEXT: dict[str, Any] = {"type": "string"}
_BINARY: dict[str, Any] = {"type": "string", "format": "binary"}

_DESK_TAIL = (
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

_TOKEN = Query("token", "A token; a signed-in director needs none.", _TEXT)
_AIR = (
    _TOKEN,
    Query("channel", "The channel whose program is told.", {"type": "string", "default": "main"}),
    Query("show", "`preview`: what the channel has in preview instead.", {"type": "string", "enum": ["preview"]}),
    Query("delegation", "Whose board is told as `province`.", {"type": "string", "pattern": "^[0-9]{6}$"}),
)
_AIR_REFUSALS = ("token-refused", "token-revoked", "not-signed-in", "forbidden")

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
        "The same whenever it moved, four times a second at most: server-sent events with an AirBody each. A revoked "
        "token ends the stream within 2 s by an event `refused`.",
        _TEXT,
        ("bad-request", *_AIR_REFUSALS),
        media=EVENTS,
        queries=_AIR,
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

MACHINES: tuple[Operation, ...] = (
    Operation("healthz", "GET", "/healthz", "machines", "The process answers.", bodies.HealthBody),
    Operation(
        "readyz",
        "GET",
        "/readyz",
        "machines",
        "Whether the process can do its work; 503 with what is missing when it cannot.",
        bodies.ReadyBody,
        also=(503,),
    ),
)

OPERATIONS: tuple[Operation, ...] = (
    # In order of their rush: routes are tried from the top.
    Operation(
        "sign_in",
        "POST",
        "/api/sign-in",
        "contestant",
        "Sign in with the admission number and the code of the admission ticket; sets the cookie `leitai_sid`. "
        "Blanks, dashes, case and full width do not matter. Ten tries a minute for one number.",
        bodies.Who,
        ("bad-request", "wrong-credentials", "too-many-tries", "store-unavailable"),
        request=bodies.SignInRequest,
    ),
    Operation(
        "ticket",
        "POST",
        "/api/tickets",
        "contestant",
        "Get a ticket, which opens one socket, once.",
        bodies.TicketBody,
        ("bad-request", "struck", "store-unavailable"),
        request=bodies.EmptyRequest,
        signed_in=True,
    ),
    Operation(
        "sealed",
        "GET",
        "/api/sessions/{session}/sealed",
        "contestant",
        "All items, sealed: the MessagePack map `SealedPaper` of schema/wire. The same for everyone.",
        _BINARY,
        ("not-found", "forbidden", "store-unavailable"),
        media=MESSAGEPACK,
        signed_in=True,
        cached=True,
    ),
    Operation(
        "me",
        "GET",
        "/api/me",
        "contestant",
        "Who is signed in.",
        bodies.Who,
        ("store-unavailable",),
        signed_in=True,
    ),
    Operation(
        "sign_out",
        "POST",
        "/api/sign-out",
        "contestant",
        "Forget the cookie; right also when nobody is signed in.",
        None,
        ("bad-request", "store-unavailable"),
        status=204,
        request=bodies.EmptyRequest,
    ),
    Operation(
        "result",
        "GET",
        "/api/sessions/{session}/result",
        "contestant",
        "The own result with every item, its right answer and explanation, once the session is closed.",
        bodies.ResultBody,
        ("not-found", "forbidden", "not-yet", "store-unavailable"),
        signed_in=True,
    ),
    Operation(
        "own_appeals",
        "GET",
        "/api/sessions/{session}/appeals/own",
        "contestant",
        "Whether appeals are taken and until when, what they can be about, and the own ones with their decisions.",
        ruling_bodies.OwnAppeals,
        ("not-found", "forbidden", "store-unavailable"),
        signed_in=True,
    ),
    Operation(
        "file_appeal",
        "POST",
        "/api/sessions/{session}/appeals",
        "contestant",
        "Appeal within the time after the end, about an item or (0) the session as a whole. Ten tries a minute.",
        ruling_bodies.OwnAppeal,
        (
            "bad-request",
            "not-found",
            "forbidden",
            "appeal-not-open",
            "appeal-too-late",
            "appeal-unknown-item",
            "appeal-text-missing",
            "appeal-text-too-long",
            "appeal-repeated",
            "too-many-tries",
            "store-unavailable",
        ),
        request=ruling_bodies.FileAppealRequest,
        signed_in=True,
    ),
    Operation(
        "contest",
        "GET",
        "/api/contest",
        "public",
        "The contest, the session in force, its rules and delegations, and the contest's clock.",
        bodies.ContestBody,
        ("store-unavailable",),
    ),
    Operation(
        "individuals",
        "GET",
        "/api/sessions/{session}/boards/individuals",
        "public",
        "A page of the national board of individuals.",
        bodies.PeopleBoard,
        ("bad-request", "not-found", "board-unavailable"),
        queries=(_PAGE,),
        cached=True,
    ),
    Operation(
        "delegations",
        "GET",
        "/api/sessions/{session}/boards/delegations",
        "public",
        "The board of delegations.",
        bodies.DelegationsBoard,
        ("bad-request", "not-found", "board-unavailable"),
        queries=(_PAGE,),
        cached=True,
    ),
    Operation(
        "province",
        "GET",
        "/api/sessions/{session}/boards/provinces/{code}",
        "public",
        "A page of one delegation's board.",
        bodies.PeopleBoard,
        ("bad-request", "not-found", "board-unavailable"),
        queries=(_PAGE,),
        cached=True,
    ),
    Operation(
        "find",
        "GET",
        "/api/sessions/{session}/boards/find",
        "public",
        "Find individuals by a part of the name, 20 at most.",
        bodies.FoundBody,
        ("bad-request", "not-found", "board-unavailable"),
        queries=(_NAME,),
        cached=True,
    ),
    Operation(
        "awards",
        "GET",
        "/api/sessions/{session}/awards",
        "public",
        "All awards with their reasons, once the session is under review.",
        bodies.AwardsBody,
        ("not-found", "not-yet", "store-unavailable"),
        cached=True,
    ),
    Operation(
        "eligibility",
        "GET",
        "/api/sessions/{session}/law/eligibility",
        "public",
        "How the eligibility of a delegation's people was judged.",
        bodies.EligibilityBody,
        ("bad-request", "not-found", "not-yet", "store-unavailable"),
        queries=(_DELEGATION,),
        cached=True,
    ),
    Operation(
        "draw",
        "GET",
        "/api/sessions/{session}/law/draw",
        "public",
        "A delegation's draw and all that is needed to repeat it.",
        bodies.DrawBody,
        ("bad-request", "not-found", "not-yet", "store-unavailable"),
        queries=(_DELEGATION,),
        cached=True,
    ),
    Operation(
        "standings",
        "GET",
        "/api/sessions/{session}/standings",
        "public",
        "The canonical standings, byte for byte what a recomputation gives.",
        _ANY_OBJECT,
        ("not-found", "not-yet", "store-unavailable"),
        cached=True,
    ),
    *MACHINES,
)

_MISSING = (
    "answers-unrecorded",
    "answer-unmarked",
    "appeal-window-open",
    "appeal-undecided",
    "ruling-half-approved",
)
"""What may be missing before a session can be final."""

_RULED = (
    "forbidden",
    "not-found",
    "ruling-phase",
    "session-finalized",
    "ruling-unknown-item",
    "ruling-unknown-person",
    "ruling-bad-key",
    "ruling-bad-points",
    "ruling-bad-time",
    "ruling-bad-order",
)

JUDGING: tuple[Operation, ...] = (
    Operation(
        "judging",
        "GET",
        "/api/staff/judging",
        "staff",
        "Every ruling and appeal of the session in force, from its running on.",
        ruling_bodies.JudgingBody,
        ("forbidden", "not-found", "not-yet", "store-unavailable"),
        signed_in=True,
        act=Act.SEE_DESK,
    ),
    Operation(
        "judging_stream",
        "GET",
        "/api/staff/judging/stream",
        "staff",
        "Those that moved, four times a second at most: server-sent events with a JudgingBody each, the first whole.",
        _TEXT,
        ("forbidden", "not-yet", "store-unavailable"),
        media=EVENTS,
        signed_in=True,
        act=Act.SEE_DESK,
    ),
    Operation(
        "court",
        "GET",
        "/api/staff/judging/court",
        "staff",
        "What a ruling can be about: items with their keys, delegations with their rooms, contestants.",
        ruling_bodies.CourtBody,
        ("forbidden", "not-found", "not-yet", "store-unavailable"),
        signed_in=True,
        act=Act.SEE_DESK,
    ),
    Operation(
        "blockers",
        "GET",
        "/api/staff/judging/blockers",
        "staff",
        "What keeps the session in force from being final. Also for whoever may see the readiness of all.",
        ruling_bodies.BlockersBody,
        ("forbidden", "not-found", "store-unavailable"),
        signed_in=True,
        act=Act.SEE_DESK,
    ),
    Operation(
        "preview_effect",
        "POST",
        "/api/staff/rulings/preview",
        "staff",
        "What an effect would change if it were ruled now. Proposes nothing.",
        ruling_bodies.PreviewBody,
        ("bad-request", *_RULED, "store-unavailable"),
        request=ruling_bodies.EffectRequest,
        signed_in=True,
        act=Act.PROPOSE_RULING,
    ),
    Operation(
        "propose_ruling",
        "POST",
        "/api/staff/rulings",
        "staff",
        "Propose a ruling, for another judge to approve.",
        ruling_bodies.RulingBody,
        (
            "bad-request",
            *_RULED,
            "ruling-conflict-of-interest",
            "ruling-reason-missing",
            "ruling-evidence-missing",
            "store-unavailable",
        ),
        request=ruling_bodies.ProposeRequest,
        signed_in=True,
        act=Act.PROPOSE_RULING,
    ),
    Operation(
        "preview_ruling",
        "GET",
        "/api/staff/rulings/{ruling}/preview",
        "staff",
        "What the approval that a ruling waits for would change now; nothing when it waits for none.",
        ruling_bodies.PreviewBody,
        ("forbidden", "not-found", "not-yet", "store-unavailable"),
        signed_in=True,
        act=Act.SEE_DESK,
    ),
    Operation(
        "ruling_act",
        "POST",
        "/api/staff/rulings/{ruling}/acts",
        "staff",
        "Approve a ruling or its withdrawal, send either back, or propose the withdrawal. Nobody approves what they "
        "proposed.",
        ruling_bodies.RulingBody,
        (
            "bad-request",
            "forbidden",
            "not-found",
            "ruling-phase",
            "session-finalized",
            "ruling-stale",
            "ruling-illegal-act",
            "ruling-self-approval",
            "ruling-conflict-of-interest",
            "ruling-reason-missing",
            "ruling-time",
            "store-unavailable",
        ),
        request=ruling_bodies.RulingActRequest,
        signed_in=True,
        act=Act.APPROVE_RULING,
    ),
    Operation(
        "decide_appeal",
        "POST",
        "/api/staff/appeals/{appeal}/decision",
        "staff",
        "Decide an appeal, by a ruling in force or by a refusal, with its reason.",
        ruling_bodies.AppealBody,
        (
            "bad-request",
            "forbidden",
            "not-found",
            "not-yet",
            "session-finalized",
            "appeal-decided",
            "appeal-conflict-of-interest",
            "appeal-reason-missing",
            "appeal-ruling-not-in-force",
            "store-unavailable",
        ),
        request=ruling_bodies.DecideAppealRequest,
        signed_in=True,
        act=Act.DECIDE_APPEAL,
    ),
)

STAFF_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "staff_sign_in",
        "POST",
        "/api/staff/sign-in",
        "staff",
        "Sign in with login and password; sets the cookie `leitai_staff`. Ten tries a minute for one login.",
        bodies.StaffMe,
        ("bad-request", "wrong-login", "too-many-tries", "store-unavailable"),
        request=bodies.StaffSignInRequest,
    ),
    Operation(
        "staff_welcome",
        "POST",
        "/api/staff/welcome",
        "staff",
        "Take an invitation: choose a password, and be signed in. The code works once.",
        bodies.StaffMe,
        ("bad-request", "invitation-refused", "password-weak", "too-many-tries", "store-unavailable"),
        request=bodies.StaffWelcomeRequest,
    ),
    Operation(
        "staff_sign_out",
        "POST",
        "/api/staff/sign-out",
        "staff",
        "Forget the cookie; right also when nobody is signed in.",
        None,
        ("bad-request", "store-unavailable"),
        status=204,
        request=bodies.EmptyRequest,
    ),
    Operation(
        "staff_me",
        "GET",
        "/api/staff/me",
        "staff",
        "Who is signed in, and what that person may do.",
        bodies.StaffMe,
        ("store-unavailable",),
        signed_in=True,
    ),
    Operation(
        "staff_password",
        "POST",
        "/api/staff/password",
        "staff",
        "Choose another password; ends every other session of the person.",
        bodies.StaffMe,
        ("bad-request", "wrong-login", "password-weak", "too-many-tries", "store-unavailable"),
        request=bodies.StaffPasswordRequest,
        signed_in=True,
    ),
    Operation(
        "staff_people",
        "GET",
        "/api/staff/people",
        "staff",
        "Every account of the staff, by login.",
        bodies.StaffPeople,
        ("forbidden", "store-unavailable"),
        signed_in=True,
        act=Act.MANAGE_STAFF,
    ),
    Operation(
        "staff_invite",
        "POST",
        "/api/staff/people",
        "staff",
        "Make an account. The answer holds the invitation's code, which is kept nowhere.",
        bodies.StaffInvited,
        ("bad-request", "forbidden", "login-invalid", "login-taken", "roles-invalid", "store-unavailable"),
        request=bodies.StaffInviteRequest,
        signed_in=True,
        act=Act.MANAGE_STAFF,
    ),
    Operation(
        "staff_change",
        "POST",
        "/api/staff/people/{staff}",
        "staff",
        "Change an account; ends its sessions everywhere when it is disabled or loses a role.",
        bodies.StaffPerson,
        (
            "bad-request",
            "forbidden",
            "not-found",
            "roles-invalid",
            "stale-version",
            "last-administrator",
            "store-unavailable",
        ),
        request=bodies.StaffChangeRequest,
        signed_in=True,
        act=Act.MANAGE_STAFF,
    ),
    Operation(
        "staff_invite_again",
        "POST",
        "/api/staff/people/{staff}/invitation",
        "staff",
        "Give an account a new invitation in place of any before: for whoever lost code or password.",
        bodies.StaffInvited,
        ("bad-request", "forbidden", "not-found", "store-unavailable"),
        request=bodies.EmptyRequest,
        signed_in=True,
        act=Act.MANAGE_STAFF,
    ),
    Operation(
        "console",
        "GET",
        "/api/staff/console",
        "staff",
        "The session in force as operators see it. A team leader sees the own delegation only.",
        console_bodies.ConsoleBody,
        ("forbidden", "not-found", "store-unavailable"),
        signed_in=True,
        act=Act.SEE_READINESS,
    ),
    Operation(
        "console_stream",
        "GET",
        "/api/staff/console/stream",
        "staff",
        "The same whenever it moved, four times a second at most: server-sent events with a ConsoleBody each.",
        _TEXT,
        ("forbidden", "store-unavailable"),
        media=EVENTS,
        signed_in=True,
        act=Act.SEE_READINESS,
    ),
    Operation(
        "conduct",
        "POST",
        "/api/staff/console/conduct",
        "staff",
        "Hand a command to whoever directs the session, and wait for what comes of it.",
        None,
        (
            "bad-request",
            "forbidden",
            "not-found",
            "command-refused",
            "stale-edition",
            "too-late-to-change",
            "unknown-item",
            "second-person-needed",
            *_MISSING,
            "already-frozen",
            "not-frozen",
            "not-conducted",
            "store-unavailable",
        ),
        status=204,
        request=console_bodies.ConductRequest,
        signed_in=True,
        act=Act.CONDUCT,
    ),
    Operation(
        "console_ask",
        "POST",
        "/api/staff/console/requests",
        "staff",
        "Ask for a command that needs a second person: it is shown on every console and lapses after 3 minutes.",
        None,
        (
            "bad-request",
            "forbidden",
            "not-found",
            "second-not-needed",
            "stale-edition",
            "not-conducted",
            "store-unavailable",
        ),
        status=204,
        request=console_bodies.ConductRequest,
        signed_in=True,
        act=Act.CONDUCT,
    ),
    Operation(
        "console_decide",
        "POST",
        "/api/staff/console/requests/{request}",
        "staff",
        "Confirm what another asked for, which hands it to whoever directs the session; or decline or take it back.",
        None,
        (
            "bad-request",
            "forbidden",
            "not-found",
            "request-self-confirmation",
            "request-lapsed",
            "request-decided",
            "command-refused",
            "stale-edition",
            "too-late-to-change",
            "unknown-item",
            *_MISSING,
            "not-conducted",
            "store-unavailable",
        ),
        status=204,
        request=console_bodies.RequestDecision,
        signed_in=True,
        act=Act.SECOND,
    ),
    Operation(
        "desk_items",
        "GET",
        "/api/staff/desk/items",
        "staff",
        "Every item of the session in force in figures, from its running on. Judges see all, wherever they come from.",
        desk_bodies.DeskItems,
        ("forbidden", "not-found", "not-yet", "store-unavailable"),
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
        ("forbidden", "not-found", "not-yet", "store-unavailable"),
        signed_in=True,
        act=Act.SEE_DESK,
    ),
    Operation(
        "desk_tail",
        "GET",
        "/api/staff/desk/tail",
        "staff",
        "The newest answers with names, 200 at most, of the last 10,000.",
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
        "`two-devices` (connections superseded), `other-browser` (checked in again from another one). Addresses are "
        "recorded nowhere.",
        desk_bodies.DeskAnomalies,
        ("forbidden", "not-found", "not-yet", "store-unavailable"),
        signed_in=True,
        act=Act.SEE_DESK,
    ),
    Operation(
        "desk_stream",
        "GET",
        "/api/staff/desk/stream",
        "staff",
        "The items that moved, four times a second at most: server-sent events with a DeskMoved each.",
        _TEXT,
        ("forbidden", "not-yet", "store-unavailable"),
        media=EVENTS,
        signed_in=True,
        act=Act.SEE_DESK,
    ),
    *JUDGING,
    *ON_AIR,
    *MACHINES,
)
"""What the office's own process serves."""
