"""A role for the supervisor's tests: `role.py NAME SOCKET MANNER`.

It says its name and pid on the socket when it runs, goes on when it is answered, and the socket closes when it ends.
Manners: "plain"; "stubborn" ignores SIGTERM; "lingering" says that it stops and stays until it is let go; "brief"
ends by itself at once; "worker" starts a stubborn process named worker first; "mute" never tells the supervisor that it
is ready, which all others do.
"""

import os
import signal
import socket
import subprocess
import sys

from leitai.notices import VARIABLE, tell_ready


def main(name: str, path: str, manner: str) -> None:
    link = socket.socket(socket.AF_UNIX)

    def stop(*_: object) -> None:
        link.sendall(f"{name} stops\n".encode())
        if manner == "lingering":
            while link.recv(1) == b".":
                pass
        sys.exit(0)

    signal.signal(signal.SIGTERM, signal.SIG_IGN if manner == "stubborn" else stop)
    link.connect(path)
    sys.stdout.write(f"{name} speaks {os.environ.get('LEITAI_TEST')}\n")
    sys.stdout.flush()
    if manner == "worker":
        # The supervisor's descriptor is not handed on: a worker that spoke on it would end at once.
        unasked = {key: value for key, value in os.environ.items() if key != VARIABLE}
        subprocess.Popen([sys.executable, __file__, "worker", path, "stubborn"], env=unasked)
    link.sendall(f"{name} {os.getpid()}\n".encode())
    # Heard before anything that follows from being ready.
    link.recv(1)
    if manner != "mute":
        tell_ready()
    while manner != "brief":
        signal.pause()


if __name__ == "__main__":
    main(*sys.argv[1:])
