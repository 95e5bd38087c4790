"""The session in the real store: lease and fencing, feed, board, commands, tickets."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from leitai.live.ports import (
    BoardUpdate,
    Command,
    Fenced,
    SessionEvent,
    SessionState,
    SittingEvent,
    TicketRefused,
)
from leitai.rules.values import ItemNo, Micros, Pause, Phase, SessionId, SittingId
from leitai.stores.valkey.accept import ValkeyLedger
from leitai.stores.valkey.connection import Store, open_store
from leitai.stores.valkey.keys import SessionKeys, ShardKeys
from leitai.stores.valkey.session import ValkeySession
from leitai.stores.valkey.tickets import ValkeyTickets
from tests.support.ledgers import window

STATE = SessionState(
    Phase.PAUSED,
    Micros(5),
    3,
    (window(1, 10, 20), window(2, 30, 40)),
    (Pause(Micros(12), Micros(14)), Pause(Micros(33))),
    (ItemNo(1),),
    (window(1, 10, 20),),
    "17-4",
)


@pytest.fixture
async def store(valkey_url: str) -> AsyncIterator[Store]:
    opened = open_store(valkey_url)
    yield opened
    await opened.aclose()


@pytest.fixture
def session(store: Store, unique_id: int) -> ValkeySession:
    return ValkeySession(store, SessionId(unique_id), 2)


def update(version: int, *, full: bool = False) -> BoardUpdate:
    return BoardUpdate(version, version - 1, full, [(1, 1, 1, 100 * version, 5)], [], 2, 3, 4)


# --- lease and fencing ------------------------------------------------------------------------------------------------


async def test_one_holds_the_lease_and_another_gets_it_after(session: ValkeySession) -> None:
    first = await session.lease("one", 60_000)
    assert first > 0
    assert await session.lease("two", 60_000) == 0
    assert await session.lease("one", 60_000) == first
    await session.release("two")
    assert await session.lease("two", 60_000) == 0
    await session.release("one")
    second = await session.lease("two", 60_000)
    assert second > first
    assert await session.lease("one", 60_000) == 0


async def test_a_lease_runs_out(session: ValkeySession, store: Store, unique_id: int) -> None:
    first = await session.lease("one", 60_000)
    key = SessionKeys(SessionId(unique_id)).lease
    assert 0 < await store.execute_command("PTTL", key) <= 60_000
    await store.execute_command("PEXPIRE", key, 0)
    assert await session.lease("two", 60_000) > first
    assert await session.lease("one", 60_000) == 0


async def test_of_a_crowd_exactly_one_gets_the_lease(session: ValkeySession) -> None:
    tokens = await asyncio.gather(*(session.lease(f"director-{number}", 60_000) for number in range(30)))
    assert sorted(tokens)[:-1] == [0] * 29
    assert max(tokens) > 0


_WRITES: dict[str, Callable[[ValkeySession, int], Awaitable[None]]] = {
    "windows": lambda session, token: session.set_windows(token, "last", [window(1, 1, 2)]),
    "feed and state": lambda session, token: session.publish(token, STATE, 2, [b"late"]),
    "board": lambda session, token: session.publish_board(token, update(9, full=True)),
    "standings": lambda session, token: session.set_standings(token, b"late"),
}


@pytest.mark.parametrize("write", list(_WRITES))
async def test_an_old_token_changes_nothing(session: ValkeySession, store: Store, unique_id: int, write: str) -> None:
    old = await session.lease("old", 60_000)
    await session.release("old")
    new = await session.lease("new", 60_000)
    await session.set_windows(new, "first", [window(1, 10, 20)])
    await session.publish(new, STATE, 1, [b"one"])
    await session.publish_board(new, update(1, full=True))
    await session.set_standings(new, b"standings")
    before = await _everything(store, unique_id)
    with pytest.raises(Fenced):
        await _WRITES[write](session, old)
    assert await _everything(store, unique_id) == before


@pytest.mark.parametrize("write", ["feed and state", "board", "standings"])
async def test_an_old_token_is_fenced_from_the_moment_the_lease_is_given(session: ValkeySession, write: str) -> None:
    """Also before its successor has written anything."""
    old = await session.lease("old", 60_000)
    await session.publish(old, STATE, 1, [b"one"])
    await session.release("old")
    await session.lease("new", 60_000)
    with pytest.raises(Fenced):
        await _WRITES[write](session, old)


async def _everything(store: Store, session_id: int) -> list[bytes | None]:
    keys = SessionKeys(SessionId(session_id))
    names = [keys.feed, keys.state, keys.board, keys.standings, keys.fence]
    for shard in range(2):
        names += [ShardKeys(SessionId(session_id), shard).windows, ShardKeys(SessionId(session_id), shard).fence]
    return [await store.execute_command("DUMP", name) for name in names]


# --- feed, state, board, commands -------------------------------------------------------------------------------------


async def test_state_and_standings_come_back_as_they_were(session: ValkeySession) -> None:
    assert await session.state() is None
    assert await session.standings() == b""
    token = await session.lease("one", 60_000)
    await session.publish(token, STATE, 1, [])
    await session.set_standings(token, b'{"individuals":[]}')
    assert await session.state() == STATE
    assert await session.standings() == b'{"individuals":[]}'
    assert await session.last_offset() == 0


async def test_the_feed_only_grows(session: ValkeySession) -> None:
    token = await session.lease("one", 60_000)
    await session.publish(token, STATE, 1, [b"one", b"two"])
    await session.publish(token, STATE, 3, [b"three"])
    for wrong in (1, 3):
        with pytest.raises(Exception, match="equal or smaller"):
            await session.publish(token, STATE, wrong, [b"again"])
    assert await session.feed(0, 0) == [(1, b"one"), (2, b"two"), (3, b"three")]
    assert await session.feed(2, 0) == [(3, b"three")]
    assert await session.feed(3, 1) == []
    assert await session.last_offset() == 3


async def test_whoever_waits_for_the_feed_hears_of_it(session: ValkeySession) -> None:
    token = await session.lease("one", 60_000)
    waiting = asyncio.ensure_future(session.feed(0, 60_000))
    await session.publish(token, STATE, 1, [b"one"])
    assert await waiting == [(1, b"one")]


async def test_an_epoch_is_made_once(session: ValkeySession) -> None:
    epochs = await asyncio.gather(*(session.epoch() for _ in range(10)))
    assert len(set(epochs)) == 1
    assert epochs[0]


async def test_a_gateway_starts_from_the_newest_full_board(session: ValkeySession) -> None:
    assert await session.board_start() == ("0-0", [])
    token = await session.lease("one", 60_000)
    for version in range(1, 8):
        await session.publish_board(token, update(version, full=version in (1, 4)))
    position, updates = await session.board_start()
    assert [one.version for one in updates] == [4, 5, 6, 7]
    assert updates[0] == update(4, full=True)
    assert await session.board(position, 1) == (position, [])
    await session.publish_board(token, update(8))
    _, following = await session.board(position, 5000)
    assert following == [update(8)]


async def test_commands_and_events_are_read_in_order(session: ValkeySession, store: Store) -> None:
    for kind in ("start", "pause", "announce"):
        await session.command(Command(kind, "operator", "各位好"))
    position, seen = "0-0", list[Command]()
    while len(seen) < 3:
        position, commands = await session.commands(position, 1000)
        assert commands
        seen += commands
    assert [command.kind for command in seen] == ["start", "pause", "announce"]
    assert seen[2].text == "各位好"
    assert await session.newest_event() == "0-0"


async def test_events_of_sittings_and_of_the_session_are_told_apart(store: Store, unique_id: int) -> None:
    ledger, session = ValkeyLedger(store, SessionId(unique_id), 1), ValkeySession(store, SessionId(unique_id), 1)
    first = [SittingEvent(SittingId(4), Micros(1), "left", "g1"), SessionEvent(Micros(2), "command", "pause by x")]
    second = [SittingEvent(SittingId(5), Micros(3), "connected", "g2 1")]
    await ledger.events(first)
    await ledger.events(second)
    position, entries = await session.events("0-0", 0)
    assert [events for _, events in entries] == [first, second]
    assert entries[-1][0] == position == await session.newest_event()
    assert await session.events(entries[0][0], 0, 1) == (position, entries[1:])


async def test_gateways_are_set_down_while_they_are_there(store: Store, unique_id: int) -> None:
    session = ValkeySession(store, SessionId(unique_id), 1)
    assert await session.gateways() == {}
    await session.present("gateway-0-12-ab", Micros(5))
    await session.present("gateway-1-13-cd", Micros(6))
    await session.present("gateway-0-12-ab", Micros(7), b"figures")
    assert await session.figures() == {"gateway-0-12-ab": b"figures"}
    assert await session.gateways() == {"gateway-0-12-ab": 7, "gateway-1-13-cd": 6}
    await session.absent("gateway-1-13-cd")
    assert await session.gateways() == {"gateway-0-12-ab": 7}


# --- tickets ----------------------------------------------------------------------------------------------------------


async def test_a_ticket_opens_one_socket_once(store: Store) -> None:
    tickets = ValkeyTickets(store)
    ticket = await tickets.issue(SessionId(3), SittingId(44), "0a1b2c")
    assert await tickets.redeem(ticket) == (3, 44, "0a1b2c")
    for refused in (ticket, "", "no-such-ticket", "*", "\0", "é" * 64):
        with pytest.raises(TicketRefused):
            await tickets.redeem(refused)


async def test_of_many_who_redeem_a_ticket_at_once_one_wins(store: Store) -> None:
    tickets = ValkeyTickets(store)
    ticket = await tickets.issue(SessionId(3), SittingId(44), "0a1b2c")
    results = await asyncio.gather(*(tickets.redeem(ticket) for _ in range(50)), return_exceptions=True)
    assert [result for result in results if not isinstance(result, TicketRefused)] == [(3, 44, "0a1b2c")]


async def test_a_ticket_goes_stale(store: Store, valkey_url: str) -> None:
    tickets = ValkeyTickets(store)
    ticket = await tickets.issue(SessionId(3), SittingId(44), "0a1b2c")
    (key,) = [key async for key in _tickets_of(store, b"3 44 0a1b2c")]
    assert 0 < await store.execute_command("PTTL", key) <= 30_000
    await store.execute_command("PEXPIRE", key, 0)
    with pytest.raises(TicketRefused):
        await tickets.redeem(ticket)


async def _tickets_of(store: Store, value: bytes) -> AsyncIterator[bytes]:
    for key in await store.execute_command("KEYS", "leitai:ticket:*"):
        if await store.execute_command("GET", key) == value:
            yield key


async def test_secrets_do_not_stand_in_the_store(store: Store) -> None:
    tickets = ValkeyTickets(store)
    ticket = await tickets.issue(SessionId(3), SittingId(45), "0a1b2c")
    cookie = await tickets.open_web_session(SessionId(3), SittingId(45))
    await tickets.tries("20260001", 60)
    names = b" ".join(await store.execute_command("KEYS", "*"))
    assert ticket.encode() not in names
    assert cookie.encode() not in names
    assert b"20260001" not in names


async def test_web_sessions_open_and_close(store: Store) -> None:
    tickets = ValkeyTickets(store)
    cookie = await tickets.open_web_session(SessionId(3), SittingId(46))
    assert await tickets.web_session(cookie) == (3, 46)
    await tickets.close_web_session(cookie)
    assert await tickets.web_session(cookie) is None
    assert await tickets.web_session("no such") is None


async def test_tries_are_counted_by_name(store: Store, unique_id: int) -> None:
    tickets = ValkeyTickets(store)
    counts = [await tickets.tries(f"{unique_id}", 3600) for _ in range(3)]
    assert counts == [1, 2, 3] or sorted(counts) != counts  # the hour may turn in between
    assert await tickets.tries(f"{unique_id} other", 3600) == 1
