"""What the awards need from outside: their store (stores/postgres/awards_store), and the expert pool.

Every call may raise `StoreUnavailable`. Each writing call is one transaction; what it wrote is in the audit with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from leitai.rules.award_corrections import Correction
from leitai.rules.publicity import Publication, Step, StepKind
from leitai.rules.values import ActorId, DelegationCode, Micros, SessionId, SittingId


@dataclass(frozen=True, slots=True)
class PublishedList:
    """An edition that was published; `content` is the JSON of a `wire.awards_bodies.AwardList`."""

    edition: int
    content: str
    opens_us: Micros
    closes_us: Micros


@dataclass(frozen=True, slots=True)
class ObjectionAnswer:
    """What the chief judge answered."""

    upheld: bool
    reason: str
    actor: ActorId
    at_us: Micros


@dataclass(frozen=True, slots=True)
class Objection:
    """An objection. `origin` is `contestant` (then `sitting_id` is who), `leader` or `desk` (then `actor` is)."""

    objection_id: int
    edition: int
    origin: str
    sitting_id: SittingId | None
    actor: ActorId | None
    delegation: DelegationCode | None
    about: str
    text: str
    at_us: Micros
    answer: ObjectionAnswer | None = None


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate or plaque of a definite award. `token_hash` is the SHA-256 of what its code says."""

    serial: int
    form: str
    kind: str
    sitting_id: SittingId | None
    delegation: DelegationCode
    name: str
    year: int
    token_hash: bytes


@dataclass(frozen=True, slots=True)
class Winner:
    """Whom the expert pool takes in.

    Attributes:
        delegation: whom the person sat for; in a province's own contest the province.
        kind: `knowledge`, `star`, or a prize of a province's own contest by its name.
        place: the one that counted.
        contest: what the contest is called; empty for the nation's.
    """

    contestant_id: int
    name: str
    delegation: DelegationCode
    unit: str
    kind: str
    place: int
    contest: str = ""


class WinnersSink(Protocol):
    """The expert pool 能手库 as the awards see it."""

    async def add(self, contest_id: int, year: int, winners: Sequence[Winner], actor: str) -> None:
        """Give everyone the honour they won. The same call may come again; it then changes nothing."""
        ...


class AwardsStore(Protocol):
    """PostgreSQL as the awards see it."""

    async def award_settings(self, contest_id: int) -> tuple[int, bytes] | None:
        """Return the edition and JSON of a contest's settings; None when nobody changed any."""
        ...

    async def save_award_settings(
        self, contest_id: int, edition: int, settings: bytes, actor: ActorId, at_us: Micros
    ) -> bool:
        """Add an edition; False when it is there already."""
        ...

    async def publication(self, session_id: SessionId) -> Publication:
        """Return where the publication of a session's awards stands."""
        ...

    async def newest_publication(self) -> SessionId | None:
        """Return the session whose list was published last."""
        ...

    async def lists(self, session_id: SessionId) -> list[PublishedList]:
        """Return the editions that were published, by number."""
        ...

    async def open_steps(self, session_id: SessionId, now_us: int) -> list[Step]:
        """Return what waits for a second person and has not lapsed at `now_us`, by id."""
        ...

    async def step(self, step_id: int) -> tuple[SessionId, Step]:
        """Return a step and its session; raises KeyError when there is none."""
        ...

    async def add_step(
        self,
        session_id: SessionId,
        kind: StepKind,
        edition: int,
        digest: bytes,
        closes_us: int,
        actor: ActorId,
        at_us: Micros,
        lapses_us: Micros,
    ) -> int:
        """Add what somebody asked for; returns its id."""
        ...

    async def decline_step(self, session_id: SessionId, step: Step, actor: ActorId, at_us: Micros) -> None:
        """Decline a step; raises `PublicityRefused` (`step-decided`)."""
        ...

    async def publish(
        self, session_id: SessionId, step: Step, content: str, closes_us: int, actor: ActorId, at_us: Micros
    ) -> None:
        """Confirm a step and publish the edition that it asked for, at once.

        Raises `PublicityRefused`: `step-decided`, `step-self-confirmation`, `step-lapsed`, `awards-step` when another
        edition came first, whatever was checked before.
        """
        ...

    async def settle(
        self,
        session_id: SessionId,
        step: Step,
        certificates: Sequence[Certificate],
        known: int,
        actor: ActorId,
        at_us: Micros,
    ) -> None:
        """Confirm a step and make the awards definite, with their certificates, at once.

        `known`: the newest correction that the certificates follow, 0 for none. Raises as `publish`, and
        `PublicityRefused`: `awards-changed` when another correction came first, `objections-undecided` when an
        objection did, whatever was checked before.
        """
        ...

    async def objections(self, session_id: SessionId) -> list[Objection]:
        """Return the objections of a session, by id."""
        ...

    async def objection(self, objection_id: int) -> tuple[SessionId, Objection]:
        """Return an objection and its session; raises KeyError when there is none."""
        ...

    async def add_objection(self, session_id: SessionId, objection: Objection, most_waiting: int | None) -> int:
        """Add an objection and return its id (the one it has is not looked at).

        Raises `PublicityRefused`: `objection-not-open` once the awards are definite; `objection-too-many` when as many
        as `most_waiting` of the filer's wait for an answer, however many come at once (None: any number).
        """
        ...

    async def answer_objection(self, session_id: SessionId, objection_id: int, answer: ObjectionAnswer) -> None:
        """Answer an objection; raises `PublicityRefused` (`objection-answered`)."""
        ...

    async def corrections(self, session_id: SessionId) -> list[Correction]:
        """Return the corrections of a session, withdrawn ones too, by id."""
        ...

    async def add_correction(self, session_id: SessionId, correction: Correction, known: int) -> int:
        """Add a correction and return its id (the one it has is not looked at).

        `known`: the newest of those it was judged by, 0 for none. Raises `PublicityRefused` (`awards-step`) when
        another came first, and once awards are definite.
        """
        ...

    async def certificates(self, session_id: SessionId) -> list[Certificate]:
        """Return the certificates of a session's awards, by serial."""
        ...

    async def certificate(self, token_hash: bytes) -> Certificate | None:
        """Return the certificate that a token opens."""
        ...

    async def handed_over(self, session_id: SessionId) -> bool:
        """Return whether the expert pool has the winners."""
        ...

    async def set_handed_over(self, session_id: SessionId, winners: int, actor: ActorId) -> None:
        """Set down that the expert pool has the winners."""
        ...

    async def award_audit(self, actor: str, action: str, session_id: SessionId, detail: Mapping[str, object]) -> None:
        """Write down who did what; or what was refused."""
        ...
