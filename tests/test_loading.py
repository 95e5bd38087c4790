"""What a process loads before it works: a gateway that is started again keeps contestants waiting for as long."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

WRITERS = {"docx", "lxml", "openpyxl", "segno", "typst", "xlsxwriter"}
OFFICE = "leitai.office_parts"


def _loaded(role: str) -> set[str]:
    text = f"import leitai.compose, leitai.roles.{role}, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True, timeout=300)
    return set(done.stdout.split())


@pytest.mark.parametrize("role", ["director", "gateway", "recorder"])
def test_no_role_of_the_contest_loads_the_offices_parts(role: str) -> None:
    assert not _loaded(role) & {OFFICE, *WRITERS}


def test_a_role_starts_without_what_only_terminals_need(tmp_path: Path) -> None:
    begin = (
        "import contextlib, runpy, sys\n"
        "with contextlib.suppress(SystemExit):\n"
        "    runpy.run_module('leitai.role', run_name='__main__')\n"
        "print(*(name for name, module in sys.modules.items() if module))"
    )
    environment = {**os.environ, "LEITAI_CONFIG": str(tmp_path / "nowhere.toml")}
    done = subprocess.run(
        [sys.executable, "-c", begin], capture_output=True, text=True, check=True, timeout=300, env=environment
    )
    loaded = set(done.stdout.split())
    assert {"leitai.compose", "structlog"} <= loaded
    assert not {name for name in loaded if name.partition(".")[0] in ("cyclopts", "rich")}


def test_the_office_loads_its_parts_and_what_writes_files_at_need() -> None:
    loaded = _loaded("office")
    assert OFFICE in loaded
    assert not loaded & WRITERS
