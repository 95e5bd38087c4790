"""The objects of the event feed, in the shapes of the CLICS Contest API (2023-06) where the concepts match.

docs/feed.md says where they do not. Times are ISO 8601 or `h:mm:ss.sss`, points are points, not hundredths.
"""

from typing import Annotated, Literal

from msgspec import Meta, Raw, Struct

FeedType = Literal["contest", "groups", "teams", "persons", "problems", "state", "scoreboard", "awards"]
AbsoluteTime = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}\+08:00$")]
RelativeTime = Annotated[str, Meta(pattern=r"^-?\d+:[0-5]\d:[0-5]\d\.\d{3}$")]
Identifier = Annotated[str, Meta(pattern="^[A-Za-z0-9_][A-Za-z0-9_.-]{0,35}$")]


class FeedContest(Struct, frozen=True):
    """The session. `duration` reaches to the last closing as known now."""

    id: Identifier
    name: str
    formal_name: str
    start_time: AbsoluteTime
    duration: RelativeTime
    scoreboard_type: Literal["score"] = "score"


class FeedGroup(Struct, frozen=True):
    """A part of the country, by the first digit of its divisions' codes (GB/T 2260)."""

    id: Identifier
    name: str


class FeedTeam(Struct, frozen=True):
    """A delegation; its id is its code."""

    id: Identifier
    name: str
    display_name: str
    group_ids: list[Identifier]


class FeedPerson(Struct, frozen=True):
    """A contestant, by the number of the sitting, as on the public board."""

    id: Identifier
    name: str
    role: Literal["contestant"]
    team_ids: list[Identifier]


class FeedProblem(Struct, frozen=True):
    """An item, once it has opened: `name` is its text."""

    id: Identifier
    ordinal: Annotated[int, Meta(ge=0)]
    label: str
    name: str
    max_score: float
    test_data_count: Literal[0] = 0


class FeedState(Struct, frozen=True):
    """How far the session is; what has not come is null."""

    started: AbsoluteTime | None
    frozen: AbsoluteTime | None
    ended: AbsoluteTime | None
    thawed: AbsoluteTime | None
    finalized: AbsoluteTime | None
    end_of_updates: AbsoluteTime | None


class FeedScore(Struct, frozen=True):
    """Points, and the time they took in milliseconds."""

    score: float
    time: Annotated[int, Meta(ge=0)]


class FeedRow(Struct, frozen=True):
    """A delegation's place; places of items are not public."""

    rank: Annotated[int, Meta(ge=1)]
    team_id: Identifier
    score: FeedScore
    problems: list[str] = []


class FeedPersonRow(Struct, frozen=True):
    """A contestant's place."""

    rank: Annotated[int, Meta(ge=1)]
    person_id: Identifier
    team_id: Identifier
    score: FeedScore


class FeedScoreboard(Struct, frozen=True):
    """The public board. `individuals` are the best 50."""

    time: AbsoluteTime
    contest_time: RelativeTime
    state: FeedState
    rows: list[FeedRow]
    individuals: list[FeedPersonRow]


class FeedAward(Struct, frozen=True):
    """An award with whoever holds it, once it is public."""

    id: Identifier
    citation: str
    team_ids: list[Identifier]
    person_ids: list[Identifier]


FeedObject = FeedContest | FeedGroup | FeedTeam | FeedPerson | FeedProblem | FeedState | FeedScoreboard | FeedAward


class FeedNotification(Struct, frozen=True):
    """A line of the event feed: the object `type` `id` is `data` from now on; null: it is there no more.

    `id` is null for what there is one of. `token` says where to go on: `?since_token=`.
    """

    token: str
    id: str | None
    type: FeedType
    data: Raw
