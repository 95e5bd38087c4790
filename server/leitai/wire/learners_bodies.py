"""The JSON bodies of learners, their boards and organisations. Points are hundredths; days are Beijing's."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct

Account = Annotated[str, Meta(min_length=1, max_length=64)]
Password = Annotated[str, Meta(min_length=1, max_length=200)]
Name = Annotated[str, Meta(min_length=1, max_length=64)]
Nickname = Annotated[str, Meta(max_length=64)]
Kind = Literal["public", "staff", "window"]
Number = Annotated[int, Meta(ge=1, le=2**31 - 1)]
IdNumber = Annotated[str, Meta(min_length=1, max_length=40)]
PeriodName = Literal["day", "week", "month", "all"]
TitleName = Literal["daily_star", "weekly_master", "monthly_expert"]
LevelName = Literal["nation", "province", "city", "county", "township", "village", "unit"]


class LearnerPlace(Struct, frozen=True):
    """An organisation that somebody belongs to."""

    level: LevelName
    organisation: int
    name: str


class LearnerBody(Struct, frozen=True):
    """The own account. `places` from the province down to the unit; `identified`: the identity number is known."""

    learner: int
    kind: Kind
    name: str
    nickname: str
    login: str
    identified: bool
    places: list[LearnerPlace]
    version: int


class LearnerRegisterRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody registers. `account`: a mobile number or a login; `organisation` 0: none."""

    account: Account
    password: Password
    name: Name
    kind: Kind
    nickname: Nickname = ""
    organisation: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 0
    id_number: Annotated[str, Meta(max_length=40)] = ""


class LearnerSignInRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """An account and its password."""

    account: Account
    password: Password


class LearnerChangeRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """What a learner changes; `version` is what was seen."""

    version: Number
    name: Name
    kind: Kind
    nickname: Nickname = ""
    organisation: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 0


class LearnerPasswordRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Another password."""

    old: Password
    new: Password


class LearnerIdentityRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """The identity number, which is given once."""

    id_number: IdNumber


class OrganisationStep(Struct, frozen=True):
    """An organisation to choose; `inner`: there are some under it."""

    organisation: int
    name: str
    level: LevelName
    inner: bool


class OrganisationSteps(Struct, frozen=True):
    """The organisations right under one, or the provinces."""

    organisations: list[OrganisationStep]


class OwnSum(Struct, frozen=True):
    """Points and distinct questions of a period that runs now."""

    period: PeriodName
    centipoints: int
    questions: int


class OwnTitle(Struct, frozen=True):
    """A title with its evidence.

    `starts_on` is the first day of its month or week; `amount`: questions for `daily_star`, else centipoints.
    """

    title: TitleName
    starts_on: date
    earned_on: date
    days: list[date]
    amount: int


class OwnModule(Struct, frozen=True):
    """Progress in a module: questions released, seen, last answered right."""

    module: str
    released: int
    seen: int
    right: int


class OwnRankBody(Struct, frozen=True):
    """A rank: within an organisation (0: the nation), of so many with points."""

    level: LevelName
    organisation: int
    name: str
    rank: int
    of: int


class OwnStandingBody(Struct, frozen=True):
    """How the learner stands; ranks are by the points of `period`, from the unit up to the nation."""

    today: date
    streak: int
    longest: int
    studied_today: bool
    period: PeriodName
    sums: list[OwnSum]
    titles: list[OwnTitle]
    modules: list[OwnModule]
    ranks: list[OwnRankBody]


class PracticeRow(Struct, frozen=True):
    """A row of a board; `where` is the province's name, or the unit's within a province. `own`: it is the asker's.

    `titles` are those earned in the period, as every night finds them.
    """

    rank: int
    name: str
    where: str
    centipoints: int
    own: bool
    titles: list[TitleName]


class PracticeBoardBody(Struct, frozen=True):
    """A page of a board. `organisation` 0: the nation's; `first` and `last`: the days of the period."""

    level: LevelName
    organisation: int
    name: str
    period: PeriodName
    first: date
    last: date
    page: int
    pages: int
    total: int
    rows: list[PracticeRow]


class PracticeBranchRow(Struct, frozen=True):
    """How an organisation stands: points of all its people, and how many have any."""

    rank: int
    organisation: int
    name: str
    centipoints: int
    learners: int


class PracticeBranchesBody(Struct, frozen=True):
    """The organisations right under one, the most points first."""

    level: LevelName
    organisation: int
    name: str
    period: PeriodName
    first: date
    last: date
    rows: list[PracticeBranchRow]


class RemindersBody(Struct, frozen=True):
    """The address of the own reminders, for calendar programs; the one before tells nothing any more."""

    url: str


class LearnerRecoverRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Another password, by a code that the office handed over."""

    account: Account
    code: Annotated[str, Meta(min_length=1, max_length=40)]
    password: Password


class LearnerFindRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Which account is looked for: a mobile number or a login, whole."""

    account: Account


class LearnerFound(Struct, frozen=True):
    """An account as an office sees it: who it is and where they work. Numbers are not told."""

    learner: int
    kind: Kind
    name: str
    places: list[LearnerPlace]
    identified: bool
    disabled: bool


class LearnerDisableRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Disable or enable an account, for a reason."""

    disabled: bool
    reason: Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


class LearnerRecoveryBody(Struct, frozen=True):
    """A code to hand over, told this once, and until when it works."""

    code: str
    until_us: int


class PushBody(Struct, frozen=True):
    """Reminders by the browser.

    `key`: what a browser subscribes with, in base64 for addresses; empty: there are none here. `browsers`: so many
    of the learner's are reminded.
    """

    key: str
    browsers: int


class PushRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """A browser's subscription (Push API): its address, key and secret in base64 for addresses, and the language."""

    endpoint: Annotated[str, Meta(min_length=1, max_length=1000)]
    p256dh: Annotated[str, Meta(min_length=1, max_length=120)]
    auth: Annotated[str, Meta(min_length=1, max_length=60)]
    locale: Literal["zh-CN", "en"]


class PushRemoveRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Which subscription is wanted no more."""

    endpoint: Annotated[str, Meta(min_length=1, max_length=1000)]


class OrganisationRow(Struct, frozen=True):
    """An organisation with how many learn at and under it."""

    organisation: int
    code: str
    name: str
    level: LevelName
    closed: bool
    inner: bool
    learners: int


class OrganisationsBody(Struct, frozen=True):
    """The organisations right under one; `own`: the one province that whoever asks sees, empty for all."""

    own: str
    organisations: list[OrganisationRow]


class OrganisationProblem(Struct, frozen=True):
    """Why a row is refused."""

    sheet: str
    row: int
    column: str
    code: str
    sentence: str


class OrganisationsImportBody(Struct, frozen=True):
    """What became, or would become, of a file; `problems` are the first 500 of its `refused_rows`."""

    added: int
    changed: int
    unchanged: int
    refused_rows: int
    problems: list[OrganisationProblem]
    skipped: list[str]
    committed: bool


class PracticeEvidenceRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose nominees."""

    contest: Number


class PracticeEvidenceBody(Struct, frozen=True):
    """What was told to nominations: up to which day, of how many of the nominees."""

    as_of: date
    matched: int
    nominees: int
