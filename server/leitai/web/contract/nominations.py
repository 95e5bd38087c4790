"""From nomination to roster: the provinces' lists, practice records, the freeze, the roster, admission tickets."""

from leitai.rules.rights import Act
from leitai.web.contract.table import BINARY, XLSX, Operation, Query, Whose
from leitai.wire import bodies
from leitai.wire import nominations_bodies as people

FILES = (XLSX, "text/csv", "application/octet-stream")
"""What lists of people come as."""
_NAME = Query("name", "The file's name, for the report.", {"type": "string", "maxLength": 200})
_EXPECTS = Query(
    "expects",
    "The list's edition as it was seen: take the file in when nothing in it is refused. Without it: a dry run.",
    {"type": "integer", "minimum": 0, "maximum": 2**31 - 1},
)
_DELEGATION = Query("delegation", "Of one delegation only.", {"type": "string", "pattern": "^[0-9]{6}$"})
_KEEP = Query("keep", "`true`: take the records in when none is refused. Without it: a dry run.", {"enum": ["true"]})
_COMMON = ("forbidden", "store-unavailable")
_LIST = ("bad-request", "not-found", "lists-frozen", "list-stale", *_COMMON)
_SENT = "The body is the file (.xlsx or .csv)."


def _get(
    name: str,
    path: str,
    about: str,
    answer: type | dict[str, object],
    act: Act,
    *more: str,
    whose: Whose = "all",
    or_acts: tuple[Act, ...] = (),
) -> Operation:
    return Operation(
        name,
        "GET",
        path,
        "staff",
        about,
        answer,
        ("not-found", *more, *_COMMON),
        signed_in=True,
        act=act,
        or_acts=or_acts,
        whose=whose,
    )


def _sheet(name: str, path: str, about: str, act: Act, whose: Whose = "all") -> Operation:
    refusals = ("not-found", *_COMMON)
    return Operation(
        name, "GET", path, "staff", about, BINARY, refusals, media=XLSX, signed_in=True, act=act, whose=whose
    )


NOMINATIONS: tuple[Operation, ...] = (
    _get(
        "people_contests",
        "/api/staff/people-contests",
        "Contests with how far they are between nomination and roster.",
        people.PeopleContests,
        Act.SEE_NOMINATIONS,
        or_acts=(Act.IMPORT_PRACTICE, Act.SEE_ROSTER),
        whose="own",
    ),
    Operation(
        "people_contest_create",
        "POST",
        "/api/staff/people-contests",
        "staff",
        "A new contest, to nominate for.",
        people.PeopleContestCreated,
        ("bad-request", *_COMMON),
        status=201,
        request=people.PeopleContestRequest,
        signed_in=True,
        act=Act.REVIEW_NOMINATIONS,
    ),
    _sheet(
        "nominations_template",
        "/api/staff/nominations-template",
        "The template of a province's list.",
        Act.SEE_NOMINATIONS,
        whose="own",
    ),
    _get(
        "nominations_overview",
        "/api/staff/nominations/{contest}",
        "Every delegation's list with its state.",
        people.NominationsOverview,
        Act.SEE_NOMINATIONS,
    ),
    _get(
        "nominations",
        "/api/staff/nominations/{contest}/{code}",
        "A province's list with everyone's eligibility, rule by rule; a team leader sees the own only.",
        people.NominationsBody,
        Act.SEE_NOMINATIONS,
        whose="path",
    ),
    Operation(
        "nominations_upload",
        "POST",
        "/api/staff/nominations/{contest}/{code}/upload",
        "staff",
        f"Check a province's list, or take it in place of the one before. {_SENT} Own province only.",
        people.NominationReportBody,
        ("list-submitted", "person-elsewhere", *_LIST),
        upload=FILES,
        queries=(_NAME, _EXPECTS),
        signed_in=True,
        act=Act.NOMINATE,
        whose="path",
    ),
    Operation(
        "nominations_undo",
        "POST",
        "/api/staff/nominations/{contest}/{code}/undo",
        "staff",
        "Put the upload before in force again.",
        people.NominationListBody,
        ("list-submitted", "nothing-to-undo", "person-elsewhere", "list-empty", *_LIST),
        request=people.NominationListRequest,
        signed_in=True,
        act=Act.NOMINATE,
        whose="path",
    ),
    Operation(
        "nominations_submit",
        "POST",
        "/api/staff/nominations/{contest}/{code}/submit",
        "staff",
        "Hand the list to the ministry; from then on only a return opens it again.",
        people.NominationListBody,
        ("list-submitted", "list-empty", "list-short", *_LIST),
        request=people.NominationListRequest,
        signed_in=True,
        act=Act.NOMINATE,
        whose="path",
    ),
    Operation(
        "nominations_return",
        "POST",
        "/api/staff/nominations/{contest}/{code}/return",
        "staff",
        "Send a submitted list back to its province, with a reason.",
        people.NominationListBody,
        ("list-not-submitted", "reason-missing", "list-empty", *_LIST),
        request=people.NominationReturnRequest,
        signed_in=True,
        act=Act.REVIEW_NOMINATIONS,
    ),
    _get(
        "nominations_numbers",
        "/api/staff/nominations/{contest}/{code}/numbers",
        "Identity and telephone numbers of a list as they are. Having looked is in the audit.",
        people.NomineeNumbers,
        Act.SEE_IDENTITY,
        whose="path",
    ),
    Operation(
        "nominations_freeze",
        "POST",
        "/api/staff/nominations/{contest}/freeze",
        "staff",
        "Ask for the freeze of all submitted lists; another of the operators confirms it. Nothing changes afterwards.",
        people.PeopleAsked,
        ("nothing-to-freeze", *_LIST),
        request=people.ListsFreezeRequest,
        signed_in=True,
        act=Act.REVIEW_NOMINATIONS,
    ),
    _sheet(
        "practice_template",
        "/api/staff/practice-records-template",
        "The template of practice records.",
        Act.IMPORT_PRACTICE,
    ),
    _get(
        "practice_records",
        "/api/staff/practice-records/{contest}",
        "How much is known of practice for a contest.",
        people.PracticeBody,
        Act.IMPORT_PRACTICE,
    ),
    Operation(
        "practice_import",
        "POST",
        "/api/staff/practice-records/{contest}",
        "staff",
        f"Check records of practice, or take them in. {_SENT}",
        people.PracticeReportBody,
        ("bad-request", "not-found", "lists-frozen", *_COMMON),
        upload=FILES,
        queries=(_NAME, _KEEP),
        signed_in=True,
        act=Act.IMPORT_PRACTICE,
    ),
)
"""Up to the freeze."""

PUBLIC_ROSTER: tuple[Operation, ...] = (
    Operation(
        "public_roster",
        "GET",
        "/api/roster",
        "public",
        "The newest roster that was published, by delegation and seat.",
        people.PublicRoster,
        ("not-found", "store-unavailable"),
        cached=True,
    ),
)
"""What everybody may read."""

ROSTERS: tuple[Operation, ...] = (
    Operation(
        "roster",
        "GET",
        "/api/staff/rosters/{contest}",
        "staff",
        "The roster with everyone who lost the place; a team leader sees the own delegation's, once it is published.",
        people.RosterBody,
        ("bad-request", "not-found", *_COMMON),
        queries=(_DELEGATION,),
        signed_in=True,
        act=Act.SEE_ROSTER,
        whose="query",
    ),
    _sheet("roster_sheet", "/api/staff/rosters/{contest}/sheet", "The roster as a workbook.", Act.KEEP_ROSTER),
    Operation(
        "roster_make",
        "POST",
        "/api/staff/rosters/{contest}/make",
        "staff",
        "Make the roster of the named and the drawn.",
        people.RosterMade,
        ("bad-request", "not-found", "lists-not-frozen", "draw-missing", "roster-made", *_COMMON),
        request=bodies.EmptyRequest,
        signed_in=True,
        act=Act.KEEP_ROSTER,
    ),
    Operation(
        "roster_strike",
        "POST",
        "/api/staff/rosters/{contest}/strike",
        "staff",
        "Ask to strike somebody off; another of the operators confirms it. Nobody takes the place.",
        people.PeopleAsked,
        ("bad-request", "not-found", "reason-missing", "already-struck", *_COMMON),
        request=people.StrikeOffRequest,
        signed_in=True,
        act=Act.KEEP_ROSTER,
    ),
    Operation(
        "roster_publish",
        "POST",
        "/api/staff/rosters/{contest}/publish",
        "staff",
        "Publish the roster to the provinces.",
        None,
        ("bad-request", "not-found", "roster-missing", "roster-published", *_COMMON),
        status=204,
        request=bodies.EmptyRequest,
        signed_in=True,
        act=Act.KEEP_ROSTER,
    ),
    Operation(
        "people_decide",
        "POST",
        "/api/staff/people-requests/{request}",
        "staff",
        "Confirm what another asked for (a freeze of lists, a strike-off), or decline it.",
        None,
        (
            "bad-request",
            "not-found",
            "request-self-confirmation",
            "request-lapsed",
            "request-decided",
            "list-stale",
            "lists-frozen",
            "nothing-to-freeze",
            "already-struck",
            *_COMMON,
        ),
        status=204,
        request=people.PeopleDecisionRequest,
        signed_in=True,
        act=Act.REVIEW_NOMINATIONS,
    ),
    Operation(
        "tickets_make",
        "POST",
        "/api/staff/tickets",
        "staff",
        "Begin to make admission tickets as PDF; with codes, those handed out before end.",
        people.TicketJobBody,
        ("bad-request", "not-found", "roster-missing", "tickets-busy", *_COMMON),
        request=people.TicketsRequest,
        signed_in=True,
        act=Act.ISSUE_CODES,
    ),
    _get(
        "tickets",
        "/api/staff/tickets/{job}",
        "How far tickets are, and their files once they are ready; they are kept for half an hour.",
        people.TicketJobBody,
        Act.ISSUE_CODES,
    ),
    Operation(
        "tickets_file",
        "GET",
        "/api/staff/tickets/{job}/files/{file}",
        "staff",
        "A file of tickets.",
        BINARY,
        ("not-found", *_COMMON),
        media="application/pdf",
        signed_in=True,
        act=Act.ISSUE_CODES,
    ),
)
"""From the freeze on."""
