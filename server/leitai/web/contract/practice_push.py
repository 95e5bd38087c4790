"""Reminders by the browser."""

from leitai.web.contract.table import Operation
from leitai.wire import learners_bodies

_REFUSALS = ("bad-request", "not-signed-in", "too-many-tries", "store-unavailable")

PRACTICE_PUSH: tuple[Operation, ...] = (
    Operation(
        "practice_push",
        "GET",
        "/api/practice/push",
        "learner",
        "With what key a browser subscribes to reminders (Web Push, RFC 8030), and how many of one's own do.",
        learners_bodies.PushBody,
        ("not-signed-in", "store-unavailable"),
        signed_in=True,
    ),
    Operation(
        "practice_push_add",
        "POST",
        "/api/practice/push",
        "learner",
        "Remind this browser, in the evening of days without study. Addresses of known push services are taken alone.",
        learners_bodies.PushBody,
        ("push-off", "push-subscription", *_REFUSALS),
        request=learners_bodies.PushRequest,
        signed_in=True,
    ),
    Operation(
        "practice_push_remove",
        "POST",
        "/api/practice/push/remove",
        "learner",
        "Remind this browser no more.",
        learners_bodies.PushBody,
        _REFUSALS,
        request=learners_bodies.PushRemoveRequest,
        signed_in=True,
    ),
)
"""Subscribing, and leaving."""
