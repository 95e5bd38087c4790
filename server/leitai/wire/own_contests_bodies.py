"""The JSON bodies of provinces' own contests: people, registration, prizes."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from leitai.wire.nominations_bodies import NominationProblem

Asks = Literal["phone", "id", "both"]
Text = Annotated[str, Meta(min_length=1, max_length=100)]
Instant = Annotated[int, Meta(ge=0, le=2**53)]


class Prize(Struct, frozen=True):
    """A prize and how many get it: persons, or `teams`."""

    name: Annotated[str, Meta(min_length=1, max_length=30)]
    places: Annotated[int, Meta(ge=1, le=10_000)]
    teams: bool = False


class RegistrationBody(Struct, frozen=True):
    """Whether and until when people register themselves, and by which numbers."""

    asks: Asks
    closes_us: Instant
    open: bool


class OwnSessionBody(Struct, frozen=True):
    """A session of the contest, in short."""

    session: int
    title: str
    phase: str
    start_us: int


class OwnContestBody(Struct, frozen=True):
    """A contest at a glance. `waiting`: applicants that nobody has decided on."""

    contest: int
    title: str
    organizer: str
    year: int
    people: int
    waiting: int
    registration: RegistrationBody | None
    prizes: list[Prize]
    prizes_edition: int
    sessions: list[OwnSessionBody]


class TeamBody(Struct, frozen=True):
    """A team of the province."""

    code: str
    name: str


class OwnContestsBody(Struct, frozen=True):
    """The province's contests, the newest first, its teams, and where people register."""

    contests: list[OwnContestBody]
    teams: list[TeamBody]
    registration_address: str
    now_us: int


class OwnContestRequest(Struct, frozen=True):
    """A new contest."""

    title: Text
    organizer: Text
    year: Annotated[int, Meta(ge=2000, le=2200)]


class OwnContestCreated(Struct, frozen=True):
    """Its number."""

    contest: int


class TeamsRequest(Struct, frozen=True):
    """Teams to add, by name."""

    names: Annotated[list[Annotated[str, Meta(min_length=1, max_length=30)]], Meta(min_length=1, max_length=200)]


class OwnPersonBody(Struct, frozen=True):
    """Somebody on the roster; numbers are masked."""

    contestant: int
    seat: int
    name: str
    unit: str
    team: str
    phone: str
    id_number: str


class ApplicantBody(Struct, frozen=True):
    """Somebody who registered; numbers are masked."""

    applicant: int
    name: str
    unit: str
    team: str
    phone: str
    id_number: str
    state: Literal["waiting", "approved", "declined"]
    at_us: int
    decided_by: str
    reason: str


class OwnPeopleBody(Struct, frozen=True):
    """Everybody of a contest: the roster by seat, and who registered, those who wait first."""

    people: list[OwnPersonBody]
    applicants: list[ApplicantBody]


class OwnRosterReportBody(Struct, frozen=True):
    """What a roster holds. `people` counts the whole roster once the file was taken in; 0: it was a dry run."""

    file_name: str
    fault: str
    accepted: int
    teams: list[str]
    refused: list[NominationProblem]
    skipped: list[str]
    people: int


class ApplicantsRequest(Struct, frozen=True):
    """Put applicants on the roster, or decline them for a reason."""

    act: Literal["approve", "decline"]
    applicants: Annotated[list[Annotated[int, Meta(ge=1, le=2**53)]], Meta(min_length=1, max_length=1000)]
    reason: Annotated[str, Meta(max_length=200)] = ""


class ApplicantsDecided(Struct, frozen=True):
    """How many were decided; others had been before."""

    decided: int


class PrizesRequest(Struct, frozen=True):
    """The table of prizes from now on, as it stood at edition `expects`."""

    expects: Annotated[int, Meta(ge=0, le=2**31 - 1)]
    prizes: Annotated[list[Prize], Meta(max_length=20)]


class PrizesSet(Struct, frozen=True):
    """The new edition."""

    edition: int


class PrizeWonBody(Struct, frozen=True):
    """Somebody's prize. `ruling`: what set equals apart: above 0 a ruling, below 0 a correction, or 0."""

    prize: str
    place: int
    rank: int
    sitting: int
    admission_no: str
    name: str
    team: str
    unit: str
    centipoints: int
    ruling: int


class PrizeTeamBody(Struct, frozen=True):
    """A team's prize, `team` its code; `ruling` as of a person's."""

    prize: str
    place: int
    rank: int
    team: str
    name: str
    centipoints: int
    ruling: int


class PrizeTieBody(Struct, frozen=True):
    """Equals that a ruling has to order, and how many places of which prize are theirs to share."""

    names: list[str]
    seats: list[Prize]


class PrizeListBody(Struct, frozen=True):
    """Who has won what, and which teams. `final`: nothing changes any more."""

    final: bool
    won: list[PrizeWonBody]
    ties: list[PrizeTieBody]
    teams: list[PrizeTeamBody] = []


class OpenRegistration(Struct, frozen=True):
    """A contest that people may register for."""

    contest: int
    title: str
    organizer: str
    asks: Asks
    closes_us: int


class OpenRegistrations(Struct, frozen=True):
    """What one may register for here, and the teams to choose from."""

    contests: list[OpenRegistration]
    teams: list[TeamBody]
    now_us: int


class RegisterRequest(Struct, frozen=True):
    """Who registers; of the numbers those that are asked for."""

    name: Annotated[str, Meta(min_length=1, max_length=64)]
    unit: Text
    team: Annotated[str, Meta(pattern="^[0-9]{6}$")]
    phone: Annotated[str, Meta(max_length=30)] = ""
    id_number: Annotated[str, Meta(max_length=30)] = ""


class LendRequest(Struct, frozen=True):
    """Whether provinces may use a question of the nation's bank."""

    provinces: bool


class WonNomineesRequest(Struct, frozen=True):
    """Take the best `best` of a session of the province's own into its list, which stood at edition `expects`."""

    session: Annotated[int, Meta(ge=1, le=2**31 - 1)]
    best: Annotated[int, Meta(ge=1, le=100)]
    expects: Annotated[int, Meta(ge=0, le=2**53)]


class WonSessionBody(Struct, frozen=True):
    """A final session of the province's own."""

    session: int
    contest_title: str
    title: str
    start_us: int
    people: int


class WonSessionsBody(Struct, frozen=True):
    """The province's own final sessions, the newest first."""

    sessions: list[WonSessionBody]


class WonLeftOut(Struct, frozen=True):
    """Somebody of the best who was not taken, and why."""

    rank: int
    name: str
    why: Literal["no-numbers", "on-list", "elsewhere"]


class WonNomineesBody(Struct, frozen=True):
    """What was taken into the list, which stands at `edition` now."""

    taken: int
    left_out: list[WonLeftOut]
    edition: int
