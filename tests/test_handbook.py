"""The handbooks show commands and settings that exist."""

import re
import shlex
from pathlib import Path

import pytest

from leitai.cli import app
from leitai.config import Settings

ROOT = Path(__file__).parents[1]
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "CONTRIBUTING.md", ROOT / "README.md"]
OPERATOR = (ROOT / "docs/handbook/operator.md").read_text("utf-8")
_FENCE = re.compile(r"^ *```sh\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
_ROOMS = "client|docs|doctor|live|loadtest|office|roles|rules|schema|server|stores|tests|web|wire"
_PLACE = re.compile(rf"`((?:{_ROOMS}|cli)/[\w/.*-]+)`")


def _commands(text: str) -> list[str]:
    lines = "\n".join(_FENCE.findall(text)).replace("\\\n", " ").splitlines()
    return [line.strip() for line in lines if line.strip().startswith("leitai ")]


@pytest.mark.parametrize("line", sorted({line for page in PAGES for line in _commands(page.read_text("utf-8"))}))
def test_a_command_that_is_shown_can_be_given(line: str) -> None:
    words = shlex.split(line.partition(">")[0])[1:]
    _, bound, _ = app.parse_args(words, exit_on_error=False, print_error=False)
    assert bound.arguments


def test_the_operators_page_shows_commands() -> None:
    shown = {tuple(shlex.split(line)[1:3]) for line in _commands(OPERATOR)}
    assert {("bank", "import"), ("session", "create"), ("roster", "sheet"), ("conduct", "pause")} <= shown


def test_every_setting_is_told_and_no_other() -> None:
    told = set(re.findall(r"^\| `(LEITAI_\w+)` \|", OPERATOR, re.MULTILINE))
    assert told == {f"LEITAI_{name.upper()}" for name in Settings.__struct_fields__}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in _LINK.findall(page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_places_that_are_named_exist(page: Path) -> None:
    """A file or folder of the checkout, of the server or of the client, with or without its ending or a name in it."""
    for place in _PLACE.findall(page.read_text("utf-8")):
        without_name = re.sub(r"\.\w+$", "", place)
        names = (
            place,
            *(f"{without_name}{ending}" for ending in ("", ".py", ".ts", ".vue")),
            f"{place}_*.sql",
            f"{place}.sql",
        )
        bases = (ROOT, ROOT / "server/leitai", ROOT / "client/src")
        assert any(any(base.glob(name)) for base in bases for name in names), place


def test_targets_of_make_that_are_shown_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    shown = {target for page in PAGES for target in re.findall(r"^ *make (\w+)", page.read_text("utf-8"), re.MULTILINE)}
    assert shown
    for target in shown:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
