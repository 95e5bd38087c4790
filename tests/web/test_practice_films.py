"""What stands beside questions in practice: pictures from the beginning, lectures only where the answer may be told."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx2
import pytest

from leitai.office.bank import MODULES
from leitai.office.practice.features import FeatureDesk, is_webvtt
from leitai.stores.embedded.postgres import EmbeddedPostgres
from leitai.stores.postgres.practice_features_store import PracticeFeatures
from leitai.web.contract.practice_films import PRACTICE_FEATURES
from leitai.web.practice_features import FeaturesPart
from leitai.web.practice_films import READS_A_MINUTE
from tests.support.media import mp4, png
from tests.support.one_part import answered, at_its_doors
from tests.support.practice import Gym, fresh_gym, furnished_database, kept_media, put_beside

CAPTIONS = "WEBVTT\n\n00:00.000 --> 00:02.000\n看第三条\n"
DESK = "/api/staff/practice"


@pytest.fixture(scope="module")
def furnished(postgres: EmbeddedPostgres) -> Iterator[str]:
    with furnished_database(postgres) as name:
        yield name


@pytest.fixture
async def gym(postgres: EmbeddedPostgres, furnished: str) -> AsyncIterator[Gym]:
    async with fresh_gym(postgres, furnished) as gym:
        await gym.release_all()
        yield gym


@pytest.fixture
async def office(gym: Gym) -> AsyncIterator[httpx2.AsyncClient]:
    features = PracticeFeatures(gym.stores.database)
    async with at_its_doors(FeaturesPart(FeatureDesk(features, gym.now)), PRACTICE_FEATURES) as client:
        yield client


async def post(office: httpx2.AsyncClient, path: str, body: object, role: str = "practice_office") -> Any:
    return answered(await office.post(f"{DESK}/{path}", json=body, headers={"x-login": role}))


async def get(office: httpx2.AsyncClient, path: str, role: str = "practice_office") -> Any:
    return answered(await office.get(f"{DESK}/{path}", headers={"x-login": role}))


def asked(gym: Gym, question: int, film: str = "", poster: str = "", captions: str = "") -> dict[str, Any]:
    day = gym.today.isoformat()
    return {"question": question, "film": film, "poster": poster, "captions": captions, "from_day": day}


async def some_question(gym: Gym, no: int = 0) -> int:
    async with gym.stores.database.connection() as connection:
        return await connection.fetchval(
            "select question_id from usable_version where module = $1 and type = 'single'"
            " order by question_id offset $2 limit 1",
            MODULES[0],
            no,
        )


async def test_a_featured_question_comes_first_and_its_lecture_after_the_answer(
    gym: Gym, office: httpx2.AsyncClient
) -> None:
    database = gym.stores.database
    question = await some_question(gym, 5)
    film, data = await kept_media(database, mp4(700_000), "第三条讲解", "lecture"), mp4(700_000)
    poster = await kept_media(database, png(4, 3), "封面")
    made = await post(office, "features", asked(gym, question, film, poster, CAPTIONS))
    (one,) = made["features"]
    assert (one["question"], one["film"], one["poster"], one["captions"]) == (question, "第三条讲解", "封面", True)
    assert (one["served"], one["withdrawn_by"]) == (True, "")
    assert [each["title"] for each in made["films"]] == ["第三条讲解"]
    assert [each["title"] for each in made["pictures"]] == ["封面"]
    gym.catalogue.forget()

    taken = await gym.take(1, module=MODULES[0])
    item = taken["items"][0]
    assert (item["question"], item["featured"], item["result"]) == (question, True, None)
    assert [each["featured"] for each in taken["items"][1:]] == [False] * 4
    assert film not in str(taken)
    # Whoever was told the address by another gets nothing before the own answer.
    beside = f"questions/{question}"
    for path in (f"{beside}/media/{film}", f"{beside}/media/{poster}", f"{beside}/captions"):
        assert (await gym.ask(1, "GET", path)).status_code == 404
        assert (await gym.ask(0, "GET", path)).status_code == 401

    told = (await gym.answer(1, taken["set"], 1, await gym.response(item, right=True))).json()
    assert told["items"][0]["result"]["lecture"] == {
        "media": film,
        "type": "video/mp4",
        "title": "第三条讲解",
        "poster": poster,
        "captions": True,
    }
    whole = await gym.ask(1, "GET", f"{beside}/media/{film}")
    assert (whole.status_code, whole.content, whole.headers["content-type"]) == (200, data, "video/mp4")
    part = await gym.client.get(
        f"/api/practice/{beside}/media/{film}", headers={"x-learner": "1", "Range": "bytes=300000-300009"}
    )
    assert (part.status_code, part.content) == (206, data[300_000:300_010])
    assert part.headers["content-range"] == f"bytes 300000-300009/{len(data)}"
    captions = await gym.ask(1, "GET", f"{beside}/captions")
    assert (captions.text, captions.headers["content-type"]) == (CAPTIONS, "text/vtt; charset=utf-8")
    # Of another question, of no question, for another learner: nothing.
    other = await some_question(gym, 6)
    assert (await gym.ask(1, "GET", f"questions/{other}/media/{film}")).status_code == 404
    assert (await gym.ask(1, "GET", f"questions/{question}/media/{film[:-1]}")).status_code == 404
    assert (await gym.ask(2, "GET", f"{beside}/media/{film}")).status_code == 404

    # It waits for an answer again, in a set of 周周练: until then it is not told.
    async with database.connection() as connection:
        await connection.execute(
            "insert into practice_set (learner_id, kind, day, opened_us, expires_us, question_ids, version_ids, given,"
            " was_right, counted, answered_us)"
            " select 1, 'weekly', $2::date, $3::bigint, $3::bigint + 1800000000, array[question_id], array[usable_id],"
            " '{null}', '{null}', '{null}',"
            " '{null}' from question_search where question_id = $1",
            question,
            gym.today,
            gym.now_us,
        )
    assert (await gym.ask(1, "GET", f"{beside}/media/{film}")).status_code == 404
    assert (await gym.ask(1, "GET", f"{beside}/captions")).status_code == 404
    gym.now_us += 1_800_000_001
    assert (await gym.ask(1, "GET", f"{beside}/captions")).status_code == 200

    # Taken back, it is gone from the results and from its address.
    assert (await post(office, f"features/{one['feature']}/withdraw", {}))["features"][0]["withdrawn_by"] != ""
    gym.catalogue.forget()
    assert (await gym.ask(1, "GET", f"sets/{taken['set']}")).json()["items"][0]["result"]["lecture"] is None
    assert (await gym.ask(1, "GET", f"{beside}/media/{film}")).status_code == 404
    assert await post(office, f"features/{one['feature']}/withdraw", {}) == "practice-withdrawn"


async def test_pictures_belong_to_a_question_and_are_shown_with_it(gym: Gym) -> None:
    database = gym.stores.database
    question = await some_question(gym)
    picture = await kept_media(database, png(40, 30), "流程图")
    await put_beside(database, question, picture, "办理流程")
    async with database.connection() as connection:
        await connection.execute(
            "insert into practice_feature (question_id, from_day, featured_by) values ($1, $2, 'tests')",
            question,
            gym.today,
        )
    gym.catalogue.forget()
    at = f"questions/{question}/media/{picture}"
    assert (await gym.ask(1, "GET", at)).status_code == 404
    taken = await gym.take(1, module=MODULES[0])
    assert taken["items"][0]["pictures"] == [
        {"media": picture, "type": "image/png", "width": 40, "height": 30, "caption": "办理流程"}
    ]
    shown = await gym.ask(1, "GET", at)
    assert (shown.status_code, shown.content) == (200, png(40, 30))
    assert shown.headers["content-security-policy"].startswith("default-src 'none'; sandbox")
    await gym.answer(1, taken["set"], 1, await gym.response(taken["items"][0], right=False))
    (entry,) = (await gym.ask(1, "GET", "mistakes")).json()["entries"]
    assert [one["media"] for one in entry["pictures"]] == [picture]
    for _ in range(READS_A_MINUTE):
        await gym.ask(1, "GET", at)
    answer = await gym.ask(1, "GET", at)
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "too-many-tries")


async def test_what_cannot_be_featured(gym: Gym, office: httpx2.AsyncClient) -> None:
    question = await some_question(gym)
    film = await kept_media(gym.stores.database, mp4(10), "讲解", "lecture")
    picture = await kept_media(gym.stores.database, png(1, 1), "图")
    assert await post(office, "features", asked(gym, 999_999)) == "not-found"
    assert await post(office, "features", asked(gym, question, picture)) == "not-found"
    assert await post(office, "features", asked(gym, question, film, film)) == "not-found"
    assert await post(office, "features", asked(gym, question, captions=CAPTIONS)) == "practice-captions"
    assert await post(office, "features", asked(gym, question, film, captions="看第三条")) == "practice-captions"
    assert await post(office, "features", asked(gym, question), "auditor") == "forbidden"
    async with gym.stores.database.transaction() as connection:
        await connection.execute("set local session_replication_role = replica")
        await connection.execute("update question_version set explanation = '' where question_id = $1", question)
    assert await post(office, "features", asked(gym, question)) == "practice-not-explained"
    assert isinstance(await post(office, "features", asked(gym, question, film)), dict)
    assert await post(office, "features", asked(gym, question, film)) == "practice-featured"
    assert (await get(office, "features", "auditor"))["features"][0]["question"] == question
    assert await get(office, "features", "judge") == "forbidden"
    found = await get(office, f"feature-choices?text={question}")
    assert (found["questions"][0]["question"], found["questions"][0]["explained"]) == (question, False)
    assert await get(office, "feature-choices?text=") == "bad-request"
    async with gym.stores.database.connection() as connection:
        audited = await connection.fetch("select action from audit where action like '%feature%'")
    assert [row["action"] for row in audited] == ["feature-question"]


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        (CAPTIONS, True),
        ("\ufeffWEBVTT 标题\n\n00:00.000 --> 00:01.000\n一", True),
        ("WEBVTT\n", False),
        ("WEBVTT\n\nSTYLE\n::cue { color: red }\n\n00:00.000 --> 00:01.000\n一", False),
        ("1\n00:00:00,000 --> 00:00:01,000\n一", False),
        ("WEBVTTX\n\n00:00.000 --> 00:01.000\n一", False),
        ("", False),
    ],
)
def test_captions_are_webvtt_and_no_more(text: str, is_one: bool) -> None:
    assert is_webvtt(text) is is_one
