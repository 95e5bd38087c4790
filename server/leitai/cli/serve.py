"""`leitai serve`: roles of a deployment in one process, or each in processes of its own around one port."""

import asyncio
import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import structlog
import uvloop
from cyclopts import App, Parameter

from leitai import logs
from leitai.compose import MONTHLY, ROLES
from leitai.config import Settings, read_settings
from leitai.role import CONFIG, work

app = App(name="serve", help="运行服务进程 · Run roles of the server")


@app.default
def serve_roles(
    *,
    roles: Annotated[
        str,
        Parameter(
            help="gateway, director, recorder, office, practice; separated by commas; monthly: a process of its own"
        ),
    ] = ",".join(ROLES),
    gateways: Annotated[
        int, Parameter(help="so many gateway processes on one port, and every other role apart; 0: all in one process")
    ] = 0,
    viewers: Annotated[
        bool, Parameter(help="with --gateways: a process of its own for whoever only watches boards")
    ] = True,
    houses: Annotated[
        str,
        Parameter(
            help="nothing but provinces' houses, each a process: their codes separated by commas, and auto for whoever"
            " has a session of its own or three team leaders' accounts"
        ),
    ] = "",
    listen: str | None = None,
    origins: str | None = None,
    driver: str | None = None,
    owner: Annotated[
        str | None,
        Parameter(help="the house of a province by its code such as 130000; as LEITAI_OWNER says if not given"),
    ] = None,
    config: Path | None = None,
) -> None:
    """Run roles until SIGTERM. Stores and keys come from the configuration (LEITAI_VALKEY_URL, LEITAI_DATABASE_URL,
    LEITAI_SECRET_KEY).

    With `--gateways` each role is a process of its own, restarted when it dies; SIGHUP replaces them one by one, each
    by a new one that is ready, while the contest goes on.
    """
    settings = read_settings(config, listen=listen, origins=origins, driver=driver, owner=owner)
    logs.configure(settings.log_format, settings.log_level)
    if houses:
        _houses(settings, houses, config)
        return
    wanted = tuple(role.strip() for role in roles.split(",") if role.strip())
    unknown = [role for role in wanted if role not in (*ROLES, MONTHLY)]
    if unknown or not wanted:
        raise SystemExit(f"unknown roles: {', '.join(unknown) or 'none given'}")
    if MONTHLY in wanted and len(wanted) > 1 and not gateways:
        raise SystemExit("monthly is a process of its own: give it alone, or with --gateways")
    if gateways < 0 or (gateways and "gateway" not in wanted):
        raise SystemExit("--gateways wants the role gateway, and a number from 1 on")
    if not gateways:
        work(settings, wanted)
        return
    structlog.contextvars.bind_contextvars(role="supervisor")
    # The file is read anew by every process that is started, so that a roll takes over what was changed in it.
    given = {
        CONFIG: config and str(config.resolve()),
        "LEITAI_ORIGINS": origins,
        "LEITAI_DRIVER": driver,
        "LEITAI_OWNER": owner,
    }
    environment = {name: value for name, value in given.items() if value is not None}
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_apart(settings, wanted, gateways, environment, viewers=viewers))


def _houses(settings: Settings, named: str, config: Path | None) -> None:
    """Run provinces' houses until SIGTERM."""
    from leitai.cli.houses import read_houses, run_houses

    if settings.owner:
        raise SystemExit("--houses is the nation's: leave LEITAI_OWNER and --owner empty")
    try:
        codes, auto = read_houses(named)
    except ValueError as wrong:
        raise SystemExit(str(wrong)) from None
    structlog.contextvars.bind_contextvars(role="houses")
    environment = {CONFIG: str(config.resolve())} if config else {}
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run_houses(settings, codes, environment, auto=auto))


async def _apart(
    settings: Settings, roles: tuple[str, ...], gateways: int, environment: dict[str, str], *, viewers: bool
) -> None:
    """Run every role in processes of its own until SIGTERM."""
    from leitai.cli.processes import processes
    from leitai.supervisor import Supervisor
    from leitai.web.handing import open_way
    from leitai.web.listening import open_listener

    with (
        open_listener(settings.address) as listener,
        open_listener(settings.office_address) if "office" in roles else nullcontext() as office,
        open_listener(settings.practice_address) if "practice" in roles else nullcontext() as practice,
        open_listener(settings.monthly_address) if MONTHLY in roles else nullcontext() as monthly,
        open_way() if viewers and settings.driver == "picows" else nullcontext() as way,
        tempfile.TemporaryDirectory(prefix="leitai-") as folder,
    ):
        doors = [-1 if one is None else one.fileno() for one in (office, practice, monthly)]
        ends = None if way is None else (way[0].fileno(), way[1].fileno())
        made = processes(
            settings, roles, gateways, listener.fileno(), *doors, viewers_way=ends, environment=environment
        )
        await Supervisor(made, Path(folder), logged=False).run()
