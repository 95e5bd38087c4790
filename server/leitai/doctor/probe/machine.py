"""Looks at this machine: limits, clock, disk, doors. Where a disk is tried, one file is written and removed."""

import contextlib
import ctypes
import importlib.util
import json
import os
import resource
import shutil
import socket
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Collection
from pathlib import Path

from leitai.doctor.judgement.deployment import Door
from leitai.doctor.judgement.machine import DiskSeen, MachineSeen
from leitai.resources import NotShippedError, shipped

SYNCS = 200
_SYNC_FOR_S = 10.0
_BLOCK = b"\0" * 4096
_UNSYNCHRONIZED_US = 16_000_000
"""The kernel's bound of its own error once nobody keeps its clock right."""
_LISTENING = "0A"


def look(*, store_here: bool, store_ports: Collection[int], driver: str) -> MachineSeen:
    """Return what this machine says of itself; `store_ports` are those of stores that run here."""
    huge = _text("/sys/kernel/mm/transparent_hugepage/enabled")
    ports = _text("/proc/sys/net/ipv4/ip_local_port_range").split()
    needed = ["uvloop", "hiredis", "httptools", *(["picows"] if driver == "picows" else [])]
    try:
        pages = bool(shipped("client"))
    except NotShippedError:
        pages = False
    return MachineSeen(
        files=resource.getrlimit(resource.RLIMIT_NOFILE)[0],
        somaxconn=_number("/proc/sys/net/core/somaxconn"),
        syn_backlog=_number("/proc/sys/net/ipv4/tcp_max_syn_backlog"),
        ports=(int(ports[0]), int(ports[1])) if len(ports) == 2 else None,
        conntrack=_number("/proc/sys/net/netfilter/nf_conntrack_max"),
        overcommit=_number("/proc/sys/vm/overcommit_memory"),
        huge_pages=huge.partition("[")[2].partition("]")[0] or None,
        store_here=store_here,
        synchronized=_synchronized(),
        python=sys.version_info[:2],
        missing=[name for name in needed if importlib.util.find_spec(name) is None],
        pages=pages,
        exposed=[str(port) for port in sorted(_open_to_all() & set(store_ports))],
    )


def look_at_disk(folder: Path) -> DiskSeen | None:
    """Append blocks and sync each; None when nothing can be written there."""
    taken: list[float] = []
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".leitai-doctor-") as file:
            begun = time.monotonic()
            while len(taken) < SYNCS and time.monotonic() - begun < _SYNC_FOR_S:
                before = time.perf_counter()
                os.write(file.fileno(), _BLOCK)
                os.fdatasync(file.fileno())
                taken.append((time.perf_counter() - before) * 1000)
        return DiskSeen(str(folder), taken, shutil.disk_usage(folder).free)
    except OSError:
        return None


def look_at_door(host: str, port: int) -> Door:
    """Return who is at an address to listen on."""
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104 (looked for)
    netloc = f"[{reached}]:{port}" if ":" in reached else f"{reached}:{port}"
    with contextlib.suppress(urllib.error.URLError, OSError, ValueError):
        # Our own address: whatever a proxy is set for is not asked.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://{netloc}/healthz", timeout=3) as answer:
            return Door.OURS if json.load(answer) == {"ok": True} else Door.TAKEN
    try:
        with socket.create_server((reached, port), family=socket.AF_INET6 if ":" in reached else socket.AF_INET):
            return Door.FREE
    except OSError:
        return Door.TAKEN


class _Timex(ctypes.Structure):
    """The beginning of the kernel's `struct timex` (adjtimex(2)), with room for the rest."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_char * 256),
    )


def _synchronized() -> bool | None:
    try:
        about = _Timex()
        asked = ctypes.CDLL(None).adjtimex(ctypes.byref(about))
    except (OSError, AttributeError):
        return None
    return None if asked < 0 else int(about.maxerror) < _UNSYNCHRONIZED_US


def _open_to_all() -> set[int]:
    """Return the ports on which somebody listens on every interface."""
    found: set[int] = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in _text(table).splitlines()[1:]:
            _, local, _, state, *_ = line.split()
            address, _, port = local.partition(":")
            if state == _LISTENING and not address.strip("0"):
                found.add(int(port, 16))
    return found


def _text(path: str) -> str:
    try:
        return Path(path).read_text("ascii")
    except OSError:
        return ""


def _number(path: str) -> int | None:
    text = _text(path).strip()
    return int(text) if text.isdigit() else None
