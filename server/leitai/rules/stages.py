"""What the staff's work goes through: the stages that rights may hold in (rules.rights), kind by kind.

A session's own phases are `rules.values.Phase`. Which move leads from which stage to which is each part's own law.
"""

from enum import Enum

from leitai.rules.values import Phase


class PaperState(Enum):
    """Where a paper stands (rules.papers)."""

    ASSEMBLED = "assembled"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    SEALED = "sealed"
    OPENED = "opened"
    """A session that plays it is over: what was asked is known."""


class QuestionState(Enum):
    """Where a version stands (rules.questions); `RETIRED` is said of a question."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    APPROVED = "approved"
    LOCKED = "locked"
    RETIRED = "retired"


class EditionStage(Enum):
    """Where an edition of the syllabus stands (rules.syllabus)."""

    DRAFT = "draft"
    PUBLISHED = "published"
    PAST = "past"
    """A later one was made of it."""


class ListStage(Enum):
    """Where a province's list of people stands."""

    NONE = "none"
    UPLOADED = "uploaded"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    FROZEN = "frozen"


class RosterStage(Enum):
    """Where the roster of a contest stands."""

    LISTS = "lists"
    """Lists come in."""
    FROZEN = "frozen"
    MADE = "made"
    PUBLISHED = "published"


class DrawState(Enum):
    """Where a draw stands (rules.draw_protocol)."""

    ANNOUNCED = "announced"
    """Waits for commitments."""
    COMMITTED = "committed"
    """Waits for the public value."""
    VALUE_ENTERED = "value_entered"
    """Waits for another person to confirm it."""
    VALUE_CONFIRMED = "value_confirmed"
    """Waits for the seeds."""
    DISCLOSED = "disclosed"
    """Everything is known; nothing can change the outcome any more."""
    DRAWN = "drawn"
    ABANDONED = "abandoned"


class AwardStage(Enum):
    """Where the awards of a session stand (rules.publicity)."""

    NOT_FINAL = "not_final"
    """The session is not final, or its board is frozen."""
    FINAL = "final"
    """Nothing is published."""
    OPEN = "open"
    """公示: the period of objections."""
    ENDED = "ended"
    """The period is over."""
    DEFINITE = "definite"


Stage = Phase | PaperState | QuestionState | EditionStage | ListStage | RosterStage | DrawState | AwardStage
