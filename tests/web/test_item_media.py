"""What items show: sealed with the paper, found by its address from the opening on, read once for everybody."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, cast

import pytest

from leitai.live.clock import ContestClock
from leitai.live.gateway import Gateway
from leitai.live.ports import ItemFile, SessionFile
from leitai.office.media_ports import PART_BYTES
from leitai.office.ports import StoreUnavailable
from leitai.roles import item_media
from leitai.roles.item_media import ItemMedia
from leitai.rules.values import ItemNo, Phase, QuestionType, SessionId
from leitai.stores.postgres.media_store import PostgresMedia
from leitai.wire.messages import ItemWindow
from tests.support.fake_ledger import FakeLedger
from tests.support.live import session_file
from tests.support.media import mp4, png
from tests.support.office import Stores, illustrate, small_session, stores_at

SESSION = SessionId(7)
OTHER = SessionId(6)
NOW_US = 5_000_000_000
PICTURE = ItemFile(ItemNo(1), "p" * 22, "aa" * 32, "image/png", PART_BYTES + 10)
LATER = ItemFile(ItemNo(2), "l" * 22, "bb" * 32, "image/png", 100)
FILM = ItemFile(ItemNo(2), "f" * 22, "cc" * 32, "video/mp4", 3 * PART_BYTES)
ALL = (PICTURE, LATER, FILM)
EVENLY = dict.fromkeys(list(QuestionType)[:5], 12)
DATA = {one.sha256: bytes((at * 31 + len(one.address)) % 251 for at in range(one.bytes)) for one in ALL}


class Archive:
    """Parts and sessions, and what was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []
        self.sessions: dict[SessionId, SessionFile] = {}
        self.out = 0
        """So many questions it fails to answer."""
        self.entered = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def part(self, sha256: bytes, no: int) -> bytes:
        self.asked.append((sha256.hex(), no))
        self.entered.set()
        await self.gate.wait()
        if self.out:
            self.out -= 1
            raise StoreUnavailable("out")
        data = DATA[sha256.hex()][no * PART_BYTES : (no + 1) * PART_BYTES]
        if not data:
            raise KeyError(no)
        return data

    async def session(self, session_id: SessionId) -> SessionFile:
        return self.sessions[session_id]


def with_media(session_id: int, phase: Phase = Phase.SCHEDULED) -> SessionFile:
    return replace(session_file(session_id), media=ALL, phase=phase)


@pytest.fixture
async def gateway(monkeypatch: pytest.MonkeyPatch) -> Gateway:
    clock = ContestClock(FakeLedger())
    monkeypatch.setattr(clock, "now_us", lambda: NOW_US)
    gateway = Gateway("g", with_media(SESSION), cast("Any", None), FakeLedger(), cast("Any", None), clock)
    gateway.ring.view.phase = Phase.RUNNING
    return gateway


async def everything(media: ItemMedia, file: ItemFile, first: int, last: int) -> bytes:
    return b"".join([part async for part in media.read(file, first, last)])


@pytest.mark.parametrize(("opens_us", "opened"), [(NOW_US + 1, False), (NOW_US, True), (NOW_US - 1, True)])
async def test_an_item_shows_nothing_before_its_opening(gateway: Gateway, opens_us: int, opened: bool) -> None:
    archive = Archive()
    media = ItemMedia(lambda: gateway, archive.session, archive.part)
    gateway.ring.view.windows = [ItemWindow(1, opens_us, opens_us + 1), ItemWindow(2, NOW_US + 9, NOW_US + 10)]
    assert await media.find(SESSION, PICTURE.address) == (PICTURE if opened else None)
    for address in (LATER.address, FILM.address, "x" * 22, "", PICTURE.sha256):
        assert await media.find(SESSION, address) is None
    # Once the session is over everything is known; before its timeline nothing is.
    gateway.ring.view.phase = Phase.CLOSED
    assert await media.find(SESSION, FILM.address) == FILM
    gateway.ring.view.phase, gateway.ring.view.windows = Phase.LOBBY, []
    assert await media.find(SESSION, PICTURE.address) is None


async def test_of_other_sessions_only_those_that_are_over_show_something(gateway: Gateway) -> None:
    archive = Archive()
    media = ItemMedia(lambda: gateway, archive.session, archive.part)
    assert await media.find(OTHER, PICTURE.address) is None
    for phase in (Phase.DRAFT, Phase.SCHEDULED, Phase.RUNNING, Phase.PAUSED):
        archive.sessions[OTHER] = with_media(OTHER, phase)
        assert await media.find(OTHER, PICTURE.address) is None
    archive.sessions[OTHER] = with_media(OTHER, Phase.FINALIZED)
    assert await media.find(OTHER, PICTURE.address) == PICTURE
    archive.sessions.clear()
    assert await media.find(OTHER, LATER.address) == LATER
    assert await ItemMedia(lambda: None, archive.session, archive.part).find(SESSION, PICTURE.address) is None


async def test_ranges_are_cut_from_parts_that_are_read_once_for_everybody() -> None:
    archive = Archive()
    media = ItemMedia(lambda: None, archive.session, archive.part)
    archive.gate.clear()
    asking = [asyncio.ensure_future(everything(media, PICTURE, 0, PICTURE.bytes - 1)) for _ in range(20)]
    await archive.entered.wait()
    asking[0].cancel()
    archive.gate.set()
    assert set(await asyncio.gather(*asking[1:])) == {DATA[PICTURE.sha256]}
    assert archive.asked == [(PICTURE.sha256, 0), (PICTURE.sha256, 1)]
    for first, last in ((0, 0), (PART_BYTES - 1, PART_BYTES), (5, PART_BYTES + 9), (PART_BYTES, PART_BYTES)):
        assert await everything(media, PICTURE, first, last) == DATA[PICTURE.sha256][first : last + 1]
    assert len(archive.asked) == 2
    # A part that could not be read is asked for again.
    archive.out = 1
    with pytest.raises(StoreUnavailable):
        await everything(media, LATER, 0, 9)
    assert await everything(media, LATER, 0, 9) == DATA[LATER.sha256][:10]


async def test_no_more_is_kept_than_there_is_room_for() -> None:
    archive = Archive()
    media = ItemMedia(lambda: None, archive.session, archive.part, kept_bytes=2 * PART_BYTES)
    for no in (0, 1, 0, 2, 0, 1):
        await everything(media, FILM, no * PART_BYTES, (no + 1) * PART_BYTES - 1)
    # What was asked for longest ago went first.
    assert [no for _, no in archive.asked] == [0, 1, 2, 1]


async def test_pictures_are_in_memory_before_anybody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(item_media, "_AGAIN_S", 0)
    archive = Archive()
    archive.out = 2
    media = ItemMedia(lambda: None, archive.session, archive.part)
    await media.warm(with_media(SESSION))
    read = set(archive.asked)
    assert read == {(PICTURE.sha256, 0), (PICTURE.sha256, 1), (LATER.sha256, 0)}
    asked = len(archive.asked)
    assert await everything(media, PICTURE, 0, PICTURE.bytes - 1) == DATA[PICTURE.sha256]
    assert len(archive.asked) == asked
    small = ItemMedia(lambda: None, archive.session, archive.part, kept_bytes=1000)
    await small.warm(with_media(SESSION))
    assert archive.asked[asked:] == [(LATER.sha256, 0)]


@pytest.fixture
async def stores(database: str) -> AsyncIterator[Stores]:
    async with stores_at(database) as stores:
        yield stores


async def test_a_sealed_paper_holds_what_its_questions_show_under_addresses_of_its_own(stores: Stores) -> None:
    film = mp4(PART_BYTES)
    shown = {0: [(png(3, 2), "流程图"), (film, "")], 3: [(png(4, 2), "续图")]}
    await illustrate(stores, shown)
    created = await small_session(stores, items=60, mix=EVENLY)
    file = await stores.archive.load_session(created.session_id)
    of_question = {content.stem: content.media for content in file.contents if content.media}
    assert [[one.alt for one in media] for _, media in sorted(of_question.items())] == [["流程图", ""], ["续图"]]
    first = of_question[min(of_question)]
    assert [(one.type, one.width, one.height) for one in first] == [("image/png", 3, 2), ("video/mp4", 0, 0)]
    addresses = [one.address for content in file.contents for one in content.media]
    assert [one.address for one in file.media] == addresses
    assert len(set(addresses)) == 3
    assert all(len(address) == 22 for address in addresses)
    assert {one.sha256 for one in file.media} == {
        hashlib.sha256(data).hexdigest() for files in shown.values() for data, _ in files
    }
    # The same questions on another paper are elsewhere.
    again = await small_session(stores, items=60, mix=EVENLY)
    other = await stores.archive.load_session(again.session_id)
    assert not {one.address for one in other.media} & set(addresses)
    assert {one.sha256 for one in other.media} == {one.sha256 for one in file.media}
    media = ItemMedia(lambda: None, stores.archive.load_session, PostgresMedia(stores.database).read_part)
    whole = next(one for one in file.media if one.media_type == "video/mp4")
    assert await everything(media, whole, 0, whole.bytes - 1) == film
    # What is told after the contest says it too.
    assert (await stores.office.session(created.session_id)).contents == file.contents
