"""`leitai serve`: roles of a deployment in one process."""

import asyncio
from pathlib import Path
from typing import Annotated

import structlog
import uvloop
from cyclopts import App, Parameter

from leitai import logs
from leitai.compose import ROLES, serve
from leitai.config import read_settings

app = App(name="serve", help="运行服务进程 · Run roles of the server")


@app.default
def serve_roles(
    *,
    roles: Annotated[str, Parameter(help="gateway, director, recorder; separated by commas")] = ",".join(ROLES),
    listen: str | None = None,
    origins: str | None = None,
    driver: str | None = None,
    config: Path | None = None,
) -> None:
    """Run roles until SIGTERM. Stores and keys come from the configuration (LEITAI_VALKEY_URL, LEITAI_DATABASE_URL,
    LEITAI_SECRET_KEY)."""
    settings = read_settings(config, listen=listen, origins=origins, driver=driver)
    logs.configure(settings.log_format, settings.log_level)
    wanted = tuple(role.strip() for role in roles.split(",") if role.strip())
    unknown = [role for role in wanted if role not in ROLES]
    if unknown or not wanted:
        raise SystemExit(f"unknown roles: {', '.join(unknown) or 'none given'}")
    structlog.contextvars.bind_contextvars(role="+".join(wanted))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(settings, wanted))
