"""The JSON bodies of nominations, practice records, the roster and admission tickets."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Edition = Annotated[int, Meta(ge=0, le=2**53)]
Reason = Annotated[str, Meta(min_length=1, max_length=500)]
ListState = Literal["none", "uploaded", "submitted", "returned", "frozen"]


class PeopleContest(Struct, frozen=True):
    """A contest between nomination and roster; `…_us` are 0 until then. `edition` moves with every change."""

    contest: int
    title: str
    year: int
    edition: int
    frozen_us: int
    made_us: int
    published_us: int


class PeopleContests(Struct, frozen=True):
    """Every contest, the newest first."""

    contests: list[PeopleContest]


class PeopleContestRequest(Struct, frozen=True):
    """A new contest."""

    title: Annotated[str, Meta(min_length=1, max_length=100)]
    organizer: Annotated[str, Meta(min_length=1, max_length=100)]
    year: Annotated[int, Meta(ge=2000, le=2200)]


class PeopleContestCreated(Struct, frozen=True):
    """Its number."""

    contest: int


class NominationListBody(Struct, frozen=True):
    """How a province's list stands. `edition` is what a change is to expect; 0: there is none yet."""

    delegation: str
    state: ListState
    edition: int
    named: int
    nominated: int
    changed_us: int
    changed_by: str
    return_reason: str
    file_name: str
    undoable: bool


class NomineeRule(Struct, frozen=True):
    """One rule's outcome. `words`: the rule; `evidence`: what it was judged by; empty: nothing speaks against it."""

    code: str
    words: str
    passed: bool
    evidence: str


class NomineeWon(Struct, frozen=True):
    """A place in a contest that the province runs for itself, of so many people."""

    contest_title: str
    session_title: str
    rank: int
    people: int
    centipoints: int


class NomineeBody(Struct, frozen=True):
    """A line of a list; numbers are masked.

    `practice`: up to which day the practice office tells (YYYY-MM-DD), empty: only the province says so; `recorded`:
    whether it knows this person. `nominee` is 0 in a report.
    """

    nominee: int
    listed: Literal["named", "nominated"]
    no: int
    name: str
    unit: str
    id_shown: str
    phone_shown: str
    eligible: bool
    practice: str
    recorded: bool
    rules: list[NomineeRule]
    won: list[NomineeWon] = []


class NominationsBody(Struct, frozen=True):
    """A province's list with everyone's eligibility."""

    contest: PeopleContest
    standing: NominationListBody
    people: list[NomineeBody]


class NominationProblem(Struct, frozen=True):
    """Why a row of a file is refused; `row` counts from 1, `column` is its header as in the file."""

    sheet: str
    row: int
    column: str
    code: str
    text: str


class NominationReportBody(Struct, frozen=True):
    """What a file holds. `fault`: why it was refused as a whole. `standing`: the list, when it was taken in."""

    file_name: str
    fault: str
    named: int
    nominated: int
    ineligible: int
    skipped: list[str]
    refused_rows: int
    problems: list[NominationProblem]
    people: list[NomineeBody]
    standing: NominationListBody | None


class NominationListRequest(Struct, frozen=True):
    """An act on a list as it was seen. `short`: it is meant to have fewer than 15 + 100."""

    expects: Edition
    short: bool = False


class NominationReturnRequest(Struct, frozen=True):
    """Send a list back."""

    expects: Edition
    reason: Reason


class NominationsProvince(Struct, frozen=True):
    """A province's list, and how many on it are not eligible."""

    standing: NominationListBody
    name: str
    short: str
    ineligible: int


class PracticeBody(Struct, frozen=True):
    """How many records of practice there are, and up to which days they tell (YYYY-MM-DD, empty: none)."""

    records: int
    first: str
    last: str
    until: str
    """The last day that counts: 31 August of the contest's year."""


class PracticeReportBody(Struct, frozen=True):
    """What a file of practice records holds. `practice`: what is known now, when it was taken in."""

    file_name: str
    fault: str
    records: int
    refused_rows: int
    problems: list[NominationProblem]
    practice: PracticeBody | None


class PeopleRequestBody(Struct, frozen=True):
    """What waits for a second person. `contestant` is 0 for the freeze."""

    request: int
    act: Literal["freeze-lists", "strike-off"]
    contestant: int
    whom: str
    reason: str
    by: str
    by_login: str
    at_us: int
    lapses_us: int


class NominationsOverview(Struct, frozen=True):
    """All delegations with their state."""

    contest: PeopleContest
    provinces: list[NominationsProvince]
    practice: PracticeBody
    requests: list[PeopleRequestBody]


class NomineeNumber(Struct, frozen=True):
    """A person's numbers as they are."""

    nominee: int
    id_number: str
    phone: str


class NomineeNumbers(Struct, frozen=True):
    """The numbers of a list; having looked is in the audit."""

    people: list[NomineeNumber]


class ListsFreezeRequest(Struct, frozen=True):
    """Ask for the freeze of the lists as they were seen."""

    expects: Edition


class StrikeOffRequest(Struct, frozen=True):
    """Ask to strike somebody off."""

    contestant: Annotated[int, Meta(ge=1, le=2**31 - 1)]
    reason: Reason


class PeopleDecisionRequest(Struct, frozen=True):
    """Confirm or decline."""

    confirm: bool


class PeopleAsked(Struct, frozen=True):
    """What became of an act that needs two: `done`, or the number of the request that waits."""

    done: bool
    request: int


class RosterSeatBody(Struct, frozen=True):
    """A place in the roster. `struck`: why it is lost; empty: it is not. `decided`: by decision of two."""

    contestant: int
    delegation: str
    seat: int
    name: str
    unit: str
    origin: Literal["named", "drawn"]
    struck: str
    decided: bool


class RosterBody(Struct, frozen=True):
    """The roster, or one delegation's part of it."""

    contest: PeopleContest
    seats: list[RosterSeatBody]
    requests: list[PeopleRequestBody]


class PublicSeat(Struct, frozen=True):
    """A place in the published roster; `struck`: it is lost."""

    seat: int
    name: str
    unit: str
    origin: Literal["named", "drawn"]
    struck: bool


class PublicDelegation(Struct, frozen=True):
    """A delegation's part of the published roster."""

    code: str
    name: str
    short: str
    people: list[PublicSeat]


class PublicRoster(Struct, frozen=True):
    """The newest roster that was published."""

    contest: int
    title: str
    year: int
    published_us: int
    delegations: list[PublicDelegation]


class RosterMade(Struct, frozen=True):
    """How many are on it."""

    people: int


class TicketsRequest(Struct, frozen=True):
    """Make admission tickets. `delegation` empty: everybody's; `codes`: with fresh access codes, which end those
    before; `together`: in one file.
    """

    session: Annotated[int, Meta(ge=1, le=2**31 - 1)]
    delegation: Annotated[str, Meta(pattern="^([0-9]{6})?$")] = ""
    codes: bool = False
    together: bool = False


class TicketFile(Struct, frozen=True):
    """A file that is ready; `name` is its delegation's, empty for all in one."""

    number: int
    name: str
    bytes: int


class TicketJobBody(Struct, frozen=True):
    """Tickets under way or ready. `lacking`: characters that cannot be printed, for which
    blanks are left. `fault`: why they failed."""

    job: str
    session: int
    done: int
    total: int
    ready: bool
    fault: str
    lacking: str
    files: list[TicketFile]
