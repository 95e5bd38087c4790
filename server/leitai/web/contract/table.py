"""What a table of operations is made of, and what many of them have in common."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response

from leitai.rules.rights import Act

Whose = Literal["all", "own", "path", "query", "record"]
"""`all`: the nation, so that whoever may act for a delegation only is refused; `own`: that of whoever asks; `path` and
`query`: the one that is named there; `record`: that of what is looked up."""

Endpoint = Callable[[Request], Awaitable[Response]]

JSON = "application/json"
EVENTS = "text/event-stream"
MESSAGEPACK = "application/vnd.msgpack"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


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
    upload: tuple[str, ...] = ()
    """The body is a file of one of these media types, as it is."""
    queries: tuple[Query, ...] = ()
    signed_in: bool = False
    act: Act | None = None
    """What one of the staff must have the right to (rules.rights)."""
    or_acts: tuple[Act, ...] = ()
    """Or to one of these."""
    whose: Whose = "all"
    """What delegation is concerned, for those who may do the act for their own only (`Right.own`)."""
    cached: bool = False
    """Carries an ETag and answers 304."""
    also: tuple[int, ...] = ()
    """Further statuses with the same body."""


ANY_OBJECT: dict[str, Any] = {"type": "object"}
TEXT: dict[str, Any] = {"type": "string"}
BINARY: dict[str, Any] = {"type": "string", "format": "binary"}
LIST: dict[str, Any] = {"type": "array", "items": ANY_OBJECT}

PAGE = Query("page", "Page of the board, from 1.", {"type": "integer", "minimum": 1, "maximum": 100_000, "default": 1})
