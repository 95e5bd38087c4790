"""Provinces' own contests: what a province's office does in its house, who registers, and which questions are lent."""

from leitai.rules.rights import Act
from leitai.web.contract.nominations import FILES
from leitai.web.contract.table import Operation, Query
from leitai.wire import own_contests_bodies as own

_NAME = Query("name", "The file's name, for the report.", {"type": "string", "maxLength": 200})
_KEEP = Query("keep", "`true`: add everybody when nobody is refused. Without it: a dry run.", {"enum": ["true"]})
_COMMON = ("forbidden", "store-unavailable")
_ONE = ("not-found", *_COMMON)
_DOOR = "/api/staff/own-contests"


def _post(
    name: str, path: str, about: str, request: type, answer: type | None, refusals: tuple[str, ...], status: int = 200
) -> Operation:
    return Operation(
        name,
        "POST",
        path,
        "staff",
        about,
        answer,
        ("bad-request", *refusals),
        status=status,
        request=request,
        signed_in=True,
        act=Act.KEEP_OWN_CONTEST,
    )


def _get(name: str, path: str, about: str, answer: type, *more: str) -> Operation:
    return Operation(
        name, "GET", path, "staff", about, answer, (*more, *_COMMON), signed_in=True, act=Act.KEEP_OWN_CONTEST
    )


OWN_CONTESTS: tuple[Operation, ...] = (
    _get(
        "own_contests", _DOOR, "The contests that the province runs for itself; in its own house.", own.OwnContestsBody
    ),
    _post(
        "own_contest_create",
        _DOOR,
        "A new contest of the province's own.",
        own.OwnContestRequest,
        own.OwnContestCreated,
        _COMMON,
        201,
    ),
    _post("own_teams", f"{_DOOR}/teams", "Add teams, by name.", own.TeamsRequest, None, _COMMON, 204),
    _get(
        "own_people",
        _DOOR + "/{contest}/people",
        "The roster, and who registered; numbers are masked.",
        own.OwnPeopleBody,
        "not-found",
    ),
    Operation(
        "own_roster",
        "POST",
        _DOOR + "/{contest}/roster",
        "staff",
        "Check a roster, or add everybody in it. The body is the file (.xlsx or .csv).",
        own.OwnRosterReportBody,
        ("bad-request", "person-registered", "roster-full", *_ONE),
        upload=FILES,
        queries=(_NAME, _KEEP),
        signed_in=True,
        act=Act.KEEP_OWN_CONTEST,
    ),
    _post(
        "own_registration",
        _DOOR + "/{contest}/registration",
        "Open, change or close registration.",
        own.RegistrationBody,
        None,
        ("registration-past", *_ONE),
        204,
    ),
    _post(
        "own_applicants",
        _DOOR + "/{contest}/applicants",
        "Put applicants on the roster, or decline them.",
        own.ApplicantsRequest,
        own.ApplicantsDecided,
        ("person-registered", "roster-full", "reason-missing", *_ONE),
    ),
    _post(
        "own_prizes",
        _DOOR + "/{contest}/prizes",
        "Set the table of prizes; until the contest begins.",
        own.PrizesRequest,
        own.PrizesSet,
        ("prizes-bad", "prizes-fixed", "prizes-stale", *_ONE),
    ),
    _get(
        "own_won",
        _DOOR + "/{contest}/prizes/{session}",
        "Who has won what in a session that is over.",
        own.PrizeListBody,
        "not-found",
        "not-over-yet",
    ),
    Operation(
        "bank_lend",
        "POST",
        "/api/staff/bank/questions/{question}/lend",
        "staff",
        "Let provinces use an approved question of the nation's bank, or not any more.",
        None,
        ("bad-request", "not-lent", *_ONE),
        status=204,
        request=own.LendRequest,
        signed_in=True,
        act=Act.LEND_QUESTIONS,
    ),
    Operation(
        "nominations_own_sessions",
        "GET",
        "/api/staff/nominations/{contest}/{code}/own-sessions",
        "staff",
        "The final sessions of the province's own contests, whose best may be nominated.",
        own.WonSessionsBody,
        _ONE,
        signed_in=True,
        act=Act.NOMINATE,
        whose="path",
    ),
    Operation(
        "nominations_take_best",
        "POST",
        "/api/staff/nominations/{contest}/{code}/take-best",
        "staff",
        "Take the best of a final session of the province's own into its list of nominees, their places as evidence.",
        own.WonNomineesBody,
        (
            "bad-request",
            "lists-frozen",
            "list-submitted",
            "list-stale",
            "list-full",
            "nothing-won",
            "person-elsewhere",
            *_ONE,
        ),
        request=own.WonNomineesRequest,
        signed_in=True,
        act=Act.NOMINATE,
        whose="path",
    ),
)

PUBLIC_REGISTRATION: tuple[Operation, ...] = (
    Operation(
        "registrations",
        "GET",
        "/api/registrations",
        "public",
        "The contests of this house that people may register for now.",
        own.OpenRegistrations,
        ("store-unavailable",),
    ),
    Operation(
        "register",
        "POST",
        "/api/registrations/{contest}",
        "public",
        "Register for a contest. The organizer looks at it; numbers are kept sealed and shown to nobody in full.",
        None,
        (
            "bad-request",
            "not-found",
            "too-many-tries",
            "registration-closed",
            "already-registered",
            "registration-full",
            "name-odd",
            "unit-missing",
            "team-unknown",
            "phone-wrong",
            "id-number-wrong",
            "store-unavailable",
        ),
        status=204,
        request=own.RegisterRequest,
    ),
)
