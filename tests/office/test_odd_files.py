"""The corpus: every broken, hostile or odd file is read or refused with its reason, and none takes more than it may."""

import json
import subprocess
import sys
from collections import Counter

import pytest

from leitai.office.importing.problems import PROBLEMS, FileRefused
from leitai.office.importing.questions import read_bank_file
from tests.support.corpus import MODULE, Case, packages, tables, writing

CASES = [*tables.cases(), *writing.cases(), *packages.cases()]


def test_the_corpus_is_large_and_its_names_are_unlike() -> None:
    assert len(CASES) >= 200
    assert [name for name, number in Counter(case.name for case in CASES).items() if number > 1] == []


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_an_odd_file(case: Case) -> None:
    data = case.make()
    if case.questions is None:
        with pytest.raises(FileRefused) as refused:
            read_bank_file(case.file_name, data)
        assert {refused.value.code} == case.codes
        assert refused.value.say("zh-CN") != refused.value.say("en") != ""
        return
    file = read_bank_file(case.file_name, data, module=MODULE if case.name != "no module" else "")
    assert (len(file.accepted), {problem.code for problem in file.refused}) == (case.questions, case.codes)
    places = {place for place, _ in file.accepted}
    assert not places & {(problem.sheet, problem.row) for problem in file.refused}
    assert all(PROBLEMS[problem.code] and problem.column and problem.row >= 1 for problem in file.refused)


def test_bombs_are_refused_within_their_memory_and_time() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.corpus.bombs"], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout)
    assert told["unlike"] == {}
    assert told["bombs"] >= 15
    assert told["peak_mib"] <= 512
    assert told["slowest_cpu_s"] < 10, told
