"""JSON Schema of the event feed, made from its bodies' own types."""

from typing import Any

import msgspec

from leitai.wire import feed_bodies as feed

TYPES: dict[str, type[msgspec.Struct]] = {
    "contest": feed.FeedContest,
    "groups": feed.FeedGroup,
    "teams": feed.FeedTeam,
    "persons": feed.FeedPerson,
    "problems": feed.FeedProblem,
    "state": feed.FeedState,
    "scoreboard": feed.FeedScoreboard,
    "awards": feed.FeedAward,
}
"""The body of each type of object."""
_SINGLE = ("contest", "state", "scoreboard")


def feed_schema() -> dict[str, Any]:
    """Return the schema of a line of the feed; that of each object is under `$defs`."""
    _, definitions = msgspec.json.schema_components(TYPES.values(), ref_template="#/$defs/{name}")
    for definition in definitions.values():
        definition["additionalProperties"] = False
        # What has a default is told all the same.
        definition["required"] = sorted(definition["properties"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Leitai event feed: a line",
        "$comment": "Made by `python -m leitai.wire.publish` from server/leitai/wire/feed_bodies.py; do not edit.",
        "type": "object",
        "required": ["token", "id", "type", "data"],
        "additionalProperties": False,
        "properties": {
            "token": {"type": "string", "pattern": "^[0-9]+$"},
            "type": {"enum": list(TYPES)},
            "id": {"type": ["string", "null"]},
            "data": True,
        },
        "oneOf": [_line(name, body) for name, body in TYPES.items()],
        "$defs": dict(sorted(definitions.items())),
    }


def _line(name: str, body: type[msgspec.Struct]) -> dict[str, Any]:
    one_of_a_kind = name in _SINGLE
    reference = {"$ref": f"#/$defs/{body.__name__}"}
    return {
        "properties": {
            "type": {"const": name},
            "id": {"type": "null"} if one_of_a_kind else {"type": "string"},
            "data": reference if one_of_a_kind else {"anyOf": [reference, {"type": "null"}]},
        }
    }
