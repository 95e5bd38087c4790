"""Logs: readable by programs, silent about people."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from leitai import logs
from leitai.logs import WITHHELD, WITHHELD_NAMES, withhold


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """A stream to log to; everything is as before afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield io.StringIO()
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    root.handlers[:] = handlers
    root.setLevel(level)


def _lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_json_line_holds_event_time_level_and_ids(stream: io.StringIO) -> None:
    logs.configure("json", "info", stream)
    with structlog.contextvars.bound_contextvars(contest=1, session=7):
        structlog.get_logger().info("checked_in", sitting=12)
        structlog.get_logger().debug("not told")
    (line,) = _lines(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "checked_in", "level": "info", "contest": 1, "session": 7, "sitting": 12}


@pytest.mark.parametrize("form", ["json", "console"])
@pytest.mark.parametrize("name", [*sorted(WITHHELD_NAMES), "Cookie", "Set-Cookie", "NAME"])
def test_what_is_personal_is_withheld_by_its_name(stream: io.StringIO, form: str, name: str) -> None:
    logs.configure(form, "info", stream)
    personal = {name: "李明-7K3M"}
    structlog.get_logger().info("event", **personal, headers=personal, rows=[personal, [personal]])
    with structlog.contextvars.bound_contextvars(**personal):
        structlog.get_logger().info("event")
    assert "李明" not in stream.getvalue()
    assert stream.getvalue().count(WITHHELD) == 5


def test_passwords_in_addresses_are_withheld_wherever_they_stand() -> None:
    event = withhold(
        None,
        "info",
        {
            "event": "cannot reach redis://:hunter2@valkey:6379/0",
            "reason": ["postgresql://leitai:hunter2@db/leitai?sslmode=require failed"],
            "path": "/api/me",
            "count": 3,
            "mail": "a@b",
        },
    )
    assert "hunter2" not in str(event)
    assert event["event"] == "cannot reach redis://…@valkey:6379/0"
    assert (event["path"], event["count"], event["mail"]) == ("/api/me", 3, "a@b")


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_traceback_is_told_without_local_variables(stream: io.StringIO, form: str) -> None:
    logs.configure(form, "info", stream)

    def fails(typed: str) -> None:
        raise ValueError("redis://:hunter2@valkey is away") from KeyError("cause")

    typed = "-".join(("AB12", "CD34"))
    try:
        fails(typed)
    except ValueError:
        structlog.get_logger().exception("request failed", path="/api/me")
    told = stream.getvalue()
    assert "ValueError: redis://…@valkey is away" in told
    assert "KeyError" in told
    assert typed not in told
    assert "hunter2" not in told
    if form == "json":
        assert len(_lines(stream)) == 1


@pytest.mark.parametrize("form", ["json", "console"])
def test_libraries_speak_in_the_same_form_from_warnings_on(stream: io.StringIO, form: str) -> None:
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # as somebody before us may have left it
    logs.configure(form, "info", stream)
    logging.getLogger("uvicorn.error").info("Started server process")
    logging.getLogger("uvicorn.access").info("GET /api/me?q=a-name")
    logging.getLogger("uvicorn.error").warning("cannot %s", "postgresql://u:hunter2@db", extra={"name_": "x"})
    told = stream.getvalue()
    assert len(told.splitlines()) == 1
    assert "hunter2" not in told
    assert "postgresql://…@db" in told
    if form == "json":
        (line,) = _lines(stream)
        assert (line["level"], line["logger"]) == ("warning", "uvicorn.error")


def test_configuring_twice_tells_everything_once(stream: io.StringIO) -> None:
    logs.configure("json", "info", io.StringIO())
    logs.configure("json", "info", stream)
    logging.getLogger("uvicorn.error").warning("once")
    assert len(_lines(stream)) == 1


def test_values_that_json_does_not_know_are_told_as_they_print(stream: io.StringIO) -> None:
    logs.configure("json", "info", stream)
    structlog.get_logger().info("event", when=object(), kind={1, 2}, text="中文")
    (line,) = _lines(stream)
    assert line["text"] == "中文"
    assert sorted(line["kind"]) == [1, 2]


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(KeyError):
        logs.configure("json", "loud")
