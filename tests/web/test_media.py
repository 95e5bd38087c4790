"""Pictures and films at their doors: taken by their bytes, kept once, served in ranges, shown with versions."""

import hashlib
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx2
import pytest

from leitai.office import media_desk
from leitai.office.media_desk import MediaDesk
from leitai.office.media_ports import PART_BYTES
from leitai.rules.questions import Move, QuestionState, VersionRecord
from leitai.rules.values import ActorId
from leitai.stores.postgres.media_store import PostgresMedia
from leitai.stores.postgres.questions_store import QuestionsStore
from leitai.web.contract.bank_files import BANK_FILES
from leitai.web.media import MediaPart
from tests.support.media import gif, mp4, png
from tests.support.office import Stores, questions, stores_at
from tests.support.one_part import answered, at_its_doors

OWN = [one for one in BANK_FILES if "media" in one.name]


class Door:
    """The doors, and whoever asks there."""

    def __init__(self, client: httpx2.AsyncClient, stores: Stores) -> None:
        self.client = client
        self.stores = stores
        self.questions = QuestionsStore(stores.database)

    async def bring(self, data: bytes, login: str = "anna", **query: str) -> Any:
        headers = {"x-login": login, "content-type": "application/octet-stream"}
        query = {"title": "图", **query}
        return answered(await self.client.post("/api/staff/media", content=data, params=query, headers=headers))

    async def get(self, sha256: str, method: str = "GET", **headers: str) -> httpx2.Response:
        sent = {"x-login": "bo"} | {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.request(method, f"/api/staff/media/{sha256}", headers=sent)

    async def post(self, path: str, body: object, login: str = "anna") -> Any:
        return answered(
            await self.client.post(f"/api/staff/bank/questions/{path}", json=body, headers={"x-login": login})
        )


@pytest.fixture
async def door(database: str) -> AsyncIterator[Door]:
    async with stores_at(database) as stores:
        desk = MediaDesk(PostgresMedia(stores.database), QuestionsStore(stores.database))
        async with at_its_doors(MediaPart(desk), OWN) as client:
            yield Door(client, stores)


async def test_a_file_is_kept_once_by_its_bytes(door: Door) -> None:
    data = png(3, 2)
    taken = await door.bring(data, title="流程图.svg")
    file = taken["file"]
    assert taken["new"] is True
    assert (file["media"], file["type"], file["bytes"]) == (hashlib.sha256(data).hexdigest(), "image/png", len(data))
    assert (file["width"], file["height"], file["title"], file["by"]) == (3, 2, "流程图.svg", "anna")
    again = await door.bring(data, "cai", title="另一个名字")
    assert (again["new"], again["file"]) == (False, file)
    listed = (await door.client.get("/api/staff/media", headers={"x-login": "bo"})).json()
    assert (listed["total"], listed["files"]) == (1, [file])
    for asked, total in (
        ("text=程图.S", 1),
        ("text=%20流程%20", 1),
        ("text=另一个", 0),
        ("text=_", 0),
        ("purpose=question&text=流", 1),
        ("purpose=case&text=流", 0),
    ):
        found = (await door.client.get(f"/api/staff/media?{asked}", headers={"x-login": "bo"})).json()
        assert (found["total"], len(found["files"])) == (total, total), asked
    for odd in (f"text={'x' * 101}", "text=%00"):
        assert (await door.client.get(f"/api/staff/media?{odd}", headers={"x-login": "bo"})).status_code == 400
    async with door.stores.database.connection() as connection:
        assert await connection.fetchval("select count(*) from media") == 1
        audited = await connection.fetch("select actor, subject from audit where action = 'upload-media' order by no")
        for change in ("update media set title = 'x'", "delete from media", "update media_part set data = 'x'"):
            with pytest.raises(asyncpg.PostgresError, match="does not change"):
                await connection.execute(change)
    assert [row["actor"] for row in audited] == ["anna", "cai"]


@pytest.mark.parametrize(
    ("data", "query", "code"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", {}, "media-type"),
        (b"<!doctype html>", {"title": "图.png"}, "media-type"),
        (b"", {}, "media-empty"),
        (png(3, 2)[:40], {}, "media-broken"),
        (gif(9000, 1), {}, "media-dimensions"),
        (mp4(), {}, "media-purpose"),
        (png(3, 2), {"purpose": "lecture"}, "media-purpose"),
        (png(3, 2), {"purpose": "fun"}, "bad-request"),
        (png(3, 2), {"title": ""}, "bad-request"),
        (png(3, 2), {"module": "天文"}, "bad-request"),
        (png(3, 2) + b"x" * (5 << 20), {}, "media-too-large"),
    ],
)
async def test_what_is_not_taken_leaves_nothing(door: Door, data: bytes, query: dict[str, str], code: str) -> None:
    assert await door.bring(data, **query) == code
    async with door.stores.database.connection() as connection:
        assert await connection.fetchval("select count(*) from media") == 0
        assert await connection.fetchval("select count(*) from media_part") == 0


async def test_a_film_is_stopped_at_its_limit_and_never_by_its_word(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media_desk, "max_bytes", lambda _media: 3 * PART_BYTES)
    assert await door.bring(mp4(3 * PART_BYTES), purpose="lecture") == "media-too-large"
    headers = {"x-login": "anna", "content-type": "application/octet-stream", "content-length": str(10**10)}
    refused = await door.client.post("/api/staff/media?title=x", content=b"", headers=headers)
    assert refused.status_code == 413
    headers = {"x-login": "anna", "content-type": "image/png"}
    assert (await door.client.post("/api/staff/media?title=x", content=png(1, 1), headers=headers)).status_code == 415
    async with door.stores.database.connection() as connection:
        assert await connection.fetchval("select count(*) from media") == 0


async def test_a_film_is_served_whole_and_in_ranges(door: Door) -> None:
    data = mp4(2 * PART_BYTES + 1000)
    sha256 = (await door.bring(data, purpose="case", title="窗口服务"))["file"]["media"]
    whole = await door.get(sha256)
    assert (whole.status_code, whole.content) == (200, data)
    told = whole.headers
    assert (told["content-type"], told["accept-ranges"], told["etag"]) == ("video/mp4", "bytes", f'"{sha256}"')
    assert told["content-disposition"] == f'inline; filename="{sha256[:16]}.mp4"'
    assert told["content-security-policy"] == "default-src 'none'; sandbox"
    head = await door.get(sha256, "HEAD", range="bytes=0-1")
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(data)))

    last = len(data) - 1
    for asked, first, end in (
        ("bytes=0-0", 0, 0),
        ("bytes=100-199", 100, 199),
        (f"bytes={PART_BYTES - 1}-{PART_BYTES}", PART_BYTES - 1, PART_BYTES),
        (f"bytes={PART_BYTES}-{2 * PART_BYTES}", PART_BYTES, 2 * PART_BYTES),
        ("bytes=-1", last, last),
        ("bytes=-1500", last - 1499, last),
        ("bytes=5-", 5, last),
    ):
        part = await door.get(sha256, range=asked)
        assert (part.status_code, part.headers["content-range"]) == (206, f"bytes {first}-{end}/{len(data)}"), asked
        assert part.content == data[first : end + 1]
        assert part.headers["content-length"] == str(end - first + 1)
        assert part.headers["etag"] == told["etag"]
    beyond = await door.get(sha256, range=f"bytes={len(data)}-")
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(data)}")
    assert beyond.json()["error"]["code"] == "range-not-satisfiable"
    for asked in ("bytes=9-1", "lines=1-2", "bytes=0-1,5-6"):
        assert (await door.get(sha256, range=asked)).status_code == 200
    assert (await door.get(sha256, range="bytes=0-1", if_range=f'"{sha256}"')).status_code == 206
    assert (await door.get(sha256, range="bytes=0-1", if_range='"other"')).status_code == 200
    held = await door.get(sha256, range="bytes=0-1", if_none_match=f'"{sha256}"')
    assert (held.status_code, held.content) == (304, b"")
    for other in ("0" * 64, "../secret", sha256[:-1], sha256.upper()):
        assert (await door.get(other)).status_code == 404


async def test_a_version_shows_files_and_the_next_one_has_them_too(door: Door) -> None:
    anna = ActorId("anna")
    question = await door.questions.add_question(questions(1)[0], 0, anna)
    media = (await door.bring(png(3, 2)))["file"]["media"]
    assert await door.post(f"{question}/media", {"media": media}) == "media-caption-missing"
    assert await door.post(f"{question}/media", {"media": "0" * 64, "caption": "图"}) == "not-found"
    assert await door.post("999/media", {"media": media, "caption": "图"}) == "not-found"
    assert await door.post(f"{question}/media", {"media": media, "caption": "图"}, "bo") == "forbidden"
    shown = await door.post(f"{question}/media", {"media": media, "caption": "参保流程图"})
    assert [(one["version"], one["place"], one["caption"]) for one in shown["files"]] == [(1, 1, "参保流程图")]
    assert await door.post(f"{question}/media", {"media": media, "caption": "图"}) == "media-shown"
    first = VersionRecord(1, anna, QuestionState.DRAFT)
    await door.questions.add_act(question, first, Move.SUBMIT, anna)
    other = (await door.bring(png(4, 2)))["file"]["media"]
    assert await door.post(f"{question}/media", {"media": other, "caption": "图"}) == "question-in-review"
    await door.questions.add_act(question, VersionRecord(1, anna, QuestionState.IN_REVIEW), Move.APPROVE, ActorId("bo"))
    # What was approved stays as it was reviewed: another version shows what is new.
    shown = await door.post(f"{question}/media", {"media": other, "caption": "续图"})
    assert [(one["version"], one["caption"]) for one in shown["files"]] == [
        (1, "参保流程图"),
        (2, "参保流程图"),
        (2, "续图"),
    ]
    # Another setter's change is a version of that setter's, so that four eyes see it.
    shown = await door.post(f"{question}/media/hide", {"media": media}, "cai")
    assert [(one["version"], one["caption"]) for one in shown["files"]][-1] == (3, "续图")
    assert len(shown["files"]) == 4
    assert await door.post(f"{question}/media/hide", {"media": media}, "cai") == "not-found"
    dossier = await door.questions.dossier(question)
    assert [(one.record.no, one.record.author) for one in dossier.versions] == [(1, "anna"), (2, "anna"), (3, "cai")]
    for number in range(3):
        extra = (await door.bring(png(5, 5 + number)))["file"]["media"]
        assert isinstance(await door.post(f"{question}/media", {"media": extra, "caption": "图"}, "cai"), dict)
    assert await door.post(f"{question}/media", {"media": media, "caption": "图"}, "cai") == "media-too-many"
    async with door.stores.database.connection() as connection:
        with pytest.raises(asyncpg.PostgresError, match="keeps what it shows"):
            await connection.execute("delete from question_media where version_id = $1", dossier.versions[0].version_id)
        shows = await connection.fetch("select actor from audit where action = 'show-media'")
    assert len(shows) == 5
