"""Becomes another program that dies with its parent. Run as a script, never imported by the child it turns into.

    python -I -S guard.py SIGNAL PARENT UID GID FOLDER program [argument …]

SIGNAL is what the kernel sends when the parent ends, even by kill -9 (prctl(2), PR_SET_PDEATHSIG; Linux only,
elsewhere the pid file finds what was left). The order matters: the setting is cleared when the uid changes, so it
comes after; and the parent may have ended before it, so the parent is looked at once more. It is tied to the parent's
thread: `process.Child` sees to that. A wrapper of its own, since code between fork and exec is unsafe with threads.

UID -1 keeps the user. FOLDER, when not empty, is opened before the rights are given up and stands at FOLDER_PATH in
the program, which can so use a folder whose parents it may not enter.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1
FOLDER_FD = 9
FOLDER_PATH = f"/proc/self/fd/{FOLDER_FD}"


def die_with_parent(signal: int, parent: int) -> None:
    """Have this process receive `signal` when the thread that started it ends; exit now if `parent` is gone already.

    For a process that is already Python, such as a worker of a pool (`initializer=die_with_parent`).
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def main(arguments: list[str]) -> None:
    """Give up rights, tie life to the parent's, and become the program."""
    signal, parent, uid, gid = (int(argument) for argument in arguments[:4])
    folder, program = arguments[4], arguments[5:]
    if folder:
        os.dup2(os.open(folder, os.O_RDONLY | os.O_DIRECTORY), FOLDER_FD, inheritable=True)
    # From here on Python's own files may be out of reach: nothing is imported any more.
    if uid != -1:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    die_with_parent(signal, parent)
    try:
        os.execv(program[0], program)  # noqa: S606  # no shell is the point
    except OSError as error:
        sys.stderr.write(f"cannot run {program[0]}: {error.strerror}\n")
        os._exit(127)


if __name__ == "__main__":
    main(sys.argv[1:])
