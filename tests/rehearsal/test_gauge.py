"""CPU is summed over the processes that a role had, one after another."""

import os
import subprocess
import sys
import time

from leitai.cli.rehearsal.gauge import CpuMeter, cpu_s, resident_kib


def _busy(seconds: float) -> "subprocess.Popen[bytes]":
    code = f"import time\nwhile time.process_time() < {seconds}: pass\nprint(flush=True)\ninput()"
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    return process


def test_this_process_spends_and_holds() -> None:
    assert abs(cpu_s(os.getpid()) - time.process_time()) < 0.5
    assert resident_kib(os.getpid()) > 5_000


def test_a_role_keeps_what_its_dead_processes_spent() -> None:
    pids: dict[str, int] = {}
    meter = CpuMeter(lambda: pids)
    with _busy(0.3) as first:
        pids["gateway"] = first.pid
        meter.reset()
        # It had spent three times as much before; a tick may be counted after it spoke.
        assert meter.spent_s("gateway") < 0.1
        first.kill()
    with _busy(0.4) as second:
        pids["gateway"] = second.pid
        meter.sample()
        second.kill()
    meter.sample()
    assert 0.35 < meter.spent_s("gateway") < 1.0
    assert meter.spent_s("valkey") == 0
