"""A contest under load, for Locust; docs/loadtest.md says how to run it and how to read its table.

    locust -f loadtest/locustfile.py --headless --host http://127.0.0.1:8000 --scenario national --credentials FILE.csv

`--users` is how many contestants take part (default: every row of the credentials); viewers come besides. The contest
is started by whoever runs it. The exit code is 1 when a request or a check failed, or somebody did not come to the end.
"""

import logging
import os
import sys
from pathlib import Path
from time import process_time
from typing import Any

from locust import User, events, task
from locust.argument_parser import LocustArgumentParser
from locust.env import Environment
from locust.exception import StopUser
from locust.runners import Runner, WorkerRunner

from lead import CONTESTANT, DESK, OVERLAY, VIEWER, Lead, Seats, read_seats, read_watchers
from leitai_loadtest import journal
from leitai_loadtest.files import allow_many_files, stand_back
from leitai_loadtest.glances import Stretches
from leitai_loadtest.swarm import contestant, viewer
from leitai_loadtest.swarm.addresses import address
from leitai_loadtest.swarm.hall import Hall
from leitai_loadtest.swarm.scenarios import SCENARIOS
from leitai_loadtest.swarm.watchers import DESK_CHECK, OVERLAY_CHECK, DeskWatcher, OverlayWatcher

log = logging.getLogger(__name__)
PARTS = {"": {CONTESTANT, VIEWER, DESK, OVERLAY}, "contestants": {CONTESTANT, VIEWER}, "watchers": {DESK, OVERLAY}}
CAME_TO_THE_END = "came to the end"


class Party:
    """What this process's users share; made when the run begins, for workers get their options only then."""

    seats: Seats
    hall: Hall
    journals: list[journal.Journal]
    office: str
    desk_within_s: float


class Contestant(User):
    """One contestant of the scenario."""

    @task
    def sit(self) -> None:
        """Take part in one contest, from sign-in to the own result."""
        seat = Party.seats.take(CONTESTANT)
        one = contestant.Contestant(Party.hall, seat, address(Party.hall, seat.number), on_ready=Party.seats.checked_in)
        Party.journals.append(one.journal)
        problem = ""
        try:
            one.play()
            one.review()
        except Exception as error:  # whatever it was, it failed this contestant and nobody else
            problem = f"{type(error).__name__}: {error}"
        Party.hall.record("check", CAME_TO_THE_END, 0.0, 0, problem)
        Party.seats.done(checked_in=one.ready)
        raise StopUser


class Viewer(User):
    """One viewer of boards."""

    @task
    def watch(self) -> None:
        """Watch a page until the run ends."""
        number = Party.seats.take(VIEWER).number
        viewer.Viewer(Party.hall, number, address(Party.hall, number, viewer=True)).watch()


class DeskJudge(User):
    """One judge at the desk."""

    @task
    def watch(self) -> None:
        """Watch answers arrive until the contest is over."""
        seat = Party.seats.take(DESK)
        _play_out(DeskWatcher(Party.hall, seat, Party.office, Party.desk_within_s), DESK_CHECK)


class Overlay(User):
    """One overlay on air."""

    @task
    def show(self) -> None:
        """Take whatever is told to overlays until the contest is over."""
        seat = Party.seats.take(OVERLAY)
        _play_out(OverlayWatcher(Party.hall, seat, Party.office), OVERLAY_CHECK)


def _play_out(watcher: DeskWatcher | OverlayWatcher, check: str) -> None:
    try:
        watcher.watch(Party.seats.checked_in)
    except Exception as error:  # as with contestants
        Party.hall.record("check", check, 0.0, 0, f"{type(error).__name__}: {error}")
    Party.seats.done(checked_in=watcher.ready)
    raise StopUser


@events.init_command_line_parser.add_listener
def add_options(parser: LocustArgumentParser, **_: Any) -> None:
    """Add the options of this file."""

    def add(name: str, **more: Any) -> None:
        parser.add_argument(name, include_in_web_ui=False, **more)

    add("--scenario", choices=[*SCENARIOS], default="national", help="what the crowd does")
    add("--credentials", help="CSV with admission_no and code; not needed by workers")
    add("--viewers", type=int, default=-1, help="so many viewers of boards; by default as the scenario has it")
    add(
        "--part",
        choices=PARTS,
        default="",
        help="only these, in a process of their own; all if empty",
    )
    add("--office", default="", help="address of the staff's door, for scenarios with judges")
    add("--staff", default="", help="CSV with role (desk, overlay), login and secret; not needed by workers")
    add("--desk-within", type=float, default=1.0, help="seconds within which a desk must show an answer")
    add(
        "--look-away",
        type=float,
        default=0.0,
        help="judges and overlays look on for so many seconds in every turn; 0: always",
    )
    add("--look-away-of", type=int, default=2, help="a turn is so many times as long")
    add("--seed", type=int, default=1, help="decides who answers what and when")
    add("--patience", type=float, default=60.0, help="seconds from the end until all must be published")
    add("--journals", default="", help="folder for everyone's answers and acknowledgements, one file per process")
    add("--tell", action="store_true", help="say on standard output when everyone is in, as a JSON line")


@events.init.add_listener
def prepare(environment: Environment, runner: Runner, **_: Any) -> None:
    """Take up seats, and in the process that leads hand them out."""
    allow_many_files()
    Party.seats = Seats(runner)
    if isinstance(runner, WorkerRunner):
        return
    options = environment.parsed_options
    assert options is not None
    if not options.credentials or not environment.host:
        sys.exit("--host and --credentials are needed")
    contestants = read_seats(Path(options.credentials), options.num_users)
    if len(contestants) < (options.num_users or 1):
        sys.exit(f"{options.credentials} has {len(contestants)} rows, fewer than --users")
    if options.part == "watchers":
        stand_back()
    scenario = SCENARIOS[options.scenario]
    watching = scenario.viewers(len(contestants)) if options.viewers < 0 else options.viewers
    viewers = [contestant.Seat(number, watching) for number in range(watching)]
    if (scenario.desks or scenario.overlays) and not (options.office and options.staff):
        sys.exit("this scenario needs --office and --staff")
    watchers = read_watchers(Path(options.staff)) if options.staff else {DESK: [], OVERLAY: []}
    seats = {CONTESTANT: contestants, VIEWER: viewers, **watchers}
    apart = PARTS[options.part]
    seats = {role: of_role if role in apart else [] for role, of_role in seats.items()}
    classes: dict[str, type[User]] = {CONTESTANT: Contestant, VIEWER: Viewer, DESK: DeskJudge, OVERLAY: Overlay}
    for role, kind in classes.items():
        kind.fixed_count = len(seats[role])
        if not seats[role]:
            environment.user_classes.remove(kind)
    options.num_users = sum(map(len, seats.values()))
    Lead(environment, scenario, seats, tell=options.tell)
    ends = {CAME_TO_THE_END: CONTESTANT, DESK_CHECK: DESK, OVERLAY_CHECK: OVERLAY}

    def judge(environment: Environment, **_: Any) -> None:
        for check, role in ends.items():
            of_role = len(seats[role])
            if missing := of_role - environment.stats.get(check, "check").num_requests:
                log.error("%d of %d %ss did not come to the end", missing, of_role, role)
                environment.process_exit_code = 1

    environment.events.quitting.add_listener(judge)


@events.test_start.add_listener
def begin(environment: Environment, **_: Any) -> None:
    """Make what this process's users share."""
    options = environment.parsed_options
    assert options is not None
    assert environment.host is not None

    def record(kind: str, name: str, milliseconds: float, size: int, problem: str) -> None:
        environment.events.request.fire(
            request_type=kind,
            name=name,
            response_time=milliseconds,
            response_length=size,
            exception=RuntimeError(problem) if problem else None,
            context={},
        )

    scenario = SCENARIOS[options.scenario]
    Party.hall = Hall(
        environment.host,
        scenario,
        record,
        seed=options.seed,
        patience_s=options.patience,
        stretches=Stretches(options.look_away, options.look_away_of),
    )
    Party.journals = []
    Party.office = options.office
    Party.desk_within_s = options.desk_within


@events.quitting.add_listener
def keep_journals(environment: Environment, **_: Any) -> None:
    """Write this process's journals, and tell what it cost to play them."""
    log.info("%.1f s of CPU", process_time())
    options = environment.parsed_options
    if options is not None and options.journals and getattr(Party, "journals", None):
        folder = Path(options.journals)
        folder.mkdir(parents=True, exist_ok=True)
        journal.write(folder / f"{os.getpid()}.jsonl", Party.journals)
