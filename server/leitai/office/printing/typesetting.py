"""Setting pages: a template of ours (`*.typ` in this folder) and data make a PDF, or pictures to look at.

A character that no font has is left blank, whatever it stands in (`fonts.BLANK`); who may not print so looks before.
"""

from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from leitai.office.printing.fonts import fonts, with_blanks

if TYPE_CHECKING:
    import typst

Template = Literal["badge", "certificates", "poster", "tickets"]
_AT = datetime(2000, 1, 1, tzinfo=UTC)
"""A PDF's own date of making would make every run differ; what is printed says its date itself."""


def pdf(template: Template, data: Any) -> bytes:
    """Return the pages as one PDF, the same bytes for the same data. Takes some milliseconds a page: off the loop.

    `data` is anything that JSON can say; templates read it as `json(bytes(sys.inputs.data))`.
    """
    made = _compiler(template).compile(format="pdf", sys_inputs=_inputs(data), timestamp=_AT)
    assert isinstance(made, bytes)
    return made


def pictures(template: Template, data: Any, ppi: float = 96) -> list[bytes]:
    """Return each page as PNG, to be looked at on a screen."""
    made = _compiler(template).compile(format="png", ppi=ppi, sys_inputs=_inputs(data))
    return [made] if isinstance(made, bytes) else list(made or ())


def _inputs(data: Any) -> dict[str, str]:
    return {"data": with_blanks(msgspec.json.encode(data).decode("utf-8"))}


@cache
def _source(template: Template) -> bytes:
    return files("leitai.office.printing").joinpath(f"{template}.typ").read_bytes()


def _compiler(template: Template) -> "typst.Compiler":
    import typst  # only whoever prints: gateways start without it

    # One for each call: a compiler keeps what it was given last, and calls come from several threads.
    return typst.Compiler(_source(template), font_paths=fonts(), ignore_system_fonts=True)
