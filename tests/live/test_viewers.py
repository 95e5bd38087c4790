"""A gateway on the real store with hundreds of viewers: they cost the store nothing, whatever they do."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace

import pytest

from leitai.live import gateway as gateways
from leitai.live.clock import ContestClock
from leitai.live.connection import Connection
from leitai.live.gateway import Gateway
from leitai.live.ports import BoardUpdate, SessionState, SittingEvent
from leitai.rules.values import DelegationCode, Micros, Phase, SessionId, SittingId
from leitai.stores.valkey.accept import ValkeyLedger
from leitai.stores.valkey.connection import Store, open_store
from leitai.stores.valkey.session import ValkeySession
from leitai.stores.valkey.tickets import ValkeyTickets
from leitai.web.live_session import LiveSession
from leitai.wire.codec import encode
from leitai.wire.messages import ClientHello, ClientWatch, CloseCode, ServerBoard, ServerMoves, ServerPhase, View
from tests.support.live import START, FakeLink, session_file
from tests.support.stores import running_valkey
from tests.support.waiting import eventually

VIEWERS = 600
OWN_CALLS_A_SECOND = 15
FILE = session_file(members=120)
PAGES = (ClientWatch(View.INDIVIDUALS), ClientWatch(View.DELEGATIONS), ClientWatch(View.PROVINCE, 1, "650000"))


@pytest.fixture(scope="module")
def own_valkey() -> Iterator[str]:
    """A Valkey that nobody else sends commands to."""
    with running_valkey() as valkey:
        yield valkey.url


@dataclass
class Hall:
    """A gateway that runs, and the director's hand on the board."""

    gateway: Gateway
    session: ValkeySession
    token: int
    version: int = 0
    links: list[FakeLink] = field(default_factory=list[FakeLink])

    async def move(self, points: int) -> None:
        """Publish a board on which everyone has so many centipoints."""
        people = [(key, key, 1, points, 1000) for key in range(1, 121)]
        teams = [(int(one.code), order, 1, points, 1000) for order, one in enumerate(FILE.delegations, 1)]
        base, self.version = self.version, self.version + 1
        await self.session.publish_board(self.token, BoardUpdate(self.version, base, not base, people, teams))

    def come(self, number: int) -> Connection:
        """Let a viewer in who watches a page."""
        link = FakeLink()
        self.links.append(link)
        connection = self.gateway.open(link, 0, "zh-CN")
        connection.received(encode(ClientHello()), 0)
        connection.received(encode(PAGES[number % len(PAGES)]), 0)
        return connection

    async def version_seen(self) -> int:
        """Return the version that every viewer has at least."""
        return min(_version(link) for link in self.links)


def _version(link: FakeLink) -> int:
    seen = [message.version for message in link.said() if isinstance(message, ServerBoard | ServerMoves)]
    link.waiting = max([link.waiting, *seen])
    return link.waiting


@pytest.fixture
async def hall(own_valkey: str, unique_id: int) -> AsyncIterator[Hall]:
    store = open_store(own_valkey)
    file = replace(FILE, session_id=SessionId(unique_id))
    session = ValkeySession(store, file.session_id, 1)
    ledger = ValkeyLedger(store, file.session_id, 1)
    token = await session.lease("director", 600_000)
    await session.epoch()
    state = SessionState(Phase.LOBBY, START, 0, ())
    await session.publish(token, state, 1, [encode(ServerPhase(1, "lobby", START))])
    gateway = Gateway("g", file, session, ledger, ValkeyTickets(store), ContestClock(ledger))
    hall = Hall(gateway, session, token)
    await hall.move(1)
    await gateway.start()
    try:
        yield hall
    finally:
        await gateway.stop()
        await store.aclose()


async def _calls(own: Store) -> Counter[str]:
    """Return how often each command was called so far."""
    told: str = (await own.execute_command("INFO", "commandstats")).decode()
    lines = [line.removeprefix("cmdstat_").partition(":calls=") for line in told.split() if "calls=" in line]
    return Counter({name: int(calls.partition(",")[0]) for name, _, calls in lines})


async def test_viewers_cost_the_store_nothing(hall: Hall, own_valkey: str) -> None:
    own = open_store(own_valkey)
    try:
        before, began = await _calls(own), time.monotonic()
        viewers = [hall.come(number) for number in range(VIEWERS)]
        await hall.move(2)
        assert await eventually(hall.version_seen, lambda version: version >= 2) == 2
        for number, viewer in enumerate(viewers):
            viewer.received(encode(PAGES[(number + 1) % len(PAGES)]), 0)
        await hall.move(3)
        assert await eventually(hall.version_seen, lambda version: version >= 3) == 3
        for viewer in viewers[::2]:
            viewer.lost(0)
        public = LiveSession(lambda: hall.gateway)
        pages = {
            id(public.page(hall.gateway.file.session_id, View.INDIVIDUALS, 1, DelegationCode(""))) for _ in viewers
        }
        assert len(pages) == 1, "over HTTP a page is made once"
        calls, took_s = await _calls(own) - before, time.monotonic() - began
    finally:
        await own.aclose()
    # What is left is the gateway's own, so many a second: reads that block for one, the clock now and then; and our
    # two boards.
    assert 0 < sum(calls.values()) < VIEWERS / 20 + OWN_CALLS_A_SECOND * took_s, calls


async def test_participation_is_made_once_a_second_from_what_every_gateway_hears(hall: Hall) -> None:
    public = LiveSession(lambda: hall.gateway)
    made = public.participation()
    assert made is not None
    assert [(one.seats, one.came) for one in made.delegations] == [(40, 0)] * 3
    assert public.participation() is made
    for detail in ("g 1", "elsewhere 1"):
        hall.gateway.intake.note(SittingEvent(SittingId(3), Micros(1), "connected", detail))

    async def came() -> list[int]:
        body = public.participation()
        assert body is not None
        return [one.came for one in body.delegations]

    assert await eventually(came, lambda figures: sum(figures) > 0) == [1, 0, 0]


async def test_viewers_do_not_hold_up_the_loop(hall: Hall) -> None:
    """While a board goes out to all of them, everything else gets its turn many times."""
    for number in range(VIEWERS):
        hall.come(number)
    turns = 0
    await hall.move(2)
    seen = asyncio.create_task(eventually(hall.version_seen, lambda version: version >= 2))
    while not seen.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > VIEWERS / 64
    assert hall.gateway.viewers == VIEWERS


async def test_who_never_reads_is_left_out_and_closed_and_nobody_else_notices(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateways, "STALL_LIMIT_US", 200_000)
    deaf = [hall.come(number) for number in range(VIEWERS // 100)]
    deaf_links, hall.links = hall.links, []
    for viewer in deaf:
        viewer.writing_paused(time.monotonic_ns() // 1000)
    given = [len(link.frames) for link in deaf_links]
    for number in range(VIEWERS - len(deaf)):
        hall.come(number)
    for version in (2, 3):
        await hall.move(version)
        assert await eventually(hall.version_seen, lambda seen, wanted=version: seen >= wanted) == version

    async def closed() -> list[tuple[int, str] | None]:
        return [link.closed for link in deaf_links]

    slow = (CloseCode.SLOW, "slow-client")
    assert await eventually(closed, all) == [slow] * len(deaf)
    written = [len(link.frames) - before for link, before in zip(deaf_links, given, strict=True)]
    assert written == [1] * len(deaf), "only the goodbye"
    assert not any(link.closed for link in hall.links)
    assert hall.gateway.counts.closes[CloseCode.SLOW] == len(deaf)
