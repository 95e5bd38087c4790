"""What is read of requests: texts without NUL, names of files that people can read."""

from datetime import date
from urllib.parse import quote

import msgspec
import pytest
from starlette.requests import Request
from starlette.types import Message

from leitai.web.errors import Refusal
from leitai.web.exchange import day_in_query, file_name_in_query, read_json
from leitai.wire.ruling_bodies import Words


def _request(body: bytes = b"", query: str = "") -> Request:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    return Request({"type": "http", "method": "POST", "query_string": query.encode(), "headers": headers}, receive)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"a\u0000b", "ab"),
        (r"\u0000\u0000", ""),
        (r"\\u0000", r"\u0000"),
        (r"\\\u0000b", "\\b"),
        (r"\\\\u0000", r"\\u0000"),
        (r"\u00000", "0"),
    ],
)
async def test_nul_is_left_out_of_texts(written: str, read: str) -> None:
    body = f'{{"text": "{written}"}}'.encode()
    assert await read_json(_request(body), msgspec.json.Decoder(dict[str, str]), 100) == {"text": read}


async def test_a_text_that_must_not_hold_nul_is_refused_with_it() -> None:
    with pytest.raises(Refusal, match="bad-request"):
        await read_json(_request(rb'{"text": "a\u0000b"}'), msgspec.json.Decoder(dict[str, Words]), 100)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("名单.xlsx", "名单.xlsx"),
        ("C:\\报送\\名单.xlsx", "名单.xlsx"),
        ("../../etc/名单.xlsx", "名单.xlsx"),
        ("名\0单\n\u202e.xlsx", "名单.xlsx"),
        ("长" * 300, "长" * 200),
        ("", ""),
    ],
)
def test_a_file_is_called_by_what_people_can_read(sent: str, shown: str) -> None:
    assert file_name_in_query(_request(query=f"name={quote(sent)}"), "name") == shown


@pytest.mark.parametrize("said", ["2026-11-29", "2000-01-01", "2200-01-01"])
def test_a_day_is_read_as_it_is_written(said: str) -> None:
    assert day_in_query(_request(query=f"day={said}"), "day") == date.fromisoformat(said)
    assert day_in_query(_request(query="other=1"), "day") is None


@pytest.mark.parametrize("said", ["", "29.11.2026", "20261129", "2026-W48-7", "1999-12-31", "9999-12-31", "2026-02-30"])
def test_what_is_no_day_is_refused(said: str) -> None:
    with pytest.raises(Refusal, match="bad-request"):
        day_in_query(_request(query=f"day={said}"), "day")
