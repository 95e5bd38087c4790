"""A child is started, watched and stopped; a leftover of ours is known from a stranger; folders are ours or refused."""

import asyncio
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from leitai.stores.embedded import guard, pidfile, places
from leitai.stores.embedded.errors import AlreadyRunningError, DataFolderInUseError, DataFolderUnusableError
from leitai.stores.embedded.locks import FolderLock
from leitai.stores.embedded.pidfile import Identity
from leitai.stores.embedded.process import LOG_LIMIT_BYTES, Child, Program, User, plain_environment
from tests.support.processes import DEADLINE_S, identify, is_root, nobody
from tests.support.stores import scratch_folder


def python(source: str, *arguments: str) -> Program:
    return Program((sys.executable, "-u", "-c", source, *arguments), plain_environment())


PATIENT = python("import signal; signal.pause()")
# Ignores SIGTERM before it says that it runs: by opening the pipe that the test waits on.
STUBBORN = "import signal, sys; signal.signal(15, signal.SIG_IGN); open(sys.argv[1], 'w').close(); signal.pause()"


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Child]:
    one = Child("one", pid_file=tmp_path / "one.pid", log_file=tmp_path / "one.log")
    yield one
    one.kill9()


def run_to_end(child: Child, program: Program) -> int:
    child.start(program)
    status = child.wait(DEADLINE_S)
    assert status is not None
    return status


def test_a_child_ends_with_its_status_and_its_words_are_in_the_log(child: Child) -> None:
    assert run_to_end(child, python("print('first'); raise SystemExit(3)")) == 3
    assert run_to_end(child, python("print('second')")) == 0
    assert child.log_tail() == "first\nsecond"
    assert child.log_tail(lines=1) == "second"
    assert child.pid is None


def test_a_child_is_stopped_by_its_signal_and_may_be_started_again(child: Child, tmp_path: Path) -> None:
    for _ in range(2):
        pid = child.start(PATIENT)
        assert pidfile.read(tmp_path / "one.pid") == Identity.of(pid)
        with pytest.raises(AlreadyRunningError) as refused:
            child.start(PATIENT)
        assert (refused.value.code, refused.value.pid) == ("already-running", pid)
        assert child.stop() == -signal.SIGTERM
        assert not (tmp_path / "one.pid").exists()
    assert child.stop() == -signal.SIGTERM
    assert not child.send(signal.SIGTERM)


def test_a_child_that_ignores_its_signal_is_killed(child: Child, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "ready")
    child.start(python(STUBBORN, str(tmp_path / "ready")))
    (tmp_path / "ready").read_text()
    assert child.wait(0) is None
    assert child.stop(seconds=0.1) == -signal.SIGKILL


async def test_a_child_is_awaited_and_a_cancelled_waiter_harms_nobody(child: Child) -> None:
    child.start(PATIENT)
    impatient = asyncio.wrap_future(child.exited)
    patient = asyncio.wrap_future(child.exited)
    impatient.cancel()
    await asyncio.to_thread(child.stop)
    assert await patient == -signal.SIGTERM


def test_a_missing_program_ends_with_127(child: Child) -> None:
    assert run_to_end(child, Program(("/nonexistent/程序",), {})) == 127
    assert child.log_tail() == "cannot run /nonexistent/程序: No such file or directory"


def test_a_long_log_is_put_aside(child: Child, tmp_path: Path) -> None:
    log = tmp_path / "one.log"
    log.write_bytes(b"x" * (LOG_LIMIT_BYTES + 1))
    run_to_end(child, python("print('short')"))
    assert log.read_text() == "short\n"
    assert (tmp_path / "one.log.1").stat().st_size == LOG_LIMIT_BYTES + 1


@pytest.mark.skipif(sys.platform != "linux", reason="the setting is Linux's")
def test_the_guard_gives_up_rights_and_then_ties_the_life(child: Child) -> None:
    user = nobody()
    source = (
        "import ctypes, os; word = ctypes.c_int(); ctypes.CDLL(None).prctl(2, ctypes.byref(word)); "
        "print(os.getuid(), os.getgid(), os.getgroups(), word.value, os.getpid() == os.getsid(0))"
    )
    python_of_nobody = "/usr/bin/python3"
    if not Path(python_of_nobody).exists():
        pytest.skip("no Python within an unprivileged user's reach")
    run_to_end(child, Program((python_of_nobody, "-c", source), plain_environment(), user))
    assert child.log_tail() == f"{user.uid} {user.gid} [] {int(signal.SIGKILL)} True"


def test_the_guard_does_nothing_for_a_parent_that_is_gone(tmp_path: Path) -> None:
    done = tmp_path / "done"
    command = [sys.executable, "-I", "-S", guard.__file__, "9", "1", "-1", "-1", "", "/usr/bin/touch", str(done)]
    assert subprocess.run(command, check=False).returncode == 1
    assert not done.exists()


def test_a_leftover_of_ours_is_stopped_first(child: Child, tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"]) as leftover:
        pidfile.write(tmp_path / "one.pid", leftover.pid)
        child.start(PATIENT)
        assert leftover.wait(DEADLINE_S) == -signal.SIGTERM


@pytest.mark.parametrize(
    "content", ["", "words\nand\n", "{pid}\nanother moment\n", "999999999\n1\n", "-1\n1\n", "0\n1\n"]
)
def test_a_stranger_with_the_pid_of_a_stale_file_is_left_alone(child: Child, tmp_path: Path, content: str) -> None:
    with subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"]) as stranger:
        (tmp_path / "one.pid").write_text(content.format(pid=stranger.pid))
        child.start(PATIENT)
        assert child.pid is not None
        assert identify(stranger.pid, child.pid)
        stranger.kill()


def test_a_process_that_waits_to_be_reaped_is_gone() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    identity = Identity(process.pid, "")
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert Identity.of(process.pid) is None
    assert identity.wait_gone(0)
    process.wait()


def test_waiting_for_the_end_has_a_limit() -> None:
    (us,) = identify(os.getpid())
    assert not us.wait_gone(0.05)


def test_a_lock_is_held_once_and_names_its_holder(tmp_path: Path) -> None:
    first, second = FolderLock(tmp_path), FolderLock(tmp_path)
    first.acquire()
    first.acquire()
    with pytest.raises(DataFolderInUseError, match=str(os.getpid())) as refused:
        second.acquire()
    assert (refused.value.folder, refused.value.pid) == (tmp_path, os.getpid())
    first.release()
    second.acquire()
    second.release()
    second.release()


def test_a_lock_through_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DataFolderUnusableError):
        FolderLock(tmp_path).acquire()
    assert not (tmp_path / "elsewhere").exists()


def test_a_private_folder_is_made_and_taken_over(tmp_path: Path) -> None:
    folder = places.private_folder(tmp_path / "one")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.chmod(0o777)
    places.private_folder(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_private_folder_is_neither_a_link_nor_a_file(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir(mode=0o755)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "file").write_text("")
    for name in ("link", "file"):
        with pytest.raises(DataFolderUnusableError):
            places.private_folder(tmp_path / name)
    assert stat.S_IMODE((tmp_path / "real").stat().st_mode) == 0o755


@pytest.mark.skipif(not is_root, reason="only root can make another user's folder")
def test_a_private_folder_of_a_stranger_is_refused(tmp_path: Path) -> None:
    user = nobody()
    (tmp_path / "theirs").mkdir()
    os.chown(tmp_path / "theirs", user.uid, user.gid)
    with pytest.raises(DataFolderUnusableError, match=f"belongs to uid {user.uid}"):
        places.private_folder(tmp_path / "theirs")
    assert places.private_folder(tmp_path / "theirs", user).stat().st_uid == user.uid


def test_sockets_stand_in_the_data_folder_where_they_can() -> None:
    with scratch_folder() as folder:
        assert places.socket_folder(folder / "run", "a.sock") == folder / "run"
        for below in ("x" * 100, "数据", "with space", "a,b", "a:b", "100%"):
            chosen = places.socket_folder(folder / below / "run", "a.sock")
            assert not chosen.is_relative_to(folder)
            assert len(os.fsencode(chosen / "a.sock")) <= places.SOCKET_PATH_LIMIT_BYTES
            assert chosen == places.socket_folder(folder / below / "run", "a.sock")
            assert chosen != places.socket_folder(folder / below / "other", "a.sock")


def test_sockets_stand_elsewhere_when_their_user_may_not_enter() -> None:
    stranger = User(os.getuid() + 12345, os.getgid() + 12345)
    with scratch_folder() as folder:
        assert places.may_enter(folder, stranger)
        assert places.socket_folder(folder / "run", "a.sock", stranger) == folder / "run"
        (folder / "private").mkdir(mode=0o700)
        assert not places.may_enter(folder / "private", stranger)
        assert places.socket_folder(folder / "private" / "run", "a.sock", stranger) != folder / "private" / "run"
