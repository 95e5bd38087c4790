"""Every JSON body of HTTP as a typed value: what docs/wire.md tables, and what schema/http is generated from.

Names end in what they are: `…Request` travels to the server, all others from it. Units stand in names. Clients ignore
members they do not know.
"""

from typing import Annotated, Any

from msgspec import Meta, Struct

from leitai.wire.messages import ItemMedia, ItemOption

Typed = Annotated[str, Meta(max_length=64)]


class ErrorDetail(Struct, frozen=True):
    """Why something was refused: a stable `code`, a sentence for people, whether to try again."""

    code: str
    message: str
    retry: bool


class ErrorBody(Struct, frozen=True):
    """The one shape of every error."""

    error: ErrorDetail


class SignInRequest(Struct, frozen=True):
    """What the admission ticket says, as a person typed it."""

    admission_no: Typed
    code: Typed


class EnterRequest(Struct, frozen=True):
    """The code with which the practice's page hands a learner over; it works once."""

    code: Typed


class EmptyRequest(Struct, frozen=True):
    """Nothing to say; members are ignored."""


class Who(Struct, frozen=True):
    """Whose page this is."""

    session: int
    sitting: int
    admission_no: str
    name: str
    delegation: str
    delegation_name: str


class TicketBody(Struct, frozen=True):
    """A ticket for one socket."""

    ticket: str
    expires_in_s: int


class ContestHead(Struct, frozen=True):
    """The contest by name."""

    id: int
    title: str
    organizer: str


class Rule(Struct, frozen=True):
    """A published rule of the session in words: the law and every default in force."""

    topic: str
    rule: str


class SessionHead(Struct, frozen=True):
    """The session in force and its settings."""

    id: int
    title: str
    pacing: str
    counted: str
    phase: str
    start_us: int
    ends_at_us: int
    items: int
    total_centipoints: int
    contestants: int
    show_own: bool
    late_entry_us: int
    duration_us: int
    gap_us: int
    rules: list[Rule]
    own_us: int = 0
    """Each sitting has so long from its own beginning, which it says by `begin`; 0: the window is everybody's."""
    home: str = ""
    """Where whoever was handed over comes from, and sees the result."""


class DelegationHead(Struct, frozen=True):
    """A delegation and how many it fields."""

    code: str
    name: str
    short: str
    members: int


class ContestBody(Struct, frozen=True):
    """What anybody may know before, during and after: `GET /api/contest`."""

    contest: ContestHead
    session: SessionHead
    delegations: list[DelegationHead]
    server_us: int


class BoardSession(Struct, frozen=True):
    """A session whose boards anybody may look at. `phase` is `finalized` but for the one in force."""

    id: int
    contest: str
    title: str
    phase: str
    start_us: int


class BoardSessions(Struct, frozen=True):
    """The one in force first, then the newest that are final; no session is named twice."""

    sessions: list[BoardSession]


class PersonRow(Struct, frozen=True):
    """A contestant's place on a board. `key` is the sitting."""

    key: int
    order: int
    rank: int
    name: str
    delegation: str
    centipoints: int
    elapsed_ms: int


class DelegationRow(Struct, frozen=True):
    """A delegation's place. `key` is its code as a number; `members` counts who is neither struck nor absent."""

    key: int
    order: int
    rank: int
    name: str
    delegation: str
    centipoints: int
    elapsed_ms: int
    members: int


class FoundRow(Struct, frozen=True):
    """A contestant found by name, and on which page of the individuals' board."""

    key: int
    order: int
    rank: int
    name: str
    delegation: str
    centipoints: int
    elapsed_ms: int
    page: int


class PeopleBoard(Struct, frozen=True):
    """A page of a board of people: the nation's or one delegation's."""

    view: str
    page: int
    pages: int
    page_size: int
    version: int
    total: int
    frozen: bool
    phase: str
    rows: list[PersonRow]


class DelegationsBoard(Struct, frozen=True):
    """The board of delegations, whole on one page."""

    view: str
    page: int
    pages: int
    page_size: int
    version: int
    total: int
    frozen: bool
    phase: str
    rows: list[DelegationRow]


class FoundBody(Struct, frozen=True):
    """Who was found, best place first, 20 at most."""

    rows: list[FoundRow]


class DelegationParticipation(Struct, frozen=True):
    """How many of a delegation's seats were ever entered (`came`), are connected now, and checked in."""

    code: str
    seats: int
    came: int
    connected: int
    checked_in: int


class ParticipationBody(Struct, frozen=True):
    """Who takes part, in figures: `GET /api/participation`. Nothing of answers: it goes on while a board is frozen."""

    session: int
    delegations: list[DelegationParticipation]


class ResultRuling(Struct, frozen=True):
    """A ruling in force that has a say in a result: its kind (`rules.effects.EFFECTS`), its reason, since when."""

    ruling: int
    kind: str
    reason: str
    at_us: int


class ResultItem(Struct, frozen=True):
    """One item of an own result. `status` is empty when there was no answer."""

    item: int
    type: str
    stem: str
    options: list[ItemOption]
    response: list[str]
    key: list[str]
    explanation: str
    centipoints: int
    full_centipoints: int
    status: str
    elapsed_us: int
    stamp_us: int
    parts: list[str] = []
    verdict: str = ""
    """What became of the answer: void, adjusted, credited, unmarked, right, part, wrong, late, early, none, open."""
    taken_us: int = 0
    """What the item took: the counted answer's elapsed time less time compensation, else the whole window."""
    also: list[list[str]] = []
    """Further sets of options that are as right."""
    printed: list[str] = []
    """The key as printed, where a ruling changed it."""
    rulings: list[ResultRuling] = []
    media: list[ItemMedia] = []


class ResultBody(Struct, frozen=True):
    """A contestant's own result."""

    name: str
    admission_no: str
    delegation: str
    centipoints: int
    rank: int
    of: int
    delegation_rank: int
    elapsed_us: int
    items: list[ResultItem]
    pacing: str = "streamed"
    """How the times of the items make the whole: summed when streamed, the greatest of them for a paper."""
    struck: bool = False
    """Struck off: nothing counts."""
    absent: bool = False
    rulings: list[ResultRuling] = []
    """Rulings that struck the contestant off."""


class KnowledgeAward(Struct, frozen=True):
    """全国“人社知识通”: one of the national top 50, and why."""

    rank: int
    key: int
    name: str
    delegation: str
    centipoints: int
    reason: str


class StarAward(Struct, frozen=True):
    """全国“岗位练兵明星”: one of a province's three, and who was passed over because they hold the former."""

    province_place: int
    rank: int
    key: int
    name: str
    delegation: str
    centipoints: int
    reason: str
    passed_over: list[str]


class TeamAward(Struct, frozen=True):
    """A team prize."""

    prize: str
    rank: int
    delegation: str
    name: str
    centipoints: int
    reason: str


class PrizeAward(Struct, frozen=True):
    """A prize of a province's own contest, by its name, the highest first."""

    prize: str
    place: int
    rank: int
    key: int
    name: str
    delegation: str
    centipoints: int
    reason: str


class AwardsBody(Struct, frozen=True):
    """All awards as published. No list is published with `ties`; `shortfalls` are places that nobody can take."""

    knowledge: list[KnowledgeAward]
    stars: list[StarAward]
    teams: list[TeamAward]
    ties: list[Any]
    shortfalls: list[Any]
    prizes: list[PrizeAward] = []
    """Of a province's own contest, which has these for people and `teams` for teams."""


class EligibilityRule(Struct, frozen=True):
    """One rule of eligibility as it was judged, with its evidence."""

    code: str
    passed: bool
    evidence: str


class EligibilityRow(Struct, frozen=True):
    """One person's eligibility. `origin`: named by the province or drawn."""

    name: str
    delegation: str
    origin: str
    eligible: bool
    rules: list[EligibilityRule]


class EligibilityBody(Struct, frozen=True):
    """The eligibility of a delegation's people."""

    rows: list[EligibilityRow]


class DrawEntry(Struct, frozen=True):
    """A nominated person with the number the draw knows them by."""

    no: int
    name: str


class DrawBody(Struct, frozen=True):
    """A delegation's draw. Commitments and seeds are those of all parties in order, a blank between two; the whole
    record is at `/api/draws`."""

    commitment: str
    seed: str
    public_value: str
    algorithm: str
    pool: list[DrawEntry]
    selected: list[int]


class HealthBody(Struct, frozen=True):
    """The process answers."""

    ok: bool


class ReadyBody(Struct, frozen=True):
    """Whether the process can do its work, and what is missing."""

    ready: bool
    problems: list[str]
