"""The doorkeeper: foreign pages, and the headers of every answer."""

import pytest
from starlette.testclient import TestClient

from leitai.web.security import origin_allowed
from tests.support.doors import CODES, LI, ORIGIN, World, settings

FOREIGN = [
    "https://evil.example",
    "http://contest.example",
    "https://contest.example:8443",
    "https://contest.example.evil.example",
    "https://evil-contest.example",
    "https://contest.example/",
    "https://CONTEST.example",
    "https://contest.example https://contest.example",
    "null",
    "",
    "*",
]


@pytest.mark.parametrize("origin", FOREIGN)
@pytest.mark.parametrize("path", ["/api/sign-in", "/api/sign-out", "/api/tickets", "/api/nope", "/"])
def test_a_foreign_page_is_turned_away_before_anything_happens(
    client: TestClient, world: World, origin: str, path: str
) -> None:
    body = {"admission_no": LI.admission_no, "code": CODES[LI.admission_no]}
    answer = client.post(path, json=body, headers={"Origin": origin})
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "origin-refused"
    assert world.calls.made == []


def test_two_origins_are_one_too_many(client: TestClient) -> None:
    client.headers.pop("Origin")
    answer = client.post("/api/sign-out", json={}, headers=[("Origin", ORIGIN), ("Origin", ORIGIN)])  # pyright: ignore[reportArgumentType]
    assert answer.status_code == 403


def test_a_program_without_an_origin_may_act(client: TestClient) -> None:
    client.headers.pop("Origin")
    assert client.post("/api/sign-out", json={}).status_code == 204


def test_reading_is_open_and_never_shared_across_origins(client: TestClient) -> None:
    answer = client.get("/api/contest", headers={"Origin": "https://evil.example"})
    assert answer.status_code == 200
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("origin", FOREIGN)
def test_sockets_use_the_same_rule(origin: str) -> None:
    assert not origin_allowed(origin, settings())


def test_sockets_of_our_pages_and_of_programs_are_let_in() -> None:
    assert origin_allowed(ORIGIN, settings())
    assert origin_allowed(None, settings())


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/assets/app-1a2b.js", 200),
        ("GET", "/nope", 404),
        ("GET", "/api/contest", 200),
        ("GET", "/api/me", 401),
        ("GET", "/api/sessions/7/boards/individuals", 200),
        ("GET", "/healthz", 200),
        ("GET", "/metrics", 404),
        ("POST", "/api/sign-out", 204),
        ("PUT", "/api/me", 405),
        ("POST", "/api/sign-in", 400),
    ],
)
def test_every_answer_carries_the_headers(client: TestClient, method: str, path: str, status: int) -> None:
    answer = client.request(method, path, json={} if method == "POST" else None)
    assert answer.status_code == status
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'self';")
    assert "unsafe" not in policy
    assert "connect-src 'self' wss://contest.example;" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert "cache-control" in answer.headers
    assert "server" not in answer.headers
