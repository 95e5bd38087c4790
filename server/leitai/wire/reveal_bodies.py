"""The JSON bodies of the reveal (滚榜): what the public sees of it, and what whoever directs it works with."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from leitai.wire.air_bodies import AirHolder, AirReveal

MoveName = Literal["begin", "next", "back", "jump", "end"]
GroupName = Literal["delegations", "individuals", "province"]
BEST_DEFAULT = 50


class RevealBody(Struct, frozen=True):
    """The reveal as far as it has been played; None while nothing is being revealed. `edition` counts its moves."""

    session: int
    edition: int
    reveal: AirReveal | None


class RevealStep(Struct, frozen=True):
    """A step: `kind` is `place`, or `call_out` with the `award` and its `holders`, best first."""

    kind: str
    rank: int = 0
    name: str = ""
    delegation: str = ""
    centipoints: int = 0
    elapsed_ms: int = 0
    awards: list[str] = []
    award: str = ""
    holders: list[AirHolder] = []


class RevealSteps(Struct, frozen=True):
    """Every step of a reveal, first to last. `digest` is what it is known again by."""

    session: int
    group: str
    delegation: str
    best: int
    digest: str
    steps: list[RevealStep]


class RevealHeld(Struct, frozen=True):
    """A reveal as it is set down: of which list, how far, and what the public sees of it; empty digest: none is on."""

    edition: int = 0
    group: str = ""
    delegation: str = ""
    best: int = 0
    digest: str = ""
    shown: int = 0
    reveal: AirReveal | None = None


class RevealDesk(Struct, frozen=True):
    """How the reveal stands for whoever directs it. `changed`: the list is another than the one that was begun."""

    session: int
    phase: str
    frozen: bool
    edition: int
    on: bool
    group: str
    delegation: str
    best: int
    digest: str
    shown: int
    changed: bool


class RevealMove(Struct, frozen=True):
    """A key of the director's. `expects` is the edition that was seen; `begin` names the list by its digest, `jump`
    says how many steps are to be shown.
    """

    session: int
    expects: Annotated[int, Meta(ge=0)]
    move: MoveName
    group: GroupName = "delegations"
    delegation: Annotated[str, Meta(max_length=6)] = ""
    best: Annotated[int, Meta(ge=0, le=100_000)] = BEST_DEFAULT
    digest: Annotated[str, Meta(max_length=64)] = ""
    shown: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
