"""The JSON bodies of matches between learners."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from leitai.wire.practice_set_bodies import PracticeOption

MOST_MATCH = 2**53 - 1
"""Numbers of matches are drawn at random, and as large as JSON carries everywhere."""
MatchNumber = Annotated[int, Meta(ge=0, le=MOST_MATCH)]


class MatchSeekRequest(Struct, frozen=True):
    """Ask for a match, again and again until there is one. `again`: first with whoever was met in that match."""

    again: MatchNumber = 0


class MatchSought(Struct, frozen=True):
    """What came of asking: `waiting` for so long, or `found`: then a ticket opens the match's socket."""

    state: Literal["waiting", "found"]
    match: int
    waited_us: int
    recorded_after_us: int
    """After so long a recorded opponent is taken, where there is one."""


class MatchLine(Struct, frozen=True):
    """A match that one has played. `outcome` is `won`, `lost` or `drawn`; `won_by` as in the match itself."""

    match: int
    ended_us: int
    opponent: str
    recorded: bool
    outcome: Literal["won", "lost", "drawn"]
    won_by: str
    points: int
    opponent_points: int
    right: int
    earned: int


class MatchesBody(Struct, frozen=True):
    """How a learner stands in matches, and the newest of them.

    `playing`: the match that one is in, to go back to; 0: none. `counted` of `counted_most`: matches that earned points
    today. Recordings are in the list and not in the sums.
    """

    playing: int
    won: int
    drawn: int
    lost: int
    counted: int
    counted_most: int
    matches: list[MatchLine]


class MatchReviewItem(Struct, frozen=True):
    """A question of a match that is over. Empty responses: none that counted.

    `explained`: the right options `key` and the explanation are told. They are not while the question waits in an open
    set of the learner's; nor is then what either answered, which would tell as much: both responses are empty, `right`
    and `their_right` null.
    """

    place: int
    question: int
    type: str
    stem: str
    options: list[PracticeOption]
    response: list[str]
    right: bool | None
    their_response: list[str]
    their_right: bool | None
    explained: bool
    key: list[str]
    explanation: str


class MatchReviewBody(Struct, frozen=True):
    """The ten questions of a match that one has played, with right answers, explanations, and what both answered."""

    match: int
    items: list[MatchReviewItem]
