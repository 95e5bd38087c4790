"""The public's doors of awards: what they say of what there is not."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from leitai.office.awards.objections import Objections
from leitai.office.awards.procedure import AwardsOffice
from leitai.office.awards.tokens import CertificateTokens
from leitai.rules.values import Micros
from leitai.stores.postgres.awards_store import PostgresAwards
from leitai.web.app import build_app
from leitai.web.awards import VERIFICATIONS_A_SECOND, PublicityPart
from tests.support.doors import ORIGIN, SESSION, World, settings
from tests.support.office import SERVER_KEY, stores_at


@pytest.fixture
async def public(database: str) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser at the contest's door, where half a millisecond passes between two verifications."""
    async with stores_at(database) as stores:
        awards = PostgresAwards(stores.database)
        moments = iter(range(10_000))

        def now_us() -> Micros:
            return Micros(1)

        procedure = AwardsOffice(stores.office, awards, CertificateTokens(SERVER_KEY), now_us)
        part = PublicityPart(procedure, Objections(stores.office, awards, now_us), lambda: next(moments) / 2000)
        transport = httpx2.ASGITransport(app=build_app(World().doors(), settings(), parts=(part,)))
        async with httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN}) as client:
            yield client


async def test_what_is_not_published_is_not_found_and_a_wrong_code_neither(public: httpx2.AsyncClient) -> None:
    for path in ("/api/publicity", "/api/sessions/5/publicity"):
        answer = await public.get(path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not-found")
    wrong = await public.post("/api/certificate", json={"token": "A" * 26})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (404, "certificate-not-found")
    assert (await public.post("/api/certificate", json={"token": "A" * 65})).status_code == 400
    own = await public.get(f"/api/sessions/{SESSION}/objections/own")
    assert (own.status_code, own.json()["error"]["code"]) == (401, "not-signed-in")


async def test_verifications_are_limited_for_everybody_together(public: httpx2.AsyncClient) -> None:
    codes = [
        (await public.post("/api/certificate", json={"token": "A"})).status_code
        for _ in range(VERIFICATIONS_A_SECOND + 1)
    ]
    assert codes == [404] * VERIFICATIONS_A_SECOND + [429]
