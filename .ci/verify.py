"""Reads and tests the whole checkout: `verify.py check` runs the checks, `verify.py test` the suites beside them.

Every check is one line, with its output only when it fails. The suites report in their machine-readable forms, so that
nothing is guessed from what they print. The last line is `N passed, N failed`; a failed check counts as one, and so
does a suite, or a folder of one, in which nothing ran.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree  # reads what pytest has just written

ROOT = Path(__file__).parents[1]
CLIENT = ROOT / "client"
LIMIT_S = 1500
"""A suite that takes longer hangs."""
LOCKS = ("requirements.lock", "requirements-dev.lock", "client/package-lock.json")
# A path such as node_modules/@scope/name has no dot before its first slash, a host has.
_ADDRESS = re.compile(r"[a-z][a-z+]*://|--(?:extra-)?index-url|--find-links|\"resolved\"", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Check:
    """A name to print and what to run: a command line in a folder, or a function that returns complaints."""

    name: str
    run: tuple[str, ...] | Callable[[], list[str]]
    folder: Path = ROOT


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the tests of one suite, or one folder of it."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    @property
    def ran(self) -> int:
        """How many tests came to a verdict."""
        return self.passed + self.failed


def python(*arguments: str) -> tuple[str, ...]:
    """Return the command line of a Python module of the environment."""
    return (sys.executable, "-m", *arguments)


CHECKS = (
    Check("types", python("basedpyright")),
    Check("client types", ("node_modules/.bin/vue-tsc", "--noEmit"), CLIENT),
    Check("client style", ("node_modules/.bin/eslint", "."), CLIENT),
    Check("client size", ("node", "scripts/size.mjs"), CLIENT),
    Check("client wire types are fresh", ("node", "scripts/generate-wire.mjs", "--check"), CLIENT),
    Check("import rules", (str(Path(sys.executable).with_name("lint-imports")), "--no-cache")),
    Check("published wire is fresh", python("leitai.wire.publish", "--check")),
    Check("published HTTP contract is fresh", python("leitai.web.publish", "--check")),
    Check("style", python("ruff", "check", ".")),
    Check("format", python("ruff", "format", "--check", ".")),
    Check("locks name no address", lambda: addresses_in(LOCKS)),
)


def addresses_in(names: Iterable[str], root: Path = ROOT) -> list[str]:
    """Return a complaint for each line of a lock that names a URL, an index or where a package came from."""
    return [
        f"{name}:{number}: {line.strip()[:120]}"
        for name in names
        for number, line in enumerate((root / name).read_text("utf-8").splitlines(), 1)
        if _ADDRESS.search(line)
    ]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is wrong by one check (None: nothing), and how many seconds it took to know."""

    name: str
    complaint: str | None
    seconds: float


def run_checks(checks: Iterable[Check] = CHECKS, *, behind: bool = False) -> list[Outcome]:
    """Run all checks, two at a time; `behind`: one at a time, in what others leave of the machine."""
    with ThreadPoolExecutor(1 if behind else 2) as pool:
        return list(pool.map(lambda check: _checked(check, ("nice", "-n", "15") if behind else ()), checks))


def tell(outcomes: Iterable[Outcome]) -> list[str]:
    """Say what each check came to; return the names of those that failed."""
    failed: list[str] = []
    for outcome in outcomes:
        verdict = "ok" if outcome.complaint is None else "FAILED"
        _say(f"check: {outcome.name:<34} {verdict:<6} {outcome.seconds:6.1f} s")
        if outcome.complaint is not None:
            _say(outcome.complaint)
            failed.append(outcome.name)
    return failed


def _checked(check: Check, before: tuple[str, ...]) -> Outcome:
    begun = time.monotonic()
    if callable(check.run):
        complaint = "\n".join(check.run()) or None
    else:
        done = subprocess.run(
            before + check.run,
            cwd=check.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        complaint = None if done.returncode == 0 else done.stdout.rstrip() or f"exit code {done.returncode}"
    return Outcome(check.name, complaint, time.monotonic() - begun)


def run_client_tests(report: Path) -> dict[str, Tally]:
    """Run vitest; return its tally."""
    reporters = ("--reporter=dot", "--reporter=json", f"--outputFile.json={report}")
    code = _shown(CLIENT, "node_modules/.bin/vitest", "run", *reporters)
    return {"client": settled(read_vitest(report), code)}


def run_server_tests(report: Path, arguments: Iterable[str] = ()) -> dict[str, Tally]:
    """Run pytest on four processes; return a tally per folder of tests."""
    # Four on two cores: half of what a contest takes is waiting for its clock. In the order of tests/conftest.py: one
    # process plays the contests that take minutes and little else, so that three browsers work at a time and not four.
    options = ("-q", "-n", "4", "--dist", "loadfile", "--no-loadscope-reorder", "--durations=8", f"--junitxml={report}")
    code = _shown(ROOT, *python("pytest", *options, *arguments))
    tallies = dict.fromkeys(folders_of_tests(), Tally()) | read_junit(report)
    total = sum(tallies.values(), Tally())
    if settled(total, code) != total:
        tallies["pytest itself"] = Tally(failed=1)
    return tallies


def _shown(folder: Path, *command: str) -> int:
    try:
        return subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, check=False, timeout=LIMIT_S).returncode
    except subprocess.TimeoutExpired:
        _say(f"ended after {LIMIT_S} s: {' '.join(command)}")
        return 1


def folders_of_tests(tests: Path = ROOT / "tests") -> list[str]:
    """Return the folders of tests/ that hold test files, `tests` among them."""
    return sorted({".".join(file.parent.relative_to(tests.parent).parts[:2]) for file in tests.rglob("test_*.py")})


def settled(tally: Tally, code: int) -> Tally:
    """Return `tally` with one failure more when the suite ended badly although no test of it failed."""
    return tally + Tally(failed=1) if code != 0 and tally.failed == 0 else tally


def read_vitest(report: Path) -> Tally:
    """Return the tally of vitest's JSON report; none at all when there is no report."""
    try:
        counts = json.loads(report.read_text("utf-8"))
    except (OSError, ValueError):
        return Tally()
    return Tally(counts["numPassedTests"], counts["numFailedTests"], counts["numPendingTests"])


def read_junit(report: Path) -> dict[str, Tally]:
    """Return the tallies of pytest's JUnit report by folder of tests; none when there is no report."""
    counts: dict[str, Counter[str]] = {}
    for folder, verdict in _verdicts(report):
        counts.setdefault(folder, Counter())[verdict] += 1
    return {folder: Tally(count["passed"], count["failed"], count["skipped"]) for folder, count in counts.items()}


def _verdicts(report: Path) -> Iterator[tuple[str, str]]:
    try:
        cases = ElementTree.parse(report).getroot().iter("testcase")
    except (OSError, ElementTree.ParseError):
        return
    for case in cases:
        parts = case.get("classname", "").split(".")
        folder = ".".join(parts[:2]) if len(parts) > 2 else "tests"
        children = {child.tag for child in case}
        if children & {"failure", "error"}:
            yield folder, "failed"
        else:
            yield folder, "skipped" if "skipped" in children else "passed"


def closing(tallies: dict[str, Tally], failed_checks: list[str]) -> tuple[list[str], bool]:
    """Return the lines that sum everything up, the last being `N passed, N failed`, and whether all is well."""
    lines = ["", f"{'suite':<20} {'passed':>7} {'failed':>7} {'skipped':>8}"]
    failed = len(failed_checks)
    for name, tally in sorted(tallies.items()):
        remark = ""
        if tally.ran == 0:
            failed += 1
            remark = "  nothing ran here"
        lines.append(f"{name:<20} {tally.passed:>7} {tally.failed:>7} {tally.skipped:>8}{remark}")
    if failed_checks:
        lines.append(f"failed checks: {', '.join(failed_checks)}")
    total = sum(tallies.values(), Tally())
    lines.append(f"{total.passed} passed, {total.failed + failed} failed")
    return lines, total.failed + failed == 0


def main(arguments: list[str]) -> int:
    """Run `check` or `test` (further words go to pytest); return 0 when all is well."""
    if not arguments or arguments[0] not in ("check", "test"):
        print(__doc__, file=sys.stderr)
        return 2
    if arguments[0] == "check":
        failed_checks = tell(run_checks())
        _say("check: all is well" if not failed_checks else f"check: {', '.join(failed_checks)} failed")
        return 1 if failed_checks else 0
    # Contests wait for their clocks a third of the time: long enough to read the whole checkout.
    with tempfile.TemporaryDirectory(prefix="leitai-verify-") as folder, ThreadPoolExecutor(1) as beside:
        outcomes = beside.submit(run_checks, behind=True)
        _say("test: the client")
        tallies = run_client_tests(Path(folder) / "vitest.json")
        _say("test: the server")
        tallies |= run_server_tests(Path(folder) / "pytest.xml", arguments[1:])
        failed_checks = tell(outcomes.result())
    lines, well = closing(tallies, failed_checks)
    _say("\n".join(lines))
    return 0 if well else 1


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    if not sys.stdout.isatty():
        os.environ["NO_COLOR"] = "1"
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    sys.exit(main(sys.argv[1:]))
