"""月月比: the learners' table, and the practice office's."""

from leitai.rules.rights import Act
from leitai.web.contract.table import Operation
from leitai.wire import monthly_bodies as bodies
from leitai.wire.bodies import EmptyRequest

MONTHLY: tuple[Operation, ...] = (
    Operation(
        "monthly",
        "GET",
        "/api/practice/monthly",
        "learner",
        "The months' sittings as the learner has them: announced, open, under way, sat, over, or with the result.",
        bodies.MonthlyBody,
        ("not-signed-in", "store-unavailable"),
        signed_in=True,
    ),
    Operation(
        "monthly_enter",
        "POST",
        "/api/practice/monthly/entry",
        "learner",
        "Enrol in the sitting that is open, or come back to it, and get the address that leads there, once.",
        bodies.MonthlyEntryBody,
        ("bad-request", "not-signed-in", "monthly-not-open", "monthly-taken", "too-many-tries", "store-unavailable"),
        request=EmptyRequest,
        signed_in=True,
    ),
)
"""What a learner does."""

_REFUSALS = ("forbidden", "store-unavailable")
MONTHLY_OFFICE: tuple[Operation, ...] = (
    Operation(
        "monthly_months",
        "GET",
        "/api/staff/practice/monthly",
        "staff",
        "All months' sittings with who entered and sat, and the sealed papers that are left.",
        bodies.MonthsBody,
        _REFUSALS,
        signed_in=True,
        act=Act.SEE_PRACTICE,
    ),
    Operation(
        "monthly_schedule",
        "POST",
        "/api/staff/practice/monthly",
        "staff",
        "Announce a month's sitting.",
        bodies.MonthsBody,
        (
            "bad-request",
            "monthly-length",
            "monthly-window",
            "monthly-past",
            "monthly-month-taken",
            "monthly-judged",
            "paper-not-sealed",
            *_REFUSALS,
        ),
        request=bodies.MonthRequest,
        signed_in=True,
        act=Act.RELEASE_PRACTICE,
    ),
    Operation(
        "monthly_withdraw",
        "POST",
        "/api/staff/practice/monthly/{session}/withdraw",
        "staff",
        "Take a month's sitting back, up to an hour before it opens.",
        bodies.MonthsBody,
        ("bad-request", "not-found", "monthly-begun", *_REFUSALS),
        request=EmptyRequest,
        signed_in=True,
        act=Act.RELEASE_PRACTICE,
    ),
)
"""What the practice office does."""
