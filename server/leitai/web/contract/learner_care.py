"""What an office does for learners, and how one gets in again."""

from leitai.rules.rights import Act
from leitai.web.contract.table import Operation
from leitai.wire import learners_bodies as bodies
from leitai.wire.bodies import EmptyRequest

_REFUSALS = ("bad-request", "forbidden", "not-found", "store-unavailable")

RECOVERY: tuple[Operation, ...] = (
    Operation(
        "learner_recover",
        "POST",
        "/api/practice/recover",
        "learner",
        "Choose another password by a code of the office; every session of the account ends, and a new one begins.",
        bodies.LearnerBody,
        (
            "bad-request",
            "learner-login-invalid",
            "learner-phone-invalid",
            "learner-password-weak",
            "learner-recovery",
            "too-many-tries",
            "store-unavailable",
        ),
        request=bodies.LearnerRecoverRequest,
    ),
)
"""At the learners' door."""

LEARNER_CARE: tuple[Operation, ...] = (
    Operation(
        "learner_find",
        "POST",
        "/api/staff/learners/find",
        "staff",
        "Find a learner by the whole account. A team leader finds those of the own province's organisations; audited.",
        bodies.LearnerFound,
        _REFUSALS,
        request=bodies.LearnerFindRequest,
        signed_in=True,
        act=Act.KEEP_LEARNERS,
        whose="own",
    ),
    Operation(
        "learner_disable",
        "POST",
        "/api/staff/learners/{learner}/disabled",
        "staff",
        "Disable an account, whose sessions end at once, or enable it again.",
        bodies.LearnerFound,
        _REFUSALS,
        request=bodies.LearnerDisableRequest,
        signed_in=True,
        act=Act.KEEP_LEARNERS,
        whose="own",
    ),
    Operation(
        "learner_recovery",
        "POST",
        "/api/staff/learners/{learner}/recovery",
        "staff",
        "Make a code with which the learner chooses another password, once within a day; one before is void.",
        bodies.LearnerRecoveryBody,
        _REFUSALS,
        request=EmptyRequest,
        signed_in=True,
        act=Act.KEEP_LEARNERS,
        whose="own",
    ),
)
"""At the staff's."""
