"""`leitai run` as a person runs it: it says where to go, Ctrl-C ends it and all that it started, and data stay."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.demo import Run, left_of, started
from tests.support.stores import scratch_folder
from tests.support.waiting import PATIENCE_S

OPTIONS = ("--contestants", "8", "--items", "3", "--seconds-per-item", "2", "--starts-in", "4")


@pytest.fixture
def data() -> Iterator[Path]:
    with scratch_folder() as folder:
        yield folder / "data"


def sign_in(run: Run) -> None:
    """Sign in at the kept seat."""
    body = json.dumps({"admission_no": run.number, "code": run.code}).encode()
    headers = {"Content-Type": "application/json", "Origin": run.url}
    request = urllib.request.Request(f"{run.url}/api/sign-in", body, headers)
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:
        assert json.load(response)["admission_no"] == run.number


def join(run: Run, code: str) -> int:
    """Come in as the first administrator; the status."""
    body = json.dumps({"login": "admin", "code": code, "password": "a good pass phrase"}).encode()
    headers = {"Content-Type": "application/json", "Origin": run.office}
    request = urllib.request.Request(f"{run.office}/api/staff/welcome", body, headers)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:
            assert json.load(response)["roles"] == ["administrator"]
            return response.status
    except urllib.error.HTTPError as refused:
        return refused.code


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds processes by /proc")
def test_a_run_serves_ends_with_ctrl_c_and_resumes_its_data(data: Path, built_client: Path) -> None:
    with started(data, *OPTIONS) as run:
        first = run.session()
        for path in ("/", "/contest", "/board", "/results"):
            assert "<div id=" in run.get(path)
        sign_in(run)
        # The code that a first start tells makes one administrator, once.
        code = run.invitation
        assert (join(run, code[:-1]), join(run, code), join(run, code)) == (401, 200, 401)
        assert len(left_of(run.mark, data)) > 4
        assert run.interrupt() == 0
        assert left_of(run.mark, data) == []
    with started(data, *OPTIONS) as run:
        assert run.session() > first
        assert run.invitation == ""
        assert run.interrupt() == 0
        assert left_of(run.mark, data) == []
