"""What a process loads before it works: a gateway that is started again keeps contestants waiting for as long."""

import subprocess
import sys

import pytest

WRITERS = {"docx", "lxml", "openpyxl", "segno", "typst", "xlsxwriter"}
OFFICE = "leitai.office_parts"


def _loaded(role: str) -> set[str]:
    text = f"import leitai.compose, leitai.roles.{role}, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split())


@pytest.mark.parametrize("role", ["director", "gateway", "recorder"])
def test_no_role_of_the_contest_loads_the_offices_parts(role: str) -> None:
    assert not _loaded(role) & {OFFICE, *WRITERS}


def test_the_office_loads_its_parts_and_what_writes_files_at_need() -> None:
    loaded = _loaded("office")
    assert OFFICE in loaded
    assert not loaded & WRITERS
