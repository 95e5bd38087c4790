"""Files that are not Python but belong to the program: SQL, examples, the built client, settings of others."""

from pathlib import Path
from typing import ClassVar, Literal

_HERE = Path(__file__).parent
_CHECKOUT = {"sql": "schema/sql", "examples": "schema/examples", "client": "client/dist", "deploy": "docs/deploy"}

Resource = Literal["sql", "examples", "client", "deploy"]


class NotShippedError(Exception):
    """The folder `name` is neither in the installed package nor in a checkout; `tried` are the places looked at."""

    code: ClassVar[str] = "not-shipped"

    def __init__(self, name: str, tried: tuple[Path, ...]) -> None:
        super().__init__(f"{name} is missing, looked at {' and '.join(map(str, tried))}")
        self.name = name
        self.tried = tried


def shipped(name: Resource) -> Path:
    """The folder of the SQL migrations, the examples, the built client or the settings of other programs.

    Raises:
        NotShippedError: it is nowhere (a checkout has no built client before it was built).
    """
    tried = (_HERE / "_shipped" / name, _HERE.parents[1] / _CHECKOUT[name])
    for folder in tried:
        if folder.is_dir():
            return folder
    raise NotShippedError(name, tried)


def built_client() -> Path | None:
    """The folder of the built pages; None before they are built."""
    try:
        return shipped("client")
    except NotShippedError:
        return None
