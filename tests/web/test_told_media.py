"""What items show, at the judges' desk and on air: by its address once the item is told, and before that to nobody."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import httpx2
import pytest

from leitai.live.clock import ContestClock
from leitai.live.ports import ItemFile, SessionFile
from leitai.live.sight import Sight
from leitai.office.media_ports import PART_BYTES
from leitai.rules.timeline import windows
from leitai.rules.values import ItemNo, Micros, Phase, QuestionType
from leitai.stores.valkey.accept import ValkeyLedger
from leitai.stores.valkey.connection import open_store
from leitai.stores.valkey.session import ValkeySession
from tests.support.media import mp4, png
from tests.support.office import Stores, illustrate, small_session
from tests.support.staff_doors import Office, staff_doors
from tests.web.test_rights import Watched

DESK, AIR = "/api/staff/desk/media", "/api/air/media"
EVENLY = dict.fromkeys(list(QuestionType)[:5], 12)
PICTURE, FILM, OTHER = png(6, 4), mp4(PART_BYTES), png(5, 5)


@dataclass
class House:
    """An office that watches a session whose clock the test sets, beside one that is over."""

    office: Office
    watched: Watched
    over: SessionFile
    now_us: Micros

    @property
    def file(self) -> SessionFile:
        return self.watched.sight.file

    @property
    def shown(self) -> tuple[ItemFile, ItemFile, ItemFile]:
        """A picture and a film of one item, and the picture of another."""
        return illustrated(self.file)

    def opens_us(self, item_no: ItemNo) -> Micros:
        placed = windows(self.file.plan, self.file.start_us)
        return next(one.opens_at_us for one in placed if one.item_no == item_no)

    def at(self, now_us: int) -> None:
        """It is this moment, and the office has just looked."""
        self.now_us = self.watched.sight.looked_us = Micros(now_us)


def illustrated(file: SessionFile) -> tuple[ItemFile, ItemFile, ItemFile]:
    film = next(one for one in file.media if one.media_type == "video/mp4")
    beside = next(one for one in file.media if one.item_no == film.item_no and one is not film)
    return beside, film, next(one for one in file.media if one.item_no != film.item_no)


@pytest.fixture
async def house(database: str, valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    store = open_store(valkey_url)
    made: list[House] = []
    seen: list[tuple[Watched, SessionFile]] = []

    async def watch(stores: Stores) -> Watched:
        await illustrate(stores, {0: [(PICTURE, "流程图"), (FILM, "窗口服务")], 3: [(OTHER, "续图")]})
        earlier = (await small_session(stores, items=60, mix=EVENLY)).session_id
        over = await stores.archive.load_session(earlier)
        await stores.archive.save_phase(earlier, Phase.CLOSED, over.start_us)
        file = await stores.archive.load_session((await small_session(stores, items=60, mix=EVENLY)).session_id)
        streams = ValkeySession(store, file.session_id, file.shards)
        clock = ContestClock(ValkeyLedger(store, file.session_id, file.shards))
        await clock.synchronise()
        monkeypatch.setattr(clock, "now_us", lambda: made[0].now_us)
        watched = Watched(Sight(file, streams, clock), streams)
        watched.stand(Phase.RUNNING)
        seen.append((watched, over))
        return watched

    async with staff_doors(database, valkey_url, watch=watch) as office:
        made.append(House(office, *seen[0], Micros(0)))
        made[0].at(made[0].file.start_us - 1)
        yield made[0]
    await store.aclose()


async def told(client: httpx2.AsyncClient, path: str) -> int | str:
    """The status of an answer, or the code of the refusal."""
    answer = await client.get(path)
    return answer.status_code if answer.is_success else answer.json()["error"]["code"]


async def test_judges_are_given_what_an_item_shows_from_its_opening_on(house: House) -> None:
    judge = await house.office.account("chen", "judge")
    picture, film, other = house.shown
    opens_us = house.opens_us(picture.item_no)
    house.at(opens_us - 1)
    for one in (picture, film):
        assert await told(judge, f"{DESK}/{one.address}") == "not-found"
    house.at(opens_us)
    answer = await judge.get(f"{DESK}/{picture.address}")
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, "image/png", PICTURE)
    assert "sandbox" in answer.headers["content-security-policy"]
    # Its hash would find the question in the bank.
    assert picture.sha256[:16] not in str(answer.headers)
    for address in (picture.sha256, "x" * 22, film.address[:-1]):
        assert await told(judge, f"{DESK}/{address}") == "not-found"
    text = (await judge.get(f"/api/staff/desk/items/{picture.item_no}")).json()["text"]
    assert [(one["address"], one["type"], one["width"], one["height"], one["alt"]) for one in text["media"]] == [
        (picture.address, "image/png", 6, 4, "流程图"),
        (film.address, "video/mp4", 0, 0, "窗口服务"),
    ]
    last_us = max(opens_us, house.opens_us(other.item_no))
    house.at(last_us)
    assert await told(judge, f"{DESK}/{other.address}") == 200
    # What was skipped is told to nobody, its picture neither.
    sight = house.watched.sight
    assert sight.state is not None
    sight.state = replace(sight.state, skipped=(other.item_no,))
    assert await told(judge, f"{DESK}/{other.address}") == "not-found"
    assert await told(judge, f"{DESK}/{picture.address}") == 200


async def test_a_film_is_given_in_ranges_at_both_doors(house: House) -> None:
    judge = await house.office.account("chen", "judge")
    director = await house.office.account("air", "broadcast_director")
    film = house.shown[1]
    house.at(house.opens_us(film.item_no))
    for client, path in ((judge, f"{DESK}/{film.address}"), (director, f"{AIR}/{film.address}")):
        whole = await client.get(path)
        assert (whole.status_code, whole.content, whole.headers["accept-ranges"]) == (200, FILM, "bytes")
        for first, last in ((0, 3), (PART_BYTES - 3, PART_BYTES + 3), (len(FILM) - 1, len(FILM) - 1)):
            part = await client.get(path, headers={"Range": f"bytes={first}-{last}"})
            assert (part.status_code, part.content) == (206, FILM[first : last + 1])
            assert part.headers["content-range"] == f"bytes {first}-{last}/{len(FILM)}"
        beyond = await client.get(path, headers={"Range": f"bytes={len(FILM)}-"})
        assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(FILM)}")
        again = await client.get(path, headers={"If-None-Match": whole.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


async def test_nobody_but_who_sees_the_desk_is_given_anything_there(house: House) -> None:
    office, picture = house.office, house.shown[0]
    path = f"{DESK}/{picture.address}"
    people = {role: await office.account(f"a-{role}", role) for role in ("judge", "auditor", "operator", "setter")}
    director = await office.account("air", "broadcast_director")
    house.at(house.opens_us(picture.item_no))
    assert [await told(client, path) for client in people.values()] == [200, 200, "forbidden", "forbidden"]
    assert await told(director, path) == "forbidden"
    assert await told(office.browser(), path) == "not-signed-in"
    secret = (await director.post("/api/staff/broadcast/tokens", json={"name": "OBS"})).json()["secret"]
    assert await told(office.browser(), f"{path}?token={secret}") == "token-out-of-place"
    house.watched.stand(Phase.LOBBY)
    assert await told(people["judge"], path) == "not-yet"


async def test_of_an_earlier_session_only_its_own_is_given(house: House) -> None:
    judge = await house.office.account("chen", "judge")
    before, now = illustrated(house.over)[0], house.shown[0]
    of = f"session={house.over.session_id}"
    answer = await judge.get(f"{DESK}/{before.address}?{of}")
    assert (answer.status_code, answer.content) == (200, PICTURE)
    assert await told(judge, f"{DESK}/{now.address}?{of}") == "not-found"
    house.at(house.opens_us(now.item_no))
    assert await told(judge, f"{DESK}/{before.address}") == "not-found"
    assert await told(judge, f"{DESK}/{now.address}?session=x") == "bad-request"


async def test_graphics_are_given_what_the_item_shows_that_may_be_on_air(house: House) -> None:
    office, sight = house.office, house.watched.sight
    director, judge = await office.account("air", "broadcast_director"), await office.account("chen", "judge")
    made = (await director.post("/api/staff/broadcast/tokens", json={"name": "OBS"})).json()
    picture, film, other = house.shown
    path, graphic = f"{AIR}/{picture.address}", office.browser("https://graphics.example")
    token = f"token={made['secret']}"
    with_token = f"{path}?{token}"
    opens_us = house.opens_us(picture.item_no)
    # The clock is there, and the office has not looked since: the item may have been moved.
    house.at(opens_us)
    sight.looked_us = Micros(opens_us - 1)
    assert await told(graphic, with_token) == "not-found"
    sight.looked_us = opens_us
    answer = await graphic.get(with_token)
    assert (answer.status_code, answer.content) == (200, PICTURE)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert await told(director, path) == 200
    assert await told(judge, path) == "forbidden"
    assert await told(office.browser(), path) == "not-signed-in"
    assert await told(graphic, f"{path}?token=x") == "token-refused"
    item = (await graphic.get(f"/api/air?token={made['secret']}")).json()["item"]
    assert item["item"] == picture.item_no
    assert [one["address"] for one in item["media"]] == [picture.address, film.address]
    # It is there for as long as graphics may still show it, and none that comes later is.
    house.at(max(opens_us, house.opens_us(other.item_no)))
    assert [await told(graphic, f"{AIR}/{one.address}?{token}") for one in (picture, other)] == [200, 200]
    assert await told(graphic, f"{AIR}/{illustrated(house.over)[0].address}?{token}") == "not-found"
    assert sight.state is not None
    sight.state = replace(sight.state, skipped=(other.item_no,))
    assert await told(graphic, f"{AIR}/{other.address}?{token}") == "not-found"
    house.watched.stand(Phase.LOBBY)
    assert await told(graphic, with_token) == "not-found"
    revoked = await director.post(f"/api/staff/broadcast/tokens/{made['token']['token']}/revoke", json={})
    assert revoked.status_code == 204
    assert await told(graphic, with_token) == "token-revoked"
