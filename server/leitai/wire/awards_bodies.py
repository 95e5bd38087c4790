"""The JSON bodies of awards after 定榜: preview, publication 公示, objections, certificates."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

Number = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Day = Annotated[str, Meta(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
Code = Annotated[str, Meta(pattern="^[0-9]{6}$")]
StepName = Literal["open", "revise", "settle"]
CitationKind = Literal[
    "knowledge", "star", "team_grand", "team_first", "team_second", "team_third", "prize", "team_prize"
]


class ListedPerson(Struct, frozen=True):
    """A person in a list, with why: `place` is the one that counted, `rank` that in the published order.

    `ruling` is what ordered equals: above 0 a ruling, below 0 a correction made during the publication, 0 nothing.
    """

    kind: str
    place: int
    rank: int
    quota: int
    name: str
    delegation: str
    unit: str
    centipoints: int
    passed_over: list[str]
    ruling: int
    sitting: int
    contestant: int


class ListedTeam(Struct, frozen=True):
    """A delegation in a list, with why."""

    kind: str
    place: int
    rank: int
    quota: int
    delegation: str
    name: str
    centipoints: int
    ruling: int


class ListedShortfall(Struct, frozen=True):
    """Fewer could be awarded than there are places; an empty delegation: nationwide."""

    kind: str
    quota: int
    eligible: int
    delegation: str


class AwardList(Struct, frozen=True):
    """A list as it is kept. The public sees `PublicationBody`, which leaves the numbers of sittings out."""

    session: int
    contest: str
    year: int
    people: list[ListedPerson]
    teams: list[ListedTeam]
    shortfalls: list[ListedShortfall]


# --- for everybody ---------------------------------------------------------------------------------------------------


class PublishedPerson(Struct, frozen=True):
    """A person in a published list."""

    kind: str
    place: int
    rank: int
    quota: int
    name: str
    delegation: str
    unit: str
    centipoints: int
    passed_over: list[str]
    ruling: int


class ListChange(Struct, frozen=True):
    """What differs for one holder from the edition before: `gained`, `lost`, `other` award, `renamed`."""

    change: str
    name: str
    delegation: str
    before: str
    after: str


class PublicationBody(Struct, frozen=True):
    """A publication 公示 as it stands. `definite_us` is 0 until the awards are definite."""

    session: int
    contest: str
    year: int
    edition: int
    opens_us: int
    closes_us: int
    definite_us: int
    takes_objections: bool
    contact: str
    people: list[PublishedPerson]
    teams: list[ListedTeam]
    shortfalls: list[ListedShortfall]
    changes: list[ListChange]
    delegations: dict[str, str]


class ObjectionRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """An objection: whom it is about, as one would write it, and what is objected."""

    text: Annotated[str, Meta(max_length=4000)]
    about: Annotated[str, Meta(max_length=200)] = ""


class OwnObjection(Struct, frozen=True):
    """One's own objection and what became of it: `filed`, `upheld` or `refused`."""

    objection: int
    about: str
    text: str
    at_us: int
    state: str
    reason: str
    answered_us: int


class OwnObjections(Struct, frozen=True):
    """One's own objections, the newest first."""

    open: bool
    objections: list[OwnObjection]


class CertificateQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """What a certificate's code says."""

    token: Annotated[str, Meta(max_length=64)]


class CertificateBody(Struct, frozen=True):
    """All that the verification page tells of a certificate."""

    name: str
    award: str
    year: int


# --- for the staff ---------------------------------------------------------------------------------------------------


class AwardSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Words and numbers of a contest's publication and certificates.

    In citations and in the number's pattern `{name}`, `{delegation}`, `{year}`, `{contest}`, `{award}` and `{no}` are
    filled in. All prizes of a province's own contest have one citation, `prize`, and those of its teams another,
    `team_prize`. `days_off` and `days_worked` are what the calendar of the year makes of its days (放假与调休).
    """

    period_days: Annotated[int, Meta(ge=1, le=60)]
    days_off: Annotated[list[Day], Meta(max_length=60)]
    days_worked: Annotated[list[Day], Meta(max_length=60)]
    contact: Annotated[str, Meta(max_length=1000)]
    title: Annotated[str, Meta(min_length=1, max_length=20)]
    issuers: Annotated[list[Annotated[str, Meta(min_length=1, max_length=60)]], Meta(max_length=4)]
    date: Annotated[str, Meta(max_length=40)]
    number: Annotated[str, Meta(min_length=1, max_length=60)]
    citations: dict[CitationKind, Annotated[str, Meta(min_length=1, max_length=400)]]


class AwardSettingsBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Settings and the edition that they stand at; 0: nobody changed any."""

    edition: Annotated[int, Meta(ge=0)]
    settings: AwardSettings


class AwardSession(Struct, frozen=True):
    """A session in the list to choose from: `state` is `none`, `open`, `closed` (the period ended), `definite`."""

    session: int
    title: str
    contest: str
    year: int
    phase: str
    state: str


class AwardSessions(Struct, frozen=True):
    """Sessions whose awards can be looked at, the newest first."""

    sessions: list[AwardSession]


class WhyLine(Struct, frozen=True):
    """A contestant's line: `verdict` is that of `rules.award_reasons`, `kind` the award, or what is tied for."""

    sitting: int
    name: str
    delegation: str
    unit: str
    verdict: str
    kind: str
    rank: int
    centipoints: int
    national_place: int
    province_place: int
    after_passing: int
    passed_over: list[str]
    ruling: int


class AwardBlocker(Struct, frozen=True):
    """Equals at a boundary, or a province that waits for the nation's: `seats` are (award, how many) to share."""

    code: str
    seats: list[Any]
    names: list[str]
    persons: list[int]
    delegations: list[str]
    delegation: str


class AwardStep(Struct, frozen=True):
    """A step that waits for a second person. `stale`: the list is another by now."""

    step: int
    kind: str
    closes_us: int
    by: str
    name: str
    at_us: int
    lapses_us: int
    stale: bool


class CorrectionBody(Struct, frozen=True):
    """A correction; `in_list`: the list that is published has taken it in."""

    correction: int
    objection: int
    kind: str
    sitting: int
    name: str
    persons: list[int]
    names: list[str]
    delegations: list[str]
    reason: str
    by: str
    at_us: int
    withdrawn: bool


class AwardsDesk(Struct, frozen=True):
    """Everything about a session's awards for the staff. `digest` is what the list is known again by."""

    session: int
    title: str
    contest: str
    year: int
    phase: str
    final: bool
    server_us: int
    digest: str
    edition: int
    published_digest: str
    opens_us: int
    closes_us: int
    definite_us: int
    next_closes_us: int
    undecided: int
    objections: int
    counts: dict[str, int]
    blockers: list[AwardBlocker]
    shortfalls: list[ListedShortfall]
    teams: list[ListedTeam]
    changes: list[ListChange]
    steps: list[AwardStep]
    corrections: list[CorrectionBody]
    certificates: int
    handed_over: bool
    prizes: list[str]
    """What is awarded in a province's own contest, the highest first; in the nation's, nothing."""


class WhyBody(Struct, frozen=True):
    """Lines of contestants, and how many there are in all."""

    lines: list[WhyLine]
    total: int


class AwardStepRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Ask for a step, looking at the list of `digest`. `keep_end`: a revision leaves the period's end as it is."""

    kind: StepName
    digest: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    keep_end: bool = False


class AwardStepDecision(Struct, frozen=True, forbid_unknown_fields=True):
    """Confirm what another asked for, or decline it; who asked may take it back."""

    decision: Literal["confirm", "decline"]


class ObjectionBody(Struct, frozen=True):
    """An objection for the staff. `origin`: `contestant`, `leader`, `desk` (as an operator took it down)."""

    objection: int
    origin: str
    name: str
    delegation: str
    about: str
    text: str
    at_us: int
    state: str
    reason: str
    by: str
    answered_us: int


class ObjectionsBody(Struct, frozen=True):
    """Objections to a session's publication, the newest first."""

    session: int
    open: bool
    closes_us: int
    objections: list[ObjectionBody]


class ObjectionAnswerRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """The answer to an objection."""

    upheld: bool
    reason: Annotated[str, Meta(max_length=2000)]


class CorrectionRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Put something right: who of `kind` needs what, see `rules.award_corrections`."""

    kind: Literal["strike_off", "rename", "order_equals", "withdraw"]
    reason: Annotated[str, Meta(max_length=2000)]
    objection: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 0
    sitting: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 0
    name: Annotated[str, Meta(max_length=50)] = ""
    persons: Annotated[list[Number], Meta(max_length=200)] = []
    delegations: Annotated[list[Code], Meta(max_length=40)] = []
    correction: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 0


class PrintRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Print certificates or plaques, as one file or one for each in a ZIP; an empty delegation: all."""

    form: Literal["certificate", "plaque"]
    file: Literal["pdf", "zip"]
    delegation: Annotated[str, Meta(pattern="^([0-9]{6})?$")] = ""


class PrintJob(Struct, frozen=True):
    """A job of printing: `state` is `printing`, `ready` or `failed`; or `unprintable`, and there is no job: then
    `unprintable` are the texts with characters that the fonts lack, each with those."""

    job: str
    state: str
    done: int
    total: int
    file: str
    unprintable: list[tuple[str, str]] = []
