"""What stands beside questions in practice: the learners' table, and the practice office's."""

from leitai.rules.rights import Act
from leitai.web.contract.table import BINARY, TEXT, Operation, Query
from leitai.wire import practice_office_bodies as office
from leitai.wire.bodies import EmptyRequest

FILE = "application/octet-stream"
VTT = "text/vtt"
_FORBIDDEN = ("forbidden", "store-unavailable")
_REFUSALS = ("not-signed-in", "not-found", "too-many-tries", "store-unavailable")

PRACTICE_FILMS: tuple[Operation, ...] = (
    Operation(
        "practice_film",
        "GET",
        "/api/practice/questions/{question}/media/{media}",
        "learner",
        "A picture of a question that one was asked, or the lecture of one answered; whole or a range (RFC 9110, 14).",
        BINARY,
        ("range-not-satisfiable", *_REFUSALS),
        media=FILE,
        also=(206,),
        signed_in=True,
        cached=True,
    ),
    Operation(
        "practice_captions",
        "GET",
        "/api/practice/questions/{question}/captions",
        "learner",
        "What is said in the lecture of a question that one answered, as WebVTT.",
        TEXT,
        _REFUSALS,
        media=VTT,
        signed_in=True,
    ),
)
"""Pictures, lectures, captions."""

PRACTICE_FEATURES: tuple[Operation, ...] = (
    Operation(
        "practice_features",
        "GET",
        "/api/staff/practice/features",
        "staff",
        "Featured questions, and the lectures and pictures that can be shown with one.",
        office.FeaturesBody,
        _FORBIDDEN,
        signed_in=True,
        act=Act.SEE_PRACTICE,
    ),
    Operation(
        "practice_feature_choices",
        "GET",
        "/api/staff/practice/feature-choices",
        "staff",
        "Questions in practice with a text in their stem, or of that number.",
        office.FeatureChoices,
        ("bad-request", *_FORBIDDEN),
        queries=(
            Query("text", "What is looked for.", {"type": "string", "minLength": 1, "maxLength": 100}, required=True),
        ),
        signed_in=True,
        act=Act.RELEASE_PRACTICE,
    ),
    Operation(
        "practice_feature",
        "POST",
        "/api/staff/practice/features",
        "staff",
        "Feature a question: it comes first among the new ones, with a lecture beside its explanation.",
        office.FeaturesBody,
        ("bad-request", "not-found", "practice-featured", "practice-not-explained", "practice-captions", *_FORBIDDEN),
        request=office.FeatureRequest,
        signed_in=True,
        act=Act.RELEASE_PRACTICE,
    ),
    Operation(
        "practice_feature_withdraw",
        "POST",
        "/api/staff/practice/features/{feature}/withdraw",
        "staff",
        "Feature a question no longer.",
        office.FeaturesBody,
        ("bad-request", "not-found", "practice-withdrawn", *_FORBIDDEN),
        request=EmptyRequest,
        signed_in=True,
        act=Act.RELEASE_PRACTICE,
    ),
)
"""Featuring questions."""
