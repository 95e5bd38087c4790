"""What a process loads that serves contestants: it starts in a contest's time, and many of it stand in memory."""

import subprocess
import sys

_OF_THE_OFFICE = ("docx", "lxml", "openpyxl", "segno", "typst", "xlsxwriter")
_LOADED = f"import sys, leitai.compose; print(*sorted(set({_OF_THE_OFFICE!r}) & set(sys.modules)))"


def test_a_gateway_loads_nothing_that_only_writes_files() -> None:
    loaded = subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == []
