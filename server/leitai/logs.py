"""Structured logs: one event a line, with the ids of contest, session and sitting, and without personal data.

Who a person is, what a person typed and what opens a door never reaches a line: `withhold` takes such members out by
their names, wherever they stand, and passwords out of addresses. A log line says which sitting, and the database says
who that is.
"""

import logging
import re
import sys
from collections.abc import Mapping
from typing import Any, TextIO, cast

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

WITHHELD_NAMES = frozenset(
    (
        # what opens a door
        "access_code", "authorization", "code", "codes", "cookie", "cookies", "key", "leitai_sid", "password", "secret",
        "secret_key", "set_cookie", "ticket", "tickets",
        # who a person is
        "admission_no", "delegation_name", "identity", "name", "names", "person", "q", "query_string",
        # what a person answered
        "answer", "answers", "body", "response", "responses", "unacked",
    )
)  # fmt: skip
"""Members of an event that are withheld, in lower case, hyphens as underscores."""

WITHHELD = "[withheld]"

_IN_ADDRESS = re.compile(r"(?<=://)[^\s/@'\"]+@")
_LEVELS = logging.getLevelNamesMapping()


def withhold(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace whatever a log may not hold (a structlog processor). The event's own text is kept but for passwords."""
    return {name: _kept(name, value) for name, value in event.items()}


def configure(form: str = "auto", level: str = "info", stream: TextIO | None = None) -> None:
    """Set logging up for this process; `form` is `console`, `json`, or `auto`: for people on a terminal, else JSON.

    `stream` is standard error unless given.

    Libraries that use logging (uvicorn, asyncio) speak from warnings on, in the same form, through the same filter.
    """
    number = _LEVELS[level.upper()]
    out = stream or sys.stderr
    if form == "auto":
        form = "console" if out.isatty() else "json"
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # Tracebacks as text and without local variables, which hold what people typed.
        structlog.processors.format_exc_info,
        withhold,
    ]
    structlog.configure(
        processors=[*shared, _renderer(form)],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(out),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer(form)],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(number, logging.WARNING), force=True)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.NOTSET)


def _renderer(form: str) -> Processor:
    if form == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False, default=repr)
    return structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)


def _kept(name: object, value: Any) -> Any:
    if isinstance(name, str) and name.lower().replace("-", "_") in WITHHELD_NAMES:
        return WITHHELD
    if isinstance(value, str):
        return _IN_ADDRESS.sub("…@", value)
    if isinstance(value, Mapping):
        inside = cast("Mapping[object, Any]", value)
        return {inner: _kept(inner, held) for inner, held in inside.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_kept(None, held) for held in cast("list[Any]", value)]
    return value
