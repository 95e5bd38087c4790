"""The JSON body of both boards: the true one beside the public one, for judges."""

from msgspec import Struct


class BoardLine(Struct, frozen=True):
    """A place on the true board, and what the public board says of the same: rank 0 where it has none."""

    key: int
    rank: int
    name: str
    delegation: str
    centipoints: int
    elapsed_ms: int
    public_rank: int
    public_centipoints: int
    public_elapsed_ms: int


class BothBoards(Struct, frozen=True):
    """A page of the boards of the session in force, in the true order. `edition` is what commands are to expect.

    `frozen_us`: since when the public board is frozen, 0 while it is not and both boards are one; `freezes_at_us`: when
    it will be by itself, 0 when it will not. `two_persons`: a thaw is asked for, and another confirms it.
    """

    session: int
    title: str
    phase: str
    edition: str
    conducted: bool
    server_us: int
    frozen_us: int
    freezes_at_us: int
    view: str
    page: int
    pages: int
    total: int
    lines: list[BoardLine]
    two_persons: bool
