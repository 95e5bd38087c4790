"""What nominations and rosters are made of."""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from leitai.office.people_ports import Contestant, NominationList, Person
from leitai.rules.eligibility import Honour, Participation, RuleResult, eligible
from leitai.rules.stages import RosterStage
from leitai.rules.values import ActorId, DelegationCode, Micros, SessionId

_NEVER = Micros(0)

ListState = Literal["none", "uploaded", "submitted", "returned", "frozen"]
"""Nothing yet, uploaded, submitted to the ministry, sent back by it, frozen for good."""


class NominationRefused(Exception):
    """An act on a list or a roster is refused with `code`, of `wire.errors.nominations`. Nothing was changed."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class NewNominee:
    """One line of a list as it was uploaded. The numbers are in the clear: they go no further than the store's vault.

    Attributes:
        list: named or nominated.
        no: place in the list, from 1; the draw speaks of it.
        person: name, unit, and what the province says of practice and history.
        id_number: identity number in the form of `rules.id_numbers`.
        phone: telephone number as digits.
        id_hash, phone_hash: of `office.identity`.
    """

    list: NominationList
    no: int
    person: Person
    id_number: str = field(repr=False)
    phone: str = field(repr=False)
    id_hash: bytes
    phone_hash: bytes


@dataclass(frozen=True, slots=True)
class Nominee:
    """One line of a list in force. `id_shown` and `phone_shown` are masked."""

    nominee_id: int
    list: NominationList
    no: int
    person: Person
    id_hash: bytes
    id_shown: str
    phone_shown: str


@dataclass(frozen=True, slots=True)
class WonEvidence:
    """A place in a contest of the province's own, which speaks for a nominee. `people`: of how many."""

    contest_title: str
    title: str
    rank: int
    people: int
    centipoints: int


@dataclass(frozen=True, slots=True)
class WonTaken:
    """Places that come into the evidence with a list, of a session of `people`.

    `places`: hash of the identity number, rank, hundredths of points.
    """

    session_id: SessionId
    people: int
    places: tuple[tuple[bytes, int, int], ...]


@dataclass(frozen=True, slots=True)
class Upload:
    """The trace of an upload."""

    upload: int
    file_name: str
    file_sha256: bytes
    at_us: Micros
    actor: str


@dataclass(frozen=True, slots=True)
class ProvinceList:
    """How a province's list stands. `edition` is 0 while there is none; `undoable`: an earlier upload is kept."""

    delegation: DelegationCode
    state: ListState
    edition: int = 0
    named: int = 0
    nominated: int = 0
    changed_us: Micros = _NEVER
    changed_by: str = ""
    return_reason: str = ""
    uploaded: Upload | None = None
    undoable: bool = False


@dataclass(frozen=True, slots=True)
class PracticeRecord:
    """What the practice office knows of a person: titles 日日学之星 and 周周练 points (hundredths) up to a day."""

    id_hash: bytes
    name: str
    daily_star_titles: int
    weekly_centipoints: int
    as_of: date


@dataclass(frozen=True, slots=True)
class PracticeState:
    """How many records of practice a contest has, and up to which days they tell."""

    records: int = 0
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class History:
    """What is known of a person's earlier contests and titles."""

    participations: tuple[Participation, ...] = ()
    titles: tuple[Honour, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """A person's eligibility, rule by rule.

    Attributes:
        results: every rule's outcome with its evidence, in the plan's order.
        person: as it was judged, with everything known in its record: what goes into the frozen list.
        practice: who says so of practice: the practice office up to a day, or None, the province itself.
        recorded: whether the practice office has a record of this person.
    """

    results: tuple[RuleResult, ...]
    person: Person
    practice: date | None
    recorded: bool

    @property
    def eligible(self) -> bool:
        """Whether every rule is passed."""
        return eligible(self.results)


@dataclass(frozen=True, slots=True)
class FrozenLine:
    """A line of a frozen list. `id_hash` is None for lists that came in without identity numbers."""

    list: NominationList
    no: int
    person: Person
    eligible: bool
    id_hash: bytes | None


@dataclass(frozen=True, slots=True)
class ContestState:
    """How far a contest is between nomination and roster. Instants are None until then."""

    contest_id: int
    title: str
    year: int
    edition: int
    """The sum of the lists' editions: moves with every change of any."""
    frozen_us: Micros | None
    made_us: Micros | None
    published_us: Micros | None

    @property
    def stage(self) -> RosterStage:
        """Where its roster stands, as rights see it."""
        if self.published_us is not None:
            return RosterStage.PUBLISHED
        if self.made_us is not None:
            return RosterStage.MADE
        return RosterStage.LISTS if self.frozen_us is None else RosterStage.FROZEN


PeopleAct = Literal["freeze-lists", "strike-off"]


@dataclass(frozen=True, slots=True)
class PeopleRequest:
    """What one of the operators asked for and another is to confirm. `name` is that person's."""

    request_id: int
    contest_id: int
    act: PeopleAct
    contestant_id: int | None
    reason: str
    expects: int
    actor: ActorId
    name: str
    at_us: Micros
    lapses_us: Micros


@dataclass(frozen=True, slots=True)
class RosterSeat:
    """A place in the roster. `struck`: the reason why it is lost, by decision or by the rules; empty: it is not."""

    contestant: Contestant
    struck: str
    decided: bool
    """Struck off by decision of two."""
