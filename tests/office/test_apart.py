"""Whatever reads question files runs only while nobody else wants a processor."""

import asyncio
import os
import sys

from tests.support.waiting import eventually


async def test_the_reader_lets_everybody_else_go_first() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "LEITAI_IMPORTS_AT_ONCE"}
    pipe, nowhere = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    reader = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "leitai.office.apart"), stdin=pipe, stdout=nowhere, stderr=nowhere, env=environment
    )

    async def policy() -> int:
        return os.sched_getscheduler(reader.pid)

    try:
        # It says so before it reads what it is to do.
        assert await eventually(policy, lambda now: now == os.SCHED_IDLE, within_s=60) == os.SCHED_IDLE
        # Where Linux weighs sessions, it counts only as the last of them.
        assert os.getsid(reader.pid) == reader.pid
        assert os.getpriority(os.PRIO_PROCESS, reader.pid) == 19
    finally:
        reader.kill()
        await reader.wait()
