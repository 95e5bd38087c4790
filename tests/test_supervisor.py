"""The supervisor keeps its roles running, stops them in order, and takes them along however it ends."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from leitai.stores.embedded.keeper import BackOff
from leitai.supervisor import NeverReady, Role, Supervisor, stop_signals
from tests.support.processes import DEADLINE_S, Parent, all_gone, identify
from tests.support.waiting import passes

ROLE = Path(__file__).parent / "support" / "role.py"

SUPERVISE = """
import asyncio, json, pathlib, sys
from leitai.supervisor import Role, Supervisor, stop_signals

async def main():
    folder, role, path = sys.argv[1:]
    roles = [Role(name, (sys.executable, role, name, path, "plain")) for name in ("one", "two")]
    supervisor = Supervisor(roles, pathlib.Path(folder))
    async with stop_signals() as told:
        await supervisor.start()
        print(json.dumps(supervisor.pids), flush=True)
        await told.wait()
        await supervisor.stop()

asyncio.run(main())
"""


class Doorbell:
    """Hears what roles say, in the order they say it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._heard: asyncio.Queue[str] = asyncio.Queue()
        self._talks: set[asyncio.Task[None]] = set()
        self._lines: set[asyncio.StreamWriter] = set()

    def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.create_task(self.listen(reader, writer))
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)

    async def hang_up(self) -> None:
        """Hear no more."""
        for talk in list(self._talks):
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        name = "?"
        self._lines.add(writer)
        try:
            with contextlib.suppress(ConnectionError):
                while line := (await reader.readline()).decode().strip():
                    name, word = line.split()
                    self._heard.put_nowait(line)
                    if word.isdigit():
                        writer.write(b".")
            self._heard.put_nowait(f"{name} ended")
        finally:
            self._lines.discard(writer)
            writer.close()

    def let_go(self) -> None:
        """Let those end that linger."""
        for writer in self._lines:
            writer.write(b"!")

    async def hear(self) -> str:
        """The next thing said."""
        async with asyncio.timeout(DEADLINE_S):
            return await self._heard.get()

    async def greeting(self, name: str) -> int:
        """The pid that `name` says next; other things said before are passed over."""
        while True:
            words = (await self.hear()).split()
            if words[0] == name and words[1].isdigit():
                return int(words[1])

    def role(self, name: str, manner: str = "plain", env: dict[str, str] | None = None) -> Role:
        return Role(name, (sys.executable, str(ROLE), name, str(self.path), manner), env or {})


@pytest.fixture
async def doorbell(tmp_path: Path) -> AsyncIterator[Doorbell]:
    bell = Doorbell(tmp_path / "bell")
    server = await asyncio.start_unix_server(bell.answer, bell.path)
    yield bell
    server.close()
    await bell.hang_up()


async def test_roles_start_write_their_logs_and_stop_in_reverse_order(doorbell: Doorbell, tmp_path: Path) -> None:
    names = ("recorder", "director", "gateway")
    async with Supervisor(
        [doorbell.role(name, env={"LEITAI_TEST": "值"}) for name in names], tmp_path / "data"
    ) as supervisor:
        pids = supervisor.pids
        assert list(pids) == list(names)
        heard = dict([(await doorbell.hear()).split() for _ in names])
        assert {name: int(pid) for name, pid in heard.items()} == pids
        processes = identify(*pids.values())
    said = [await doorbell.hear() for _ in range(6)]
    assert [line for line in said if line.endswith("stops")] == ["gateway stops", "director stops", "recorder stops"]
    assert not any(process.alive() for process in processes)
    assert supervisor.pids == {}
    for name in names:
        assert (tmp_path / "data" / "logs" / f"{name}.log").read_text() == f"{name} speaks 值\n"


async def test_a_killed_role_comes_back_and_the_others_stay(doorbell: Doorbell, tmp_path: Path) -> None:
    async with Supervisor([doorbell.role("one"), doorbell.role("two")], tmp_path) as supervisor:
        await doorbell.greeting("one")
        before = supervisor.pids
        for turn in (1, 2, 3):
            killed = supervisor.kill("one")
            async with asyncio.timeout(DEADLINE_S):
                again = await supervisor.replaced("one", killed)
            assert await doorbell.greeting("one") == again
            assert supervisor.restarts == {"one": turn, "two": 0}
        assert supervisor.pids["two"] == before["two"]
    with pytest.raises(KeyError):
        supervisor.kill("three")


async def test_a_role_that_ends_by_itself_is_started_again(doorbell: Doorbell, tmp_path: Path) -> None:
    async with Supervisor([doorbell.role("brief", "brief")], tmp_path) as supervisor:
        pids = {await doorbell.greeting("brief") for _ in range(3)}
        assert len(pids) == 3
    assert supervisor.pids == {}


async def test_a_role_that_ignores_the_signal_is_killed_in_time(doorbell: Doorbell, tmp_path: Path) -> None:
    supervisor = Supervisor([doorbell.role("plain"), doorbell.role("stubborn", "stubborn")], tmp_path)
    await supervisor.start()
    await doorbell.greeting("stubborn")
    async with asyncio.timeout(DEADLINE_S):
        await supervisor.stop(seconds=1.0)
    assert supervisor.pids == {}


async def test_what_a_role_started_ends_with_it(doorbell: Doorbell, tmp_path: Path) -> None:
    async with Supervisor([doorbell.role("office", "worker")], tmp_path) as supervisor:
        workers = identify(await doorbell.greeting("worker"))
        killed = supervisor.kill("office")
        async with asyncio.timeout(DEADLINE_S):
            await supervisor.replaced("office", killed)
        assert await asyncio.to_thread(all_gone, workers)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_stops_all_in_order(doorbell: Doorbell, tmp_path: Path, number: signal.Signals) -> None:
    with Parent(SUPERVISE, str(tmp_path / "data"), str(ROLE), str(doorbell.path)) as parent:
        processes = identify(*parent.pids.values())
        greeted = {(await doorbell.hear()).split()[0] for _ in range(2)}
        assert greeted == {"one", "two"}
        assert await asyncio.to_thread(parent.end, number) == 0
        assert await asyncio.to_thread(all_gone, processes)
    said = [await doorbell.hear() for _ in range(4)]
    assert [line for line in said if line.endswith("stops")] == ["two stops", "one stops"]


async def test_nothing_remains_after_kill_9_of_the_supervisor(doorbell: Doorbell, tmp_path: Path) -> None:
    with Parent(SUPERVISE, str(tmp_path / "data"), str(ROLE), str(doorbell.path)) as parent:
        processes = identify(*parent.pids.values())
        for _ in range(2):
            await doorbell.hear()
        await asyncio.to_thread(parent.end, signal.SIGKILL)
        assert {await doorbell.hear(), await doorbell.hear()} == {"one ended", "two ended"}
        assert await asyncio.to_thread(all_gone, processes)


async def test_numbered_roles_stop_together(doorbell: Doorbell, tmp_path: Path) -> None:
    gateways = {f"gateway-{number}" for number in range(3)}
    roles = [doorbell.role("director"), *(doorbell.role(name, "lingering") for name in sorted(gateways))]
    supervisor = Supervisor(roles, tmp_path)
    await supervisor.start()
    for _ in roles:
        await doorbell.hear()
    stopping = asyncio.create_task(supervisor.stop(seconds=2 * DEADLINE_S))
    # All were told while none of them had ended, and nobody else was.
    assert {await doorbell.hear() for _ in gateways} == {f"{name} stops" for name in gateways}
    doorbell.let_go()
    await stopping
    said = [await doorbell.hear() for _ in range(5)]
    assert set(said[:3]) == {f"{name} ended" for name in gateways}
    assert said[3:] == ["director stops", "director ended"]
    assert supervisor.pids == {}


async def test_a_role_is_replaced_by_one_that_is_ready(doorbell: Doorbell, tmp_path: Path) -> None:
    async with Supervisor([doorbell.role("one"), doorbell.role("two")], tmp_path) as supervisor:
        for _ in range(2):
            await doorbell.hear()
        for _ in range(3):
            before = supervisor.pids
            await supervisor.replace("one")
            after = supervisor.pids
            assert (after["one"] != before["one"], after["two"]) == (True, before["two"])
            # The new one spoke before the old one was told to stop.
            assert [await doorbell.hear() for _ in range(3)] == [f"one {after['one']}", "one stops", "one ended"]
        killed = supervisor.kill("one")
        async with asyncio.timeout(DEADLINE_S):
            again = await supervisor.replaced("one", killed)
            await supervisor.ready()
        assert supervisor.restarts == {"one": 1, "two": 0}
        await supervisor.replace("one")
        assert supervisor.pids["one"] != again
        assert supervisor.restarts == {"one": 1, "two": 0}
    assert "one speaks" in (tmp_path / "logs" / "one.log").read_text()


async def test_a_role_whose_successor_is_never_ready_stays(doorbell: Doorbell, tmp_path: Path) -> None:
    async with Supervisor([doorbell.role("one", "mute")], tmp_path) as supervisor:
        pid = await doorbell.greeting("one")
        replacing = asyncio.create_task(supervisor.replace("one", ready_within_s=2 * DEADLINE_S))
        assert await doorbell.greeting("one") != pid
        await passes(2 * DEADLINE_S, replacing)
        with pytest.raises(NeverReady, match="one"):
            await replacing
        while await doorbell.hear() != "one ended":
            pass
        assert supervisor.pids == {"one": pid}
    assert await doorbell.hear() == "one stops"


async def test_a_hang_up_replaces_all_one_by_one(doorbell: Doorbell, tmp_path: Path) -> None:
    supervisor = Supervisor([doorbell.role("one"), doorbell.role("two")], tmp_path)
    running = asyncio.create_task(supervisor.run())
    first = dict([(await doorbell.hear()).split() for _ in range(2)])
    os.kill(os.getpid(), signal.SIGHUP)
    # One after the other: whoever is named first is greeted first.
    second = {name: await doorbell.greeting(name) for name in ("one", "two")}
    assert first.keys() == second.keys()
    assert not {int(pid) for pid in first.values()} & set(second.values())
    os.kill(os.getpid(), signal.SIGTERM)
    async with asyncio.timeout(DEADLINE_S):
        await running
    assert supervisor.pids == {}


async def test_a_role_that_is_removed_before_its_turn_holds_up_nobody_s(doorbell: Doorbell, tmp_path: Path) -> None:
    async with Supervisor([doorbell.role(name) for name in ("one", "two", "three")], tmp_path) as supervisor:
        first = dict([(await doorbell.hear()).split() for _ in range(3)])
        rolling = asyncio.create_task(supervisor.roll())
        await doorbell.greeting("one")
        # The one before it is still there; meanwhile the next is not wanted any more.
        removing = asyncio.create_task(supervisor.remove("two"))
        async with asyncio.timeout(DEADLINE_S):
            await asyncio.gather(rolling, removing)
        assert supervisor.pids.keys() == {"one", "three"}
        assert supervisor.pids["three"] != int(first["three"])


async def test_run_stays_until_it_is_told(doorbell: Doorbell, tmp_path: Path) -> None:
    supervisor = Supervisor([doorbell.role("one")], tmp_path)
    running = asyncio.create_task(supervisor.run())
    await doorbell.greeting("one")
    os.kill(os.getpid(), signal.SIGTERM)
    async with asyncio.timeout(DEADLINE_S):
        await running
    assert supervisor.pids == {}


async def test_a_program_that_is_missing_is_said_in_the_log(tmp_path: Path) -> None:
    async with Supervisor([Role("ghost", ("/nonexistent/program",))], tmp_path) as supervisor:
        async with asyncio.timeout(DEADLINE_S):
            while supervisor.restarts["ghost"] == 0:
                await supervisor.replaced("ghost", supervisor.pids.get("ghost"))
    assert "cannot run /nonexistent/program: No such file" in (tmp_path / "logs" / "ghost.log").read_text()


async def test_stop_signals_are_heard_and_given_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    async with stop_signals() as told:
        os.kill(os.getpid(), signal.SIGTERM)
        async with asyncio.timeout(DEADLINE_S):
            await told.wait()
    assert signal.getsignal(signal.SIGTERM) == before


def test_back_off_doubles_up_to_its_limit_and_forgets_after_a_calm_run() -> None:
    back_off = BackOff(first_s=0.2, longest_s=3.0, calm_s=5.0)
    assert [back_off.after(0.1) for _ in range(6)] == [0.2, 0.4, 0.8, 1.6, 3.0, 3.0]
    assert back_off.after(5.0) == 0.2
    assert back_off.after(4.9) == 0.4
    back_off.forget()
    assert back_off.after(0.1) == 0.2
