"""The program as users get it: a wheel built from this checkout, installed into an environment without the checkout."""

import importlib.util
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_WAIT_S = 300


def build_wheel(folder: Path) -> Path:
    """Build the wheel into `folder`; the pages are built first when they never were, and there is npm."""
    if not (ROOT / "client/dist/index.html").is_file():
        if shutil.which("npm") is None or not (ROOT / "client/node_modules").is_dir():
            pytest.skip("the pages are not built, and there is no npm to build them: make client")
        _run("npm", "run", "build", cwd=ROOT / "client")
    _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=ROOT)
    (wheel,) = folder.glob("*.whl")
    return wheel


def install(wheel: Path, folder: Path) -> Path:
    """Install the wheel and the packages of its lock into a new environment at `folder`; return its bin folder."""
    if uv := shutil.which("uv"):
        _run(uv, "venv", "-q", "--python", sys.executable, str(folder))
        installer = [uv, "pip", "install", "-q", "--python", str(folder / "bin/python")]
    elif importlib.util.find_spec("pip"):
        venv.create(folder, symlinks=True)
        installer = [sys.executable, "-m", "pip", "--python", str(folder / "bin/python"), "install", "-q"]
    else:
        pytest.skip("neither uv nor pip is there to install with")
    _run(*installer, "--require-hashes", "-r", str(ROOT / "requirements.lock"))
    _run(*installer, "--no-deps", "--no-index", str(wheel))
    return folder / "bin"


def _run(*command: str, cwd: Path | None = None) -> None:
    done = subprocess.run(
        command,
        cwd=cwd or Path(os.sep),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=_WAIT_S,
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
