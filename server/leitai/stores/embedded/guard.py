"""Becomes another program that dies with its parent. Run as a script, never imported by the child it turns into.

    python -I -S guard.py SIGNAL PARENT UID GID FOLDER program [argument …]

SIGNAL is what the kernel sends when the parent ends, even by kill -9 (prctl(2), PR_SET_PDEATHSIG; Linux only,
elsewhere the pid file finds what was left). The order matters: the setting is cleared when the uid changes, so it
comes after; and the parent may have ended before it, so the parent is looked at once more. It is tied to the parent's
thread: `process.Child` sees to that. A wrapper of its own, since code between fork and exec is unsafe with threads.

SIGNAL 0 is for a program with children of its own that do not look after themselves (initdb): the guard stays, waits
for the program, and when the parent ends kills all that is in its session.

UID -1 keeps the user. FOLDER, when not empty, is opened before the rights are given up and stands at FOLDER_PATH in
the program, which can so use a folder whose parents it may not enter.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
FOLDER_FD = 9
FOLDER_PATH = f"/proc/self/fd/{FOLDER_FD}"
ALL = 0
"""As SIGNAL: the program and all its children are killed."""


def die_with_parent(number: int, parent: int) -> None:
    """Have this process receive signal `number` when the thread that started it ends; exit now if `parent` is gone.

    For a process that is already Python, such as a worker of a pool (`initializer=die_with_parent`).
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def main(arguments: list[str]) -> None:
    """Give up rights, tie life to the parent's, and become the program or watch it."""
    number, parent, uid, gid = (int(argument) for argument in arguments[:4])
    folder, program = arguments[4], arguments[5:]
    if folder:
        os.dup2(os.open(folder, os.O_RDONLY | os.O_DIRECTORY), FOLDER_FD, inheritable=True)
    # From here on Python's own files may be out of reach: nothing is imported any more.
    if uid != -1:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if number == ALL:
        _watch(program, parent)
    die_with_parent(number, parent)
    _become(program)


def _become(program: list[str]) -> None:
    try:
        os.execv(program[0], program)  # noqa: S606  # no shell is the point
    except OSError as error:
        sys.stderr.write(f"cannot run {program[0]}: {error.strerror}\n")
        sys.stderr.flush()
        os._exit(127)


def _watch(program: list[str], parent: int) -> None:
    signal.signal(signal.SIGTERM, lambda *_: os.killpg(0, signal.SIGKILL))
    die_with_parent(signal.SIGTERM, parent)
    us = os.getpid()
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        die_with_parent(signal.SIGKILL, us)
        _become(program)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    os._exit(code if code >= 0 else 128 - code)


if __name__ == "__main__":
    main(sys.argv[1:])
