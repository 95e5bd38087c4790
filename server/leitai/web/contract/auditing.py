"""Results as the staff see them, the key that they are signed with, and the audit."""

from leitai.rules.rights import Act
from leitai.web.contract.table import BINARY, PAGE, Operation, Query
from leitai.wire import audit_bodies, bodies, results_bodies

_DELEGATION = Query("delegation", "Of this delegation, by code.", {"type": "string", "pattern": "^[0-9]{6}$"})
_PUBLISHED = "Before results are published only for judges and auditors; a team leader sees the own delegation's."

RESULTS: tuple[Operation, ...] = (
    Operation(
        "result_sessions",
        "GET",
        "/api/staff/results",
        "staff",
        "The sessions that are over, the newest first.",
        results_bodies.FinishedSessions,
        ("forbidden", "store-unavailable"),
        signed_in=True,
        act=Act.SEE_PUBLISHED,
        whose="own",
    ),
    Operation(
        "result_people",
        "GET",
        "/api/staff/sessions/{session}/results",
        "staff",
        f"Contestants by their standing, 50 a page. {_PUBLISHED}",
        results_bodies.PeopleResults,
        ("bad-request", "forbidden", "not-found", "not-yet", "store-unavailable"),
        queries=(
            _DELEGATION,
            Query("name", "Whose name holds this text.", {"type": "string", "maxLength": 32}),
            PAGE,
        ),
        signed_in=True,
        act=Act.SEE_PUBLISHED,
        whose="query",
    ),
    Operation(
        "result_of",
        "GET",
        "/api/staff/sessions/{session}/results/{sitting}",
        "staff",
        f"A contestant's result item by item, with the rulings that have a say in it. {_PUBLISHED}",
        bodies.ResultBody,
        ("forbidden", "not-found", "not-yet", "store-unavailable"),
        signed_in=True,
        act=Act.SEE_PUBLISHED,
        whose="record",
    ),
    Operation(
        "result_delegations",
        "GET",
        "/api/staff/sessions/{session}/delegations",
        "staff",
        "The delegations by their standing, each with what makes it up. Before results are published only for judges "
        "and auditors.",
        results_bodies.DelegationResults,
        ("forbidden", "not-found", "not-yet", "store-unavailable"),
        signed_in=True,
        act=Act.SEE_PUBLISHED,
    ),
    Operation(
        "results_table",
        "GET",
        "/api/staff/sessions/{session}/tables/{table}",
        "staff",
        f"A table as .xlsx, without any formula; goes into the audit. `province` needs its delegation. {_PUBLISHED}",
        BINARY,
        ("bad-request", "forbidden", "not-found", "not-yet", "store-unavailable"),
        media="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        queries=(_DELEGATION,),
        signed_in=True,
        act=Act.SEE_PUBLISHED,
        whose="query",
    ),
    Operation(
        "results_bundle",
        "GET",
        "/api/staff/sessions/{session}/bundle",
        "staff",
        "A final session's signed results bundle (docs/results-bundle.md), the same bytes each time; goes into the "
        "audit. While the board is frozen only for judges and auditors.",
        BINARY,
        ("forbidden", "not-found", "not-yet", "store-unavailable"),
        media="application/zip",
        signed_in=True,
        act=Act.TAKE_BUNDLE,
    ),
)

RESULTS_KEY: tuple[Operation, ...] = (
    Operation(
        "results_key",
        "GET",
        "/api/results-key",
        "public",
        "The public key that the contest signs results bundles and exported audits with.",
        results_bodies.ResultsKey,
        ("store-unavailable",),
    ),
)

_TEXT = {"type": "string", "maxLength": 100}
_MOMENT = {"type": "integer", "minimum": 0, "maximum": 9_999_999_999_999_999}

AUDIT: tuple[Operation, ...] = (
    Operation(
        "audit_entries",
        "GET",
        "/api/staff/audit",
        "staff",
        "Entries of the audit, the newest first, 100 a page.",
        audit_bodies.AuditPage,
        ("bad-request", "forbidden", "store-unavailable"),
        queries=(
            Query("before", "Entries before this number.", _MOMENT),
            Query("actor", "By this login.", _TEXT),
            Query("action", "Of this kind.", _TEXT),
            Query("text", "With this text somewhere, in any case.", _TEXT),
            Query("from_us", "Not before this moment.", _MOMENT),
            Query("until_us", "Before this moment.", _MOMENT),
        ),
        signed_in=True,
        act=Act.READ_AUDIT,
    ),
    Operation(
        "audit_state",
        "GET",
        "/api/staff/audit/state",
        "staff",
        "How the chain of hashes stands, with what was added since the last time checked; and who and what occurs.",
        audit_bodies.AuditState,
        ("forbidden", "store-unavailable"),
        signed_in=True,
        act=Act.READ_AUDIT,
    ),
    Operation(
        "audit_check",
        "POST",
        "/api/staff/audit/check",
        "staff",
        "Check the whole chain from its first entry; goes into the audit.",
        audit_bodies.AuditState,
        ("bad-request", "forbidden", "store-unavailable"),
        request=bodies.EmptyRequest,
        signed_in=True,
        act=Act.READ_AUDIT,
    ),
    Operation(
        "audit_export",
        "GET",
        "/api/staff/audit/export",
        "staff",
        "The whole audit as JSON lines with a signed end, for `leitai verify-audit`; goes into the audit itself.",
        BINARY,
        ("forbidden", "store-unavailable"),
        media="application/jsonl",
        signed_in=True,
        act=Act.READ_AUDIT,
    ),
)
