"""The closing line tells the truth: what failed, what never ran, and what was skipped."""

import json
import runpy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
verify: Any = SimpleNamespace(**runpy.run_path(str(ROOT / ".ci/verify.py"), run_name="verify"))
Tally = verify.Tally

JUNIT = """<?xml version="1.0"?>
<testsuites><testsuite name="pytest" tests="5">
<testcase classname="tests.rules.test_draw" name="a"/>
<testcase classname="tests.rules.test_draw.TestSeed" name="b"><failure message="no"/></testcase>
<testcase classname="tests.web.test_pages" name="c"><skipped message="no browser"/></testcase>
<testcase classname="tests.web.test_pages" name="d"/>
<testcase classname="tests.web.test_pages" name="d"><error/></testcase>
<testcase classname="tests.test_supervisor" name="e"/>
</testsuite></testsuites>"""


def test_the_last_line_counts_all_suites() -> None:
    lines, well = verify.closing({"client": Tally(passed=3), "tests.rules": Tally(4, 0, 1)}, [])
    assert lines[-1] == "7 passed, 0 failed"
    assert well


@pytest.mark.parametrize(
    ("tallies", "failed_checks", "line"),
    [
        ({"client": Tally(passed=3), "tests.e2e": Tally(skipped=2)}, [], "3 passed, 1 failed"),
        ({"client": Tally(passed=3), "tests.e2e": Tally()}, [], "3 passed, 1 failed"),
        ({"client": Tally(passed=3)}, ["types", "style"], "3 passed, 2 failed"),
        ({"client": Tally(passed=3, failed=1)}, [], "3 passed, 1 failed"),
    ],
    ids=["all skipped", "none found", "checks", "a test"],
)
def test_what_did_not_run_and_what_failed_count_as_failed(
    tallies: dict[str, Any], failed_checks: list[str], line: str
) -> None:
    lines, well = verify.closing(tallies, failed_checks)
    assert lines[-1] == line
    assert not well


def test_junit_is_counted_by_folder(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(JUNIT)
    assert verify.read_junit(report) == {
        "tests.rules": Tally(1, 1, 0),
        "tests.web": Tally(1, 1, 1),
        "tests": Tally(1, 0, 0),
    }


def test_vitest_is_counted(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    report.write_text(json.dumps({"numPassedTests": 5, "numFailedTests": 1, "numPendingTests": 2}))
    assert verify.read_vitest(report) == Tally(5, 1, 2)


@pytest.mark.parametrize("content", [None, "", "{", "<testsuites>"])
def test_a_report_that_is_missing_or_broken_counts_nothing(tmp_path: Path, content: str | None) -> None:
    report = tmp_path / "report"
    if content is not None:
        report.write_text(content)
    assert verify.read_vitest(report) == Tally()
    assert verify.read_junit(report) == {}


def test_a_suite_that_ends_badly_without_a_failed_test_has_failed() -> None:
    assert verify.settled(Tally(9, 0, 0), 2) == Tally(9, 1, 0)
    assert verify.settled(Tally(9, 1, 0), 1) == Tally(9, 1, 0)
    assert verify.settled(Tally(9, 0, 0), 0) == Tally(9, 0, 0)


def test_every_folder_with_tests_is_expected_to_run(tmp_path: Path) -> None:
    for name in ("test_top.py", "rules/test_draw.py", "stores/deep/test_pool.py", "support/helpers.py"):
        file = tmp_path / "tests" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    assert verify.folders_of_tests(tmp_path / "tests") == ["tests", "tests.rules", "tests.stores"]


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://packages.example/simple",
        "--find-links /srv/wheels",
        "thing @ https://packages.example/thing.whl",
        '"resolved": "https://packages.example/vue.tgz",',
        "# from git+ssh://packages.example/thing",
    ],
)
def test_a_lock_that_names_an_address_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.lock").write_text(f"redis==8.0.0 \\\n    --hash=sha256:00\n{line}\n")
    assert verify.addresses_in(["a.lock"], tmp_path) == [f"a.lock:3: {line}"]


def test_the_locks_of_this_checkout_name_none() -> None:
    assert verify.addresses_in(verify.LOCKS) == []


@pytest.mark.parametrize("behind", [False, True])
def test_every_check_is_told_and_the_failed_ones_are_named(*, behind: bool, capsys: pytest.CaptureFixture[str]) -> None:
    checks = [
        verify.Check("fine", ("true",)),
        verify.Check("broken", ("sh", "-c", "echo what is wrong; exit 3")),
        verify.Check("silent", ("false",)),
        verify.Check("own", lambda: ["a.lock:1: no"]),
    ]
    assert verify.tell(verify.run_checks(checks, behind=behind)) == ["broken", "silent", "own"]
    told = capsys.readouterr().out
    assert [line.split()[1] for line in told.splitlines() if line.startswith("check:")] == [c.name for c in checks]
    assert "what is wrong" in told
    assert "exit code 1" in told
    assert "a.lock:1: no" in told
