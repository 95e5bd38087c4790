"""One process of a deployment, as a supervisor starts it: `python -m leitai.role gateway`. For people: `leitai serve`.

Settings come from the environment and from the file that LEITAI_CONFIG names. The command line's parser and the
collector's rounds over what is being imported would take a quarter of the time until a gateway serves.
"""

import gc
import sys

if __name__ == "__main__":
    gc.disable()
    # structlog loads it for tracebacks in colours, which no role writes: 60 ms of every start.
    sys.modules["rich"] = None  # pyright: ignore[reportArgumentType]

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

import structlog
import uvloop

from leitai import logs
from leitai.compose import serve
from leitai.config import BadSettings, Settings, read_settings

CONFIG = "LEITAI_CONFIG"


def work(settings: Settings, roles: Sequence[str]) -> None:
    """Do roles' work in this process until SIGTERM."""
    structlog.contextvars.bind_contextvars(role=settings.name or "+".join(roles))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(settings, tuple(roles)))


def main() -> None:
    """Work as the role that is the only argument."""
    gc.enable()
    file = os.environ.get(CONFIG)
    try:
        settings = read_settings(Path(file) if file else None)
    except BadSettings as bad:
        raise SystemExit(f"设置不正确 · Bad settings: {bad}") from None
    logs.configure(settings.log_format, settings.log_level)
    work(settings, sys.argv[1:])


if __name__ == "__main__":
    main()
