"""Who of the staff may do what, on whose, and when: one table, shared by the doors and by whoever checks them.

A line is an act: the roles that may do it, those that may do it for their own delegation only, and, where that matters,
the stages of what it is done to: phases of the session, states of the paper, the list, the draw. A stage says when an
act may be done at all; who may do it a second time, or to one's own work, is the law of each part (four eyes).
A line also says whether a province's office does the act in the house of its province, where contests are run that
are the province's own (issue 6, point 8): its team leaders do there what the table lets them, nobody else anything.
Contestants are no staff: what they may do follows from their sitting.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from leitai.rules.acts import Act, Role
from leitai.rules.stages import (
    AwardStage,
    DrawState,
    EditionStage,
    ListStage,
    PaperState,
    QuestionState,
    RosterStage,
    Stage,
)
from leitai.rules.values import DelegationCode, Phase

__all__ = [
    "HOUSE_ROLES",
    "NO_DELEGATION",
    "RIGHTS",
    "Act",
    "Right",
    "Role",
    "Standing",
    "acts_of",
    "may",
    "read_roles",
    "timely",
]


_BEFORE_THE_END = frozenset(
    {Phase.DRAFT, Phase.SCHEDULED, Phase.LOBBY, Phase.RUNNING, Phase.PAUSED, Phase.CLOSED},
)
_UNDER_WAY = frozenset({Phase.LOBBY, Phase.RUNNING, Phase.PAUSED})
_WITH_ANSWERS = frozenset({Phase.RUNNING, Phase.PAUSED, Phase.CLOSED, Phase.UNDER_REVIEW, Phase.FINALIZED})
_UNTIL_FINAL = frozenset({Phase.RUNNING, Phase.PAUSED, Phase.CLOSED, Phase.UNDER_REVIEW})
_AFTER_THE_END = frozenset({Phase.CLOSED, Phase.UNDER_REVIEW})
_IN_REVIEW = frozenset({Phase.UNDER_REVIEW})
_ONCE_FINAL = frozenset({Phase.UNDER_REVIEW, Phase.FINALIZED})
_OVER = frozenset({Phase.CLOSED, Phase.UNDER_REVIEW, Phase.FINALIZED})
_FINAL = frozenset({Phase.FINALIZED})


@dataclass(frozen=True, slots=True)
class Right:
    """Who may do an act and when.

    Attributes:
        roles: who may, whatever delegation is concerned.
        when: the stages, all of one kind, of what it is done to; None: stages do not matter.
        own: who may for their own delegation only.
        own_when: when these may; None: as the others.
        house: whether a province's office does it in its own house, in contests that the province runs for itself.
    """

    roles: frozenset[Role]
    when: frozenset[Stage] | None = None
    own: frozenset[Role] = frozenset()
    own_when: frozenset[Stage] | None = None
    house: bool = False


_READABLE = frozenset({PaperState.ASSEMBLED, PaperState.IN_REVIEW, PaperState.APPROVED})
_IN_THE_BANK = frozenset(QuestionState) - {QuestionState.RETIRED}
_WITH_PROVINCE = frozenset({ListStage.NONE, ListStage.UPLOADED, ListStage.RETURNED})
_WITNESSED = frozenset({DrawState.ANNOUNCED, DrawState.VALUE_ENTERED, DrawState.VALUE_CONFIRMED})
_TO_PUBLISH = frozenset({AwardStage.FINAL, AwardStage.OPEN, AwardStage.ENDED})


def _when(*stages: Stage) -> frozenset[Stage]:
    return frozenset(stages)


def _roles(*roles: Role) -> frozenset[Role]:
    return frozenset(roles)


_BENCH = _roles(Role.JUDGE, Role.CHIEF_JUDGE)
_SETTING = _roles(Role.SETTER, Role.REVIEWER)

RIGHTS: Mapping[Act, Right] = MappingProxyType(
    {
        Act.MANAGE_STAFF: Right(_roles(Role.ADMINISTRATOR)),
        Act.READ_AUDIT: Right(_roles(Role.AUDITOR, Role.ADMINISTRATOR)),
        Act.SEE_PAPERS: Right(_roles(Role.SETTER, Role.REVIEWER, Role.OPERATOR, Role.AUDITOR), house=True),
        Act.ASSEMBLE_PAPER: Right(_roles(Role.SETTER), _when(PaperState.ASSEMBLED), house=True),
        Act.READ_PAPER: Right(_SETTING, _READABLE, house=True),
        Act.REVIEW_PAPER: Right(_roles(Role.REVIEWER), _when(PaperState.IN_REVIEW, PaperState.APPROVED), house=True),
        Act.SEAL_PAPER: Right(_SETTING, _when(PaperState.APPROVED), house=True),
        Act.SEE_RESULTS: Right(_BENCH | _roles(Role.AUDITOR), _OVER, house=True),
        Act.SEE_PUBLISHED: Right(
            _BENCH | _roles(Role.AUDITOR, Role.OPERATOR), _OVER, own=_roles(Role.TEAM_LEADER), house=True
        ),
        Act.TAKE_BUNDLE: Right(_roles(Role.AUDITOR, Role.CHIEF_JUDGE, Role.OPERATOR), _FINAL, house=True),
        Act.SCHEDULE: Right(_roles(Role.OPERATOR), house=True),
        Act.ISSUE_CODES: Right(_roles(Role.OPERATOR), house=True),
        Act.SEE_READINESS: Right(
            _roles(Role.OPERATOR, Role.CHIEF_JUDGE, Role.AUDITOR), own=_roles(Role.TEAM_LEADER), house=True
        ),
        Act.CONDUCT: Right(_roles(Role.OPERATOR), _BEFORE_THE_END, house=True),
        Act.SECOND: Right(_roles(Role.OPERATOR, Role.CHIEF_JUDGE), house=True),
        Act.ANNOUNCE: Right(_roles(Role.OPERATOR, Role.CHIEF_JUDGE), house=True),
        Act.CLARIFY: Right(_roles(Role.OPERATOR, Role.JUDGE, Role.CHIEF_JUDGE), _UNDER_WAY, house=True),
        Act.SEE_DESK: Right(_BENCH | _roles(Role.AUDITOR), _WITH_ANSWERS, house=True),
        Act.PROPOSE_RULING: Right(_BENCH, _UNTIL_FINAL, house=True),
        Act.APPROVE_RULING: Right(_BENCH, _UNTIL_FINAL, house=True),
        Act.MARK: Right(_BENCH, _UNTIL_FINAL, house=True),
        Act.DECIDE_APPEAL: Right(_BENCH, _AFTER_THE_END, house=True),
        Act.FREEZE: Right(_roles(Role.OPERATOR, Role.CHIEF_JUDGE), _WITH_ANSWERS, house=True),
        Act.FINALIZE: Right(_roles(Role.CHIEF_JUDGE), _IN_REVIEW, house=True),
        Act.REVEAL: Right(_roles(Role.BROADCAST_DIRECTOR), _ONCE_FINAL, house=True),
        Act.DIRECT_BROADCAST: Right(_roles(Role.BROADCAST_DIRECTOR), house=True),
        Act.SEE_AWARDS: Right(_BENCH | _roles(Role.OPERATOR, Role.AUDITOR), house=True),
        Act.PUBLISH_AWARDS: Right(_roles(Role.OPERATOR, Role.CHIEF_JUDGE), _TO_PUBLISH, house=True),
        Act.OBJECT_TO_AWARDS: Right(
            _roles(Role.OPERATOR), _when(AwardStage.OPEN), own=_roles(Role.TEAM_LEADER), house=True
        ),
        Act.ANSWER_OBJECTION: Right(_roles(Role.CHIEF_JUDGE), _TO_PUBLISH, house=True),
        Act.PRINT_AWARDS: Right(_roles(Role.OPERATOR), house=True),
        Act.SEE_BANK: Right(_SETTING, house=True),
        Act.WRITE_QUESTIONS: Right(_roles(Role.SETTER), _IN_THE_BANK, house=True),
        Act.REVIEW_QUESTIONS: Right(_roles(Role.REVIEWER), _when(QuestionState.IN_REVIEW), house=True),
        Act.RETIRE_QUESTIONS: Right(_SETTING, house=True),
        Act.IMPORT_QUESTIONS: Right(_roles(Role.SETTER), house=True),
        Act.EXPORT_QUESTIONS: Right(_SETTING, house=True),
        Act.ADD_MEDIA: Right(_roles(Role.SETTER), house=True),
        Act.EDIT_SYLLABUS: Right(_roles(Role.SETTER), _when(EditionStage.DRAFT, EditionStage.PUBLISHED)),
        Act.PUBLISH_SYLLABUS: Right(_roles(Role.REVIEWER), _when(EditionStage.DRAFT)),
        Act.NOMINATE: Right(_roles(), _WITH_PROVINCE, own=_roles(Role.TEAM_LEADER)),
        Act.SEE_NOMINATIONS: Right(_roles(Role.OPERATOR, Role.AUDITOR), own=_roles(Role.TEAM_LEADER)),
        Act.SEE_IDENTITY: Right(_roles(Role.OPERATOR), own=_roles(Role.TEAM_LEADER)),
        Act.REVIEW_NOMINATIONS: Right(_roles(Role.OPERATOR), _when(ListStage.SUBMITTED)),
        Act.IMPORT_PRACTICE: Right(_roles(Role.PRACTICE_OFFICE)),
        Act.KEEP_ROSTER: Right(_roles(Role.OPERATOR)),
        Act.SEE_ROSTER: Right(
            _roles(Role.OPERATOR, Role.AUDITOR, Role.CHIEF_JUDGE),
            own=_roles(Role.TEAM_LEADER),
            own_when=_when(RosterStage.PUBLISHED),
        ),
        Act.SEE_POOL: Right(_roles(Role.OPERATOR, Role.AUDITOR), own=_roles(Role.TEAM_LEADER)),
        Act.KEEP_POOL: Right(_roles(Role.OPERATOR), own=_roles(Role.TEAM_LEADER)),
        Act.TAKE_POOL_FILES: Right(_roles(Role.OPERATOR)),
        Act.KEEP_POOL_KEYS: Right(_roles(Role.OPERATOR, Role.ADMINISTRATOR)),
        Act.KEEP_ORGANISATIONS: Right(_roles(Role.PRACTICE_OFFICE), own=_roles(Role.TEAM_LEADER)),
        Act.KEEP_LEARNERS: Right(_roles(Role.PRACTICE_OFFICE), own=_roles(Role.TEAM_LEADER)),
        Act.SEE_PRACTICE: Right(_roles(Role.PRACTICE_OFFICE, Role.AUDITOR)),
        Act.RELEASE_PRACTICE: Right(_roles(Role.PRACTICE_OFFICE)),
        Act.PLAN_CALENDAR: Right(_roles(Role.OPERATOR)),
        Act.PREPARE_DRAW: Right(_roles(Role.OPERATOR), frozenset(DrawState) - {DrawState.ABANDONED}),
        Act.WITNESS_DRAW: Right(_roles(Role.OPERATOR, Role.CHIEF_JUDGE, Role.AUDITOR), _WITNESSED),
        Act.SEE_STAGE: Right(_BENCH | _roles(Role.OPERATOR, Role.BROADCAST_DIRECTOR, Role.AUDITOR), house=True),
        Act.RUN_STAGE: Right(_roles(Role.OPERATOR, Role.BROADCAST_DIRECTOR), house=True),
        Act.JUDGE_STAGE: Right(_BENCH, house=True),
        Act.LEND_QUESTIONS: Right(_roles(Role.REVIEWER)),
        Act.KEEP_OWN_CONTEST: Right(_roles(), house=True),
    }
)
"""Every act of the staff. What the table does not grant is refused."""


NO_DELEGATION = DelegationCode("")
HOUSE_ROLES = frozenset(
    {
        Role.TEAM_LEADER,
        Role.SETTER,
        Role.REVIEWER,
        Role.OPERATOR,
        Role.JUDGE,
        Role.CHIEF_JUDGE,
        Role.BROADCAST_DIRECTOR,
    },
)
"""As what a province's office works in its own house."""


@dataclass(frozen=True, slots=True)
class Standing:
    """In what capacity somebody acts: roles, the delegation that he or she comes from (or none), and in whose house.

    `house` is the province whose own contests the house is for; empty: the nation's.
    """

    roles: frozenset[Role]
    delegation: DelegationCode = NO_DELEGATION
    house: DelegationCode = NO_DELEGATION

    @property
    def at_home(self) -> bool:
        """Whether this is somebody of a province's office in the house of that province."""
        return bool(self.house) and self.delegation == self.house and Role.TEAM_LEADER in self.roles

    @property
    def working(self) -> frozenset[Role]:
        """As what somebody works: in its own house a province's office is setter, operator and judge in one (not in one
        person where the law asks for two).
        """
        if not self.house:
            return self.roles
        return HOUSE_ROLES if self.at_home else frozenset()


def may(who: Standing, act: Act, *, phase: Stage | None = None, delegation: DelegationCode | None = None) -> bool:
    """Whether the table grants `act`.

    Args:
        who: roles and delegation.
        act: what is to be done.
        phase: the stage of what it is done to; None where there is nothing yet, or where that is asked later.
        delegation: the one delegation concerned; None where it is all of them.

    Raises:
        ValueError: the stage is of another kind than the act's.
    """
    right = RIGHTS[act]
    if who.house:
        return right.house and who.at_home and _holds(right.when, phase)
    if who.roles & right.roles:
        return _holds(right.when, phase)
    own = bool(who.roles & right.own) and delegation is not None and delegation == who.delegation
    return own and _holds(right.own_when or right.when, phase)


def timely(act: Act, stage: Stage) -> bool:
    """Whether an act may be done to what stands at a stage, by whomever the table lets do it everywhere.

    Raises ValueError as `may`.
    """
    return _holds(RIGHTS[act].when, stage)


def _holds(when: frozenset[Stage] | None, stage: Stage | None) -> bool:
    if when is None or stage is None:
        return True
    if type(stage) is not type(next(iter(when))):
        raise ValueError(f"{stage} is no stage of what this act is done to")
    return stage in when


def acts_of(who: Standing) -> frozenset[Act]:
    """Every act that somebody may do in some phase, at least for the own delegation: what a page offers."""
    if who.house:
        return frozenset(act for act, right in RIGHTS.items() if right.house and who.at_home)
    return frozenset(act for act, right in RIGHTS.items() if who.roles & (right.roles | right.own))


def read_roles(names: Iterable[str]) -> frozenset[Role]:
    """Return roles by their names; raises ValueError for one that is none."""
    return frozenset(Role(name) for name in names)
