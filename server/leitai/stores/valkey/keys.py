"""Names of all keys. Those a script touches together share a hash tag, so that a Cluster is a matter of settings.

`{s7}` tags what belongs to session 7 as a whole, `{s7.0}` what belongs to its shard 0.
"""

from dataclasses import dataclass, field, fields

from leitai.rules.values import SessionId, SittingId


@dataclass(frozen=True, slots=True)
class SessionKeys:
    """Keys of a session as a whole (one hash tag)."""

    session_id: SessionId
    lease: str = field(init=False)
    fence: str = field(init=False)
    epoch: str = field(init=False)
    state: str = field(init=False)
    feed: str = field(init=False)
    board: str = field(init=False)
    truth: str = field(init=False)
    reveal: str = field(init=False)
    events: str = field(init=False)
    commands: str = field(init=False)
    standings: str = field(init=False)
    losses: str = field(init=False)
    event_sources: str = field(init=False)
    gateways: str = field(init=False)
    figures: str = field(init=False)

    def __post_init__(self) -> None:
        """Spell the names out once."""
        for one in fields(self):
            if not one.init:
                object.__setattr__(self, one.name, f"leitai:{{s{self.session_id}}}:{one.name}")


@dataclass(frozen=True, slots=True)
class ShardKeys:
    """Keys of one shard of a session (one hash tag)."""

    session_id: SessionId
    shard: int
    fence: str = field(init=False)
    windows: str = field(init=False)
    acceptances: str = field(init=False)
    answers: str = field(init=False)
    offset: str = field(init=False)
    touched: str = field(init=False)

    def __post_init__(self) -> None:
        """Spell the names out once."""
        for name in ("fence", "windows", "acceptances", "answers", "offset", "touched"):
            object.__setattr__(self, name, f"leitai:{{s{self.session_id}.{self.shard}}}:{name}")


@dataclass(frozen=True, slots=True)
class StageKeys:
    """Keys of a stage (one hash tag)."""

    stage_id: int
    log: str = field(init=False)
    presses: str = field(init=False)
    ballot: str = field(init=False)
    desks: str = field(init=False)

    def __post_init__(self) -> None:
        """Spell the names out once."""
        for one in fields(self):
            if not one.init:
                object.__setattr__(self, one.name, f"leitai:{{g{self.stage_id}}}:{one.name}")

    def votes(self, vote: int) -> str:
        """Return the key of a vote's counts."""
        return f"leitai:{{g{self.stage_id}}}:votes.{vote}"

    def voters(self, vote: int) -> str:
        """Return the key of who has voted in a vote."""
        return f"leitai:{{g{self.stage_id}}}:voters.{vote}"

    def networks(self, vote: int) -> str:
        """Return the key of how many votes came from each address, which is there as a digest."""
        return f"leitai:{{g{self.stage_id}}}:networks.{vote}"


@dataclass(frozen=True, slots=True)
class MatchKeys:
    """Keys of a match (one hash tag)."""

    match_id: int
    log: str = field(init=False)
    answers: str = field(init=False)
    here: str = field(init=False)

    def __post_init__(self) -> None:
        """Spell the names out once."""
        for one in fields(self):
            if not one.init:
                object.__setattr__(self, one.name, f"leitai:{{m{self.match_id}}}:{one.name}")


SEEKERS = "leitai:{matches}:seekers"
"""Who waits for a match."""
PLAYING = "leitai:{matches}:playing"
"""Who is in which match."""
LOOKED_AFTER = "leitai:{matches}:looked-after"
"""When a gateway looked after each match last."""

SPARE = "leitai:spare"
"""The key of the sealed copy of the nation's session in force."""


def spare_of(owner: str) -> str:
    """Return the key of the copy of the session in force of a province, or of the nation (empty)."""
    return f"{SPARE}:{owner}" if owner else SPARE


def shard_of(sitting_id: SittingId, shards: int) -> int:
    """Return the shard that keeps a sitting's answers."""
    return sitting_id % shards


def ticket(digest: str) -> str:
    """Return the key of a ticket, known by its digest only."""
    return f"leitai:ticket:{digest}"


def hand_over(digest: str) -> str:
    """Return the key of a code that hands somebody over to a sitting, known by its digest only."""
    return f"leitai:handover:{digest}"


def web_session(digest: str) -> str:
    """Return the key of a web session, known by its digest only."""
    return f"leitai:web:{digest}"


def staff_session(digest: str) -> str:
    """Return the key of a session of the staff, known by its digest only."""
    return f"leitai:staff:{digest}"


def staff_round(staff_id: int) -> str:
    """Return the key that tells in which round of somebody's sessions we are."""
    return f"leitai:staff-round:{staff_id}"


def learner_session(digest: str) -> str:
    """Return the key of a learner's session, known by its digest only."""
    return f"leitai:learner:{digest}"


def learner_round(learner_id: int) -> str:
    """Return the key that tells in which round of a learner's sessions we are."""
    return f"leitai:learner-round:{learner_id}"


def sign_in_flow(digest: str) -> str:
    """Return the key of a sign-in of the staff that is under way, known by its cookie's digest only."""
    return f"leitai:staff-flow:{digest}"


def tries(name: str, window: int) -> str:
    """Return the counter of tries under `name` in a numbered window."""
    return f"leitai:tries:{window}:{name}"


def stage_ticket(digest: str) -> str:
    """Return the key of a ticket to a stage, known by its digest only."""
    return f"leitai:stage-ticket:{digest}"


def stage_seat(digest: str) -> str:
    """Return the key of a device that sits at a stage, known by its digest only."""
    return f"leitai:stage-seat:{digest}"


def match_ticket(digest: str) -> str:
    """Return the key of a ticket to a match, known by its digest only."""
    return f"leitai:match-ticket:{digest}"
