"""SQL lives in .sql files: statements after `-- name: …` lines, read once and looked up by name.

What several statements of a file have in common stands once, after a `-- part: …` line, and a line `-- take: …` in a
statement or in a later part stands for it.
"""

import re
from importlib.resources import files

_HEAD = re.compile(r"^-- (name|part): (\w+)\s*$", re.MULTILINE)
_TAKE = re.compile(r"^-- take: (\w+)\s*$", re.MULTILINE)


class Queries:
    """The statements of one file of `leitai/stores/postgres/sql/`, by name.

    >>> Queries("archive")["answers"]  # doctest: +SKIP
    """

    def __init__(self, name: str) -> None:
        text = files("leitai.stores.postgres").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
        self._statements = statements(text)

    def __getitem__(self, name: str) -> str:
        """Return a statement; raises KeyError when the file has none of that name."""
        return self._statements[name]


def statements(text: str) -> dict[str, str]:
    """Return the statements of a file by name; raises KeyError when one takes a part that no line above has."""
    parts: dict[str, str] = {}
    made: dict[str, str] = {}
    pieces = _HEAD.split(text)
    for kind, name, body in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        whole = _TAKE.sub(lambda taken: parts[taken[1]], body).strip()
        (made if kind == "name" else parts)[name] = whole
    return made
