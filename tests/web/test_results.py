"""What is published after the contest."""

import asyncio

import pytest
from starlette.testclient import TestClient

from leitai.web.doors import NotYet
from leitai.web.results import KEPT_S, Shared
from leitai.wire.bodies import AwardsBody, DrawBody, EligibilityBody, ResultBody
from tests.support.doors import World
from tests.support.reading import body_as
from tests.web.conftest import SignIn

PUBLISHED = [
    "/api/sessions/7/awards",
    "/api/sessions/7/law/eligibility?delegation=110000",
    "/api/sessions/7/law/draw?delegation=110000",
    "/api/sessions/7/standings",
]


def test_everything_published_reads_as_promised(client: TestClient, sign_in: SignIn) -> None:
    awards = body_as(client.get("/api/sessions/7/awards"), AwardsBody)
    assert awards.stars[0].passed_over == ["选手001"]
    eligibility = body_as(client.get("/api/sessions/7/law/eligibility?delegation=660000"), EligibilityBody)
    assert eligibility.rows[0].delegation == "660000"
    assert body_as(client.get("/api/sessions/7/law/draw?delegation=110000"), DrawBody).selected == [1]
    assert client.get("/api/sessions/7/standings").content == b'{"individuals":[]}'
    sign_in("20260001")
    assert body_as(client.get("/api/sessions/7/result"), ResultBody).items[0].key == ["A"]


@pytest.mark.parametrize("path", PUBLISHED)
def test_published_answers_are_public_and_revalidated(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.headers["cache-control"] == "public, max-age=2"
    again = client.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", PUBLISHED)
def test_nothing_is_published_before_its_time(client: TestClient, world: World, path: str) -> None:
    world.results.published = False
    answer = client.get(path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not-yet")
    assert answer.headers["cache-control"] == "no-store"
    world.results.published = True
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", PUBLISHED)
def test_an_unknown_session_is_not_found(client: TestClient, path: str) -> None:
    assert client.get(path.replace("/7/", "/8/")).status_code == 404


@pytest.mark.parametrize("path", [PUBLISHED[1], PUBLISHED[2]])
def test_a_delegation_must_be_named_and_be_there(client: TestClient, path: str) -> None:
    for query, status in (("", 400), ("?delegation=", 400), ("?delegation=beijing", 400), ("?delegation=120000", 404)):
        assert client.get(path.partition("?")[0] + query).status_code == status


@pytest.mark.parametrize("call", ["awards", "eligibility", "draw", "standings"])
def test_a_store_that_is_away_is_said(client: TestClient, world: World, call: str) -> None:
    world.calls.store_fails_at(call)
    path = next(path for path in PUBLISHED if call in path)
    answer = client.get(path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "store-unavailable")


class _Making:
    """Something expensive that waits to be let go."""

    def __init__(self) -> None:
        self.made = 0
        self.go = asyncio.Event()

    async def __call__(self) -> bytes:
        self.made += 1
        await self.go.wait()
        return b"%d" % self.made


async def test_askers_at_the_same_moment_wait_for_one_making() -> None:
    shared, make = Shared(), _Making()
    asking = [asyncio.ensure_future(shared.get("x", make)) for _ in range(10)]
    await asyncio.sleep(0)
    asking[0].cancel()
    make.go.set()
    answers = await asyncio.gather(*asking[1:])
    assert {content for _, content in answers} == {b"1"}
    assert make.made == 1


async def test_an_answer_serves_until_its_time_is_over() -> None:
    now = 100.0
    shared, make = Shared(lambda: now), _Making()
    make.go.set()
    assert (await shared.get("x", make))[1] == b"1"
    now += KEPT_S - 0.001
    assert (await shared.get("x", make))[1] == b"1"
    now += 0.001
    assert (await shared.get("x", make))[1] == b"2"
    assert (await shared.get("y", make))[1] == b"3"


async def test_a_failure_is_not_kept() -> None:
    shared = Shared()

    async def fails() -> bytes:
        raise NotYet

    async def works() -> bytes:
        return b"1"

    with pytest.raises(NotYet):
        await shared.get("x", fails)
    await asyncio.sleep(0)
    assert (await shared.get("x", works))[1] == b"1"
