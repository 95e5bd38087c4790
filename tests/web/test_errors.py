"""One shape for every refusal, the reader's language, nothing about our insides."""

import msgspec
import pytest
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from leitai.web.contract import OPERATIONS
from leitai.web.errors import STATUS, language
from leitai.wire.bodies import ErrorBody
from leitai.wire.errors import ERRORS
from tests.support.doors import LI, World
from tests.web.conftest import SignIn


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", "zh-CN"),
        ("*", "zh-CN"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("en-GB,en;q=0.9", "en"),
        ("EN", "en"),
        ("fr, en;q=0.3", "en"),
        ("fr;q=1", "zh-CN"),
        ("en;q=0.5, zh;q=0.6", "zh-CN"),
        ("en;q=0", "zh-CN"),
        ("en;q=, zh;q=x", "en"),
        ("en; q=0.9 , zh;q=0.1", "en"),
        ("zh-Hant-TW", "zh-CN"),
        (",,;;q=,", "zh-CN"),
        ("en;q=nan", "zh-CN"),
        ("x," * 10_000 + "en", "zh-CN"),
    ],
)
def test_language(accept: str, chosen: str) -> None:
    assert language(accept) == chosen


@pytest.mark.parametrize(("accept", "message"), [("zh-CN", "请先登录。"), ("en-US,en", "Please sign in.")])
def test_the_message_is_in_the_readers_language(client: TestClient, accept: str, message: str) -> None:
    answer = client.get("/api/me", headers={"Accept-Language": accept})
    assert answer.json() == {"error": {"code": "not-signed-in", "message": message, "retry": False}}
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-language"] == ("en" if "en" in accept else "zh-CN")


def test_every_code_that_is_said_has_a_sentence_and_a_status() -> None:
    assert set(STATUS) <= set(ERRORS)
    assert {code for one in OPERATIONS for code in one.refusals} <= set(STATUS)


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/nope", "/api/sign-in/", "/api/sessions/7", "/healthz/", "/nope"]
)
def test_what_is_not_there_is_not_found(client: TestClient, path: str) -> None:
    for method in ("GET", "POST"):
        answer = client.request(method, path, json={})
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not-found")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_a_method_that_is_not_offered_is_said_with_those_that_are(client: TestClient, method: str) -> None:
    answer = client.request(method, "/api/me")
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "method-not-allowed")
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}


def test_getting_what_takes_a_post_is_not_allowed(client: TestClient) -> None:
    answer = client.get("/api/sign-in")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_people_get_a_page_where_they_look_for_one(client: TestClient) -> None:
    answer = client.get("/nope", headers={"Accept": "text/html,*/*", "Accept-Language": "en"})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert '<html lang="en">' in answer.text
    assert "Not found." in answer.text
    program = client.get("/api/nope", headers={"Accept": "text/html,*/*"})
    assert program.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("content_type", "body", "status", "code"),
    [
        ("text/plain", b"{}", 415, "unsupported-media-type"),
        ("application/x-www-form-urlencoded", b"admission_no=1&code=2", 415, "unsupported-media-type"),
        ("multipart/form-data; boundary=x", b"--x--", 415, "unsupported-media-type"),
        ("application/jsonp", b"{}", 415, "unsupported-media-type"),
        ("", b"{}", 415, "unsupported-media-type"),
        ("application/json", b"", 400, "bad-request"),
        ("application/json", b"{", 400, "bad-request"),
        ("application/json", b"[]", 400, "bad-request"),
        ("application/json", b"null", 400, "bad-request"),
        ("application/json", b"\xff\xfe{}", 400, "bad-request"),
        ("application/json", b'{"admission_no": 1, "code": "x"}', 400, "bad-request"),
        ("application/json", b'{"admission_no": "1"}', 400, "bad-request"),
        ("application/json", b'{"admission_no": "1", "code": null}', 400, "bad-request"),
        ("application/json", b'{"admission_no": "' + b"1" * 65 + b'", "code": "x"}', 400, "bad-request"),
        ("application/json", b'{"admission_no": "1", "code": "\\ud800"}', 400, "bad-request"),
        ("application/json", b'{"admission_no": "1", "code": "x"} {}', 400, "bad-request"),
        ("application/json", b"[" * 60_000, 400, "bad-request"),
        ("application/json", b'{"x":' * 10_000 + b"1" + b"}" * 10_000, 400, "bad-request"),
        ("application/json", b'{"admission_no":"1","code":"2","x":' + b"[" * 60_000, 400, "bad-request"),
        ("application/json", b" " * (64 * 1024 + 1), 413, "body-too-large"),
    ],
    ids=range(20),
)
def test_bad_bodies(client: TestClient, world: World, content_type: str, body: bytes, status: int, code: str) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    answer = client.post("/api/sign-in", content=body, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert world.calls.made == []


def test_a_body_may_name_its_charset_and_hold_members_we_do_not_know(client: TestClient) -> None:
    body = '{"admission_no": "1", "code": "2", "new": {"a": [1]}}'
    answer = client.post("/api/sign-in", content=body, headers={"Content-Type": "Application/JSON; charset=utf-8"})
    assert answer.json()["error"]["code"] == "wrong-credentials"


def test_a_body_without_a_length_is_counted_as_it_comes(client: TestClient) -> None:
    answer = client.post("/api/sign-in", content=iter([b" " * 8192] * 9), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413


@pytest.mark.parametrize("length", ["-1", "x", "1e3", "9" * 30, "65537"])
def test_a_length_that_cannot_be_is_too_large(client: TestClient, length: str) -> None:
    answer = client.post(
        "/api/sign-in", content=b"{}", headers={"Content-Type": "application/json", "Content-Length": length}
    )
    assert answer.status_code == 413


def test_a_failure_of_ours_shows_nothing_and_is_logged(client: TestClient, world: World, sign_in: SignIn) -> None:
    sign_in(LI.admission_no)
    world.calls.fail["identity"] = ValueError("secret in PostgreSQL at 10.0.0.1")
    with capture_logs() as logs:
        answer = client.get("/api/me?q=a-name")
    assert answer.status_code == 500
    assert answer.json()["error"] == {"code": "internal", "message": ERRORS["internal"].zh, "retry": True}
    assert "secret" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    (entry,) = logs
    assert (entry["log_level"], entry["path"]) == ("error", "/api/me")
    assert "cookie-1" not in str(entry)
    assert "a-name" not in str(entry)


def test_an_answer_reads_as_its_type(client: TestClient) -> None:
    body = msgspec.json.decode(client.get("/api/me").content, type=ErrorBody)
    assert body.error.code == "not-signed-in"
