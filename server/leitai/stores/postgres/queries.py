"""SQL lives in .sql files: statements after `-- name: …` lines, read once and looked up by name."""

import re
from importlib.resources import files

_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


class Queries:
    """The statements of one file of `leitai/stores/postgres/sql/`, by name.

    >>> Queries("archive")["answers"]  # doctest: +SKIP
    """

    def __init__(self, name: str) -> None:
        text = files("leitai.stores.postgres").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
        parts = _NAME.split(text)
        self._statements = dict(zip(parts[1::2], (part.strip() for part in parts[2::2]), strict=True))

    def __getitem__(self, name: str) -> str:
        """Return a statement; raises KeyError when the file has none of that name."""
        return self._statements[name]
