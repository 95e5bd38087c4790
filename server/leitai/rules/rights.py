"""Who of the staff may do what: one table, shared by the doors and by whoever checks them.

Roles follow the bodies of the plan (plan 三; DOMAIN, bodies): 赛务组 operators, 裁判组 judges, the province offices'
team leaders, and those who run the house. A right may hold only in some phases of a session, and, for a team leader,
only for the own delegation. Contestants are no staff: what they may do follows from their sitting.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from leitai.rules.values import DelegationCode, Phase


class Role(Enum):
    """What a member of the staff is there for; one person may have several roles."""

    TEAM_LEADER = "team_leader"
    """领队 of a delegation, in its province's office."""
    SETTER = "setter"
    """命题组: writes questions and papers."""
    REVIEWER = "reviewer"
    """命题组: reviews what others wrote."""
    PRACTICE_OFFICE = "practice_office"
    """练兵组: runs the year-round practice."""
    OPERATOR = "operator"
    """赛务组: runs the day."""
    JUDGE = "judge"
    """裁判."""
    CHIEF_JUDGE = "chief_judge"
    """裁判长."""
    BROADCAST_DIRECTOR = "broadcast_director"
    """Decides what goes on air."""
    AUDITOR = "auditor"
    """Sees everything done, and does nothing but witness the draw."""
    ADMINISTRATOR = "administrator"
    """Keeps the accounts of the staff. No part in the contest itself."""


class Act(Enum):
    """What the staff do."""

    MANAGE_STAFF = "manage_staff"
    READ_AUDIT = "read_audit"
    SEE_PAPERS = "see_papers"
    """Where papers stand and who looked at them; nothing of their questions."""
    ASSEMBLE_PAPER = "assemble_paper"
    """Keep blueprints, assemble papers and replace items of one's own."""
    READ_PAPER = "read_paper"
    """The questions on a paper that is not sealed: one's own, or in review (rules.papers.may_see)."""
    REVIEW_PAPER = "review_paper"
    """Approve or send back; never one's own (the store sees to that)."""
    SEAL_PAPER = "seal_paper"
    """Seal what two have approved."""
    SEE_RESULTS = "see_results"
    """Everybody's result item by item and every table, also before they are published."""
    SEE_PUBLISHED = "see_published"
    """The same once they are published; for a team leader those of the own delegation."""
    TAKE_BUNDLE = "take_bundle"
    """Download a final session's signed results bundle."""
    SCHEDULE = "schedule"
    """Make sessions from papers, schedule, move and withdraw them."""
    ISSUE_CODES = "issue_codes"
    """Give contestants new access codes and print their admission slips."""
    SEE_READINESS = "see_readiness"
    """Who of whom has signed in and checked in, and how their lines are."""
    CONDUCT = "conduct"
    """Open, start, pause, resume, extend, skip, close, hand over to review."""
    SECOND = "second"
    """Confirm what another asked for, where a command needs two persons; never one's own (the store sees to that)."""
    ANNOUNCE = "announce"
    CLARIFY = "clarify"
    """Answer contestants' questions during the contest."""
    SEE_DESK = "see_desk"
    """Answers as they arrive, with names."""
    PROPOSE_RULING = "propose_ruling"
    APPROVE_RULING = "approve_ruling"
    """Or send back; never one's own (the store sees to that)."""
    MARK = "mark"
    """Give points to short answers and cases."""
    DECIDE_APPEAL = "decide_appeal"
    FREEZE = "freeze"
    """Freeze and thaw the public board; a thaw may wait for the ceremony, after the session is final."""
    FINALIZE = "finalize"
    REVEAL = "reveal"
    """Play the reveal 滚榜."""
    DIRECT_BROADCAST = "direct_broadcast"
    """Choose what the overlays show; issue and revoke their tokens."""
    SEE_AWARDS = "see_awards"
    """Every award with its reason before it is published, and all objections."""
    PUBLISH_AWARDS = "publish_awards"
    """公示: ask for its steps, or confirm what another asked for (never one's own: the store sees to that)."""
    OBJECT_TO_AWARDS = "object_to_awards"
    """File an objection for one's own province, or take down what came by letter; see one's own."""
    ANSWER_OBJECTION = "answer_objection"
    """Answer objections, and put right what was upheld."""
    PRINT_AWARDS = "print_awards"
    """Certificates and plaques, and what they say."""
    SEE_BANK = "see_bank"
    """Search and read questions with their right answers, comment on them, read the syllabus."""
    WRITE_QUESTIONS = "write_questions"
    """Write questions and new versions, hand them in for review and take them back."""
    REVIEW_QUESTIONS = "review_questions"
    """Approve or send back; never what one wrote oneself (rules.questions, and the store, see to that)."""
    RETIRE_QUESTIONS = "retire_questions"
    """Take questions out of use and back into it, for a reason."""
    IMPORT_QUESTIONS = "import_questions"
    """Bring question files, whose questions become drafts."""
    EXPORT_QUESTIONS = "export_questions"
    """Take questions with their right answers out of the house, as files."""
    ADD_MEDIA = "add_media"
    """Bring pictures and films."""
    EDIT_SYLLABUS = "edit_syllabus"
    """Make editions of the syllabus, add, rename and retire knowledge points."""
    PUBLISH_SYLLABUS = "publish_syllabus"
    NOMINATE = "nominate"
    """Send in a province's list of named and nominated people: upload, take back, submit."""
    SEE_NOMINATIONS = "see_nominations"
    """The lists with everyone's eligibility; identity and telephone numbers masked."""
    SEE_IDENTITY = "see_identity"
    """Identity and telephone numbers as they are."""
    REVIEW_NOMINATIONS = "review_nominations"
    """Return lists to provinces; ask for their freeze, and confirm it when another asked."""
    IMPORT_PRACTICE = "import_practice"
    """Hand in practice titles and points, which eligibility is judged by."""
    KEEP_ROSTER = "keep_roster"
    """Make and publish the roster; ask for a strike-off, and confirm it when another asked."""
    SEE_ROSTER = "see_roster"
    """The roster, once it is made; for a team leader the own delegation's, once it is published."""
    SEE_POOL = "see_pool"
    """Look people of the expert pool up, with numbers masked; take them away as a table."""
    KEEP_POOL = "keep_pool"
    """Import history into the expert pool; change, transfer and join its people."""
    TAKE_POOL_FILES = "take_pool_files"
    """Take provinces' signed files into the ministry's pool."""
    KEEP_POOL_KEYS = "keep_pool_keys"
    """Register provinces' keys, make their tokens, and revoke both."""
    KEEP_ORGANISATIONS = "keep_organisations"
    """See the tree of organisations with how many learn there, and import it; for a team leader the own province's."""
    SEE_PRACTICE = "see_practice"
    """What is released for practice, who takes part, and what the nightly check found."""
    RELEASE_PRACTICE = "release_practice"
    """Release questions for practice and take them back; say what became of findings."""
    PLAN_CALENDAR = "plan_calendar"
    """Set the days of the year's stages, which everybody sees."""
    PREPARE_DRAW = "prepare_draw"
    """Announce a draw, enter its public value, draw, abandon it, and lead the ceremony."""
    WITNESS_DRAW = "witness_draw"
    """Hold a seed of the draw, and confirm its public value when another entered it."""


ALWAYS = frozenset(Phase)
BEFORE_THE_END = frozenset(
    {Phase.DRAFT, Phase.SCHEDULED, Phase.LOBBY, Phase.RUNNING, Phase.PAUSED, Phase.CLOSED},
)
UNDER_WAY = frozenset({Phase.LOBBY, Phase.RUNNING, Phase.PAUSED})
WITH_ANSWERS = frozenset({Phase.RUNNING, Phase.PAUSED, Phase.CLOSED, Phase.UNDER_REVIEW, Phase.FINALIZED})
UNTIL_FINAL = frozenset({Phase.RUNNING, Phase.PAUSED, Phase.CLOSED, Phase.UNDER_REVIEW})
AFTER_THE_END = frozenset({Phase.CLOSED, Phase.UNDER_REVIEW})
IN_REVIEW = frozenset({Phase.UNDER_REVIEW})
ONCE_FINAL = frozenset({Phase.UNDER_REVIEW, Phase.FINALIZED})
OVER = frozenset({Phase.CLOSED, Phase.UNDER_REVIEW, Phase.FINALIZED})
FINAL = frozenset({Phase.FINALIZED})


@dataclass(frozen=True, slots=True)
class Right:
    """Who may do an act and when; `own` are roles that may do it for their own delegation only."""

    roles: frozenset[Role]
    phases: frozenset[Phase] = ALWAYS
    own: frozenset[Role] = frozenset()


def _roles(*roles: Role) -> frozenset[Role]:
    return frozenset(roles)


_BENCH = _roles(Role.JUDGE, Role.CHIEF_JUDGE)
_SETTING = _roles(Role.SETTER, Role.REVIEWER)

RIGHTS: Mapping[Act, Right] = MappingProxyType(
    {
        Act.MANAGE_STAFF: Right(_roles(Role.ADMINISTRATOR)),
        Act.READ_AUDIT: Right(_roles(Role.AUDITOR, Role.ADMINISTRATOR)),
        Act.SEE_PAPERS: Right(_roles(Role.SETTER, Role.REVIEWER, Role.OPERATOR, Role.AUDITOR)),
        Act.ASSEMBLE_PAPER: Right(_roles(Role.SETTER)),
        Act.READ_PAPER: Right(_roles(Role.SETTER, Role.REVIEWER)),
        Act.REVIEW_PAPER: Right(_roles(Role.REVIEWER)),
        Act.SEAL_PAPER: Right(_roles(Role.SETTER, Role.REVIEWER)),
        Act.SEE_RESULTS: Right(_BENCH | _roles(Role.AUDITOR), OVER),
        Act.SEE_PUBLISHED: Right(_BENCH | _roles(Role.AUDITOR, Role.OPERATOR), OVER, own=_roles(Role.TEAM_LEADER)),
        Act.TAKE_BUNDLE: Right(_roles(Role.AUDITOR, Role.CHIEF_JUDGE, Role.OPERATOR), FINAL),
        Act.SCHEDULE: Right(_roles(Role.OPERATOR)),
        Act.ISSUE_CODES: Right(_roles(Role.OPERATOR)),
        Act.SEE_READINESS: Right(_roles(Role.OPERATOR, Role.CHIEF_JUDGE, Role.AUDITOR), own=_roles(Role.TEAM_LEADER)),
        Act.CONDUCT: Right(_roles(Role.OPERATOR), BEFORE_THE_END),
        Act.SECOND: Right(_roles(Role.OPERATOR, Role.CHIEF_JUDGE)),
        Act.ANNOUNCE: Right(_roles(Role.OPERATOR, Role.CHIEF_JUDGE)),
        Act.CLARIFY: Right(_roles(Role.OPERATOR, Role.JUDGE, Role.CHIEF_JUDGE), UNDER_WAY),
        Act.SEE_DESK: Right(_BENCH | _roles(Role.AUDITOR), WITH_ANSWERS),
        Act.PROPOSE_RULING: Right(_BENCH, UNTIL_FINAL),
        Act.APPROVE_RULING: Right(_BENCH, UNTIL_FINAL),
        Act.MARK: Right(_BENCH, UNTIL_FINAL),
        Act.DECIDE_APPEAL: Right(_BENCH, AFTER_THE_END),
        Act.FREEZE: Right(_roles(Role.OPERATOR, Role.CHIEF_JUDGE), WITH_ANSWERS),
        Act.FINALIZE: Right(_roles(Role.CHIEF_JUDGE), IN_REVIEW),
        Act.REVEAL: Right(_roles(Role.BROADCAST_DIRECTOR), ONCE_FINAL),
        Act.DIRECT_BROADCAST: Right(_roles(Role.BROADCAST_DIRECTOR)),
        Act.SEE_AWARDS: Right(_BENCH | _roles(Role.OPERATOR, Role.AUDITOR)),
        Act.PUBLISH_AWARDS: Right(_roles(Role.OPERATOR, Role.CHIEF_JUDGE)),
        Act.OBJECT_TO_AWARDS: Right(_roles(Role.OPERATOR), own=_roles(Role.TEAM_LEADER)),
        Act.ANSWER_OBJECTION: Right(_roles(Role.CHIEF_JUDGE)),
        Act.PRINT_AWARDS: Right(_roles(Role.OPERATOR)),
        Act.SEE_BANK: Right(_SETTING),
        Act.WRITE_QUESTIONS: Right(_roles(Role.SETTER)),
        Act.REVIEW_QUESTIONS: Right(_roles(Role.REVIEWER)),
        Act.RETIRE_QUESTIONS: Right(_SETTING),
        Act.IMPORT_QUESTIONS: Right(_roles(Role.SETTER)),
        Act.EXPORT_QUESTIONS: Right(_SETTING),
        Act.ADD_MEDIA: Right(_roles(Role.SETTER)),
        Act.EDIT_SYLLABUS: Right(_roles(Role.SETTER)),
        Act.PUBLISH_SYLLABUS: Right(_roles(Role.REVIEWER)),
        Act.NOMINATE: Right(frozenset(), own=_roles(Role.TEAM_LEADER)),
        Act.SEE_NOMINATIONS: Right(_roles(Role.OPERATOR, Role.AUDITOR), own=_roles(Role.TEAM_LEADER)),
        Act.SEE_IDENTITY: Right(_roles(Role.OPERATOR), own=_roles(Role.TEAM_LEADER)),
        Act.REVIEW_NOMINATIONS: Right(_roles(Role.OPERATOR)),
        Act.IMPORT_PRACTICE: Right(_roles(Role.PRACTICE_OFFICE)),
        Act.KEEP_ROSTER: Right(_roles(Role.OPERATOR)),
        Act.SEE_ROSTER: Right(_roles(Role.OPERATOR, Role.AUDITOR, Role.CHIEF_JUDGE), own=_roles(Role.TEAM_LEADER)),
        Act.SEE_POOL: Right(_roles(Role.OPERATOR, Role.AUDITOR), own=_roles(Role.TEAM_LEADER)),
        Act.KEEP_POOL: Right(_roles(Role.OPERATOR), own=_roles(Role.TEAM_LEADER)),
        Act.TAKE_POOL_FILES: Right(_roles(Role.OPERATOR)),
        Act.KEEP_POOL_KEYS: Right(_roles(Role.OPERATOR, Role.ADMINISTRATOR)),
        Act.KEEP_ORGANISATIONS: Right(_roles(Role.PRACTICE_OFFICE), own=_roles(Role.TEAM_LEADER)),
        Act.SEE_PRACTICE: Right(_roles(Role.PRACTICE_OFFICE, Role.AUDITOR)),
        Act.RELEASE_PRACTICE: Right(_roles(Role.PRACTICE_OFFICE)),
        Act.PLAN_CALENDAR: Right(_roles(Role.OPERATOR)),
        Act.PREPARE_DRAW: Right(_roles(Role.OPERATOR)),
        Act.WITNESS_DRAW: Right(_roles(Role.OPERATOR, Role.CHIEF_JUDGE, Role.AUDITOR)),
    }
)
"""Every act of the staff. What the table does not grant is refused."""


NO_DELEGATION = DelegationCode("")


@dataclass(frozen=True, slots=True)
class Standing:
    """In what capacity somebody acts: roles, and the delegation that he or she comes from (or none)."""

    roles: frozenset[Role]
    delegation: DelegationCode = NO_DELEGATION


def may(who: Standing, act: Act, *, phase: Phase | None = None, delegation: DelegationCode | None = None) -> bool:
    """Whether the table grants `act`.

    Args:
        who: roles and delegation.
        act: what is to be done.
        phase: of the session concerned; None where no session is.
        delegation: the one delegation concerned; None where it is all of them.
    """
    right = RIGHTS[act]
    if phase is not None and phase not in right.phases:
        return False
    if who.roles & right.roles:
        return True
    return bool(who.roles & right.own) and delegation is not None and delegation == who.delegation


def acts_of(who: Standing) -> frozenset[Act]:
    """Every act that somebody may do in some phase, at least for the own delegation: what a page offers."""
    return frozenset(act for act, right in RIGHTS.items() if who.roles & (right.roles | right.own))


def read_roles(names: Iterable[str]) -> frozenset[Role]:
    """Return roles by their names; raises ValueError for one that is none."""
    return frozenset(Role(name) for name in names)
