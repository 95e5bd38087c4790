"""The JSON bodies of rulings and appeals. Effects are told as `wire.effects` stores them: by `kind` and their members.

They hold right answers and names: only whoever may see the desk is sent them.
"""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from leitai.wire.messages import ItemOption

Number = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Words = Annotated[str, Meta(max_length=2000, pattern="^[^\\x00]*$")]
Short = Annotated[str, Meta(max_length=200, pattern="^[^\\x00]*$")]
Texts = Annotated[list[Short], Meta(max_length=40)]
People = Annotated[list[Number], Meta(max_length=2000)]

# --- effects ---------------------------------------------------------------------------------------------------------


class AcceptAlternativeEffect(Struct, frozen=True, tag_field="kind", tag="accept_alternative"):
    """One more right answer to an item: option ids, or a text for each blank (empty: nothing more for that blank)."""

    item_no: Number
    response: Texts


class KeyBody(Struct, frozen=True):
    """A right answer: option ids and further sets of them, or the accepted texts of each blank."""

    options: Texts = []
    blanks: Annotated[list[Texts], Meta(max_length=40)] = []
    also: Annotated[list[Texts], Meta(max_length=40)] = []


class ChangeKeyEffect(Struct, frozen=True, tag_field="kind", tag="change_key"):
    """Another key in place of the item's."""

    item_no: Number
    key: KeyBody


class VoidItemEffect(Struct, frozen=True, tag_field="kind", tag="void_item"):
    """The item counts for nobody."""

    item_no: Number


class CreditItemEffect(Struct, frozen=True, tag_field="kind", tag="credit_item"):
    """Everyone but the absent earns the item's full points."""

    item_no: Number


class AdjustJudgementEffect(Struct, frozen=True, tag_field="kind", tag="adjust_judgement"):
    """What one sitting earns for one item."""

    sitting_id: Number
    item_no: Number
    centipoints: Number


class ScopeBody(Struct, frozen=True):
    """Whom a time compensation is for; only what its kind needs is set."""

    kind: Literal["sitting", "room", "delegation", "all"]
    sitting_id: Number | None = None
    delegation: Short | None = None
    room: Short = ""


class CompensateEffect(Struct, frozen=True, tag_field="kind", tag="compensate"):
    """Time compensation after the fact; `item_no` when streamed, null for the one window of a paper."""

    scope: ScopeBody
    us: Annotated[int, Meta(ge=0, le=2**53)]
    item_no: Number | None = None


class WarnEffect(Struct, frozen=True, tag_field="kind", tag="warn"):
    """A warning, without effect on standings."""

    sitting_id: Number


class StrikeOffEffect(Struct, frozen=True, tag_field="kind", tag="strike_off"):
    """Struck off: out of standings and awards, and not replaced."""

    sitting_id: Number


class OrderEqualsEffect(Struct, frozen=True, tag_field="kind", tag="order_equals"):
    """The order among equals at a boundary of awards, best first: of persons or of delegations."""

    persons: People = []
    delegations: Texts = []


EffectBody: TypeAlias = (
    AcceptAlternativeEffect
    | ChangeKeyEffect
    | VoidItemEffect
    | CreditItemEffect
    | AdjustJudgementEffect
    | CompensateEffect
    | WarnEffect
    | StrikeOffEffect
    | OrderEqualsEffect
)

# --- what judges ask -------------------------------------------------------------------------------------------------

ActName = Literal["approve", "decline", "propose_withdrawal", "approve_withdrawal", "decline_withdrawal"]


class EffectRequest(Struct, frozen=True):
    """An effect to look at before anybody proposes it."""

    session: Number
    effect: EffectBody


class ProposeRequest(Struct, frozen=True):
    """A ruling to propose."""

    session: Number
    effect: EffectBody
    reason: Words
    evidence: Words


class RulingActRequest(Struct, frozen=True):
    """A judge's act on a ruling as it stood at `version`; everything but an approval needs a reason."""

    act: ActName
    version: Number
    reason: Words = ""


class DecideRequest(Struct, frozen=True):
    """The decision of an appeal or a stray receipt: by the ruling in force of that number, or with 0 without one, which
    refuses the appeal and lays the receipt aside. Either has a reason.
    """

    reason: Words
    ruling: Number = 0


# --- what they are told ----------------------------------------------------------------------------------------------


class RulingActBody(Struct, frozen=True):
    """One signed step of a ruling: by login, and that person's name."""

    act: str
    actor: str
    name: str
    at_us: int
    reason: str


class RulingBody(Struct, frozen=True):
    """A ruling as it stands: see rules.rulings. `concerned`: delegations whose judges take no part in it."""

    ruling: int
    version: int
    state: str
    effect: EffectBody
    evidence: str
    acts: list[RulingActBody]
    concerned: list[str]


class DecisionBody(Struct, frozen=True):
    """What the desk decided; `ruling` is 0 for a refusal, or what was laid aside."""

    actor: str
    name: str
    at_us: int
    reason: str
    ruling: int


class AppealBody(Struct, frozen=True):
    """An appeal with whoever filed it; `item` is 0 when it is about the session as a whole."""

    appeal: int
    sitting: int
    name: str
    delegation: str
    item: int
    text: str
    filed_at_us: int
    state: str
    decision: DecisionBody | None


class RecordedBody(Struct, frozen=True):
    """An answer of the record, beside a receipt that speaks of its item."""

    seq: int
    response: list[str]
    status: str
    stamp_us: int


class ReceiptBody(Struct, frozen=True):
    """A receipt that was presented after a loss of the store and could not be put back: see rules.receipts.

    `fault`: `unproven` (not what this server makes for these values) or `contradicted` (ours, and the record has
    another answer under its number). `state`: `open`, `borne_out` (the record has the same by now), `ruled`,
    `laid_aside`. `recorded`: what the record has of the contestant on the item, as of the last change of anything here.
    """

    receipt: int
    sitting: int
    name: str
    delegation: str
    item: int
    seq: int
    response: list[str]
    status: str
    stamp_us: int
    presented_at_us: int
    fault: str
    state: str
    recorded: list[RecordedBody]
    decision: DecisionBody | None


class JudgingBody(Struct, frozen=True):
    """Rulings, appeals and stray receipts of the session in force, by number. In a stream, those that moved since the
    event before; the first event holds all.
    """

    session: int
    phase: str
    pacing: str
    appeals_until_us: int
    server_us: int
    rulings: list[RulingBody]
    appeals: list[AppealBody]
    receipts: list[ReceiptBody]


class CourtItem(Struct, frozen=True):
    """An item as judges see it, its key included; of one that has not opened texts and key are empty."""

    item: int
    type: str
    centipoints: int
    stem: str
    options: list[ItemOption]
    parts: list[str]
    key: KeyBody


class CourtDelegation(Struct, frozen=True):
    """A delegation that takes part, and its rooms."""

    code: str
    name: str
    short: str
    rooms: list[str]


class CourtMember(Struct, frozen=True):
    """A contestant."""

    sitting: int
    name: str
    delegation: str
    room: str
    struck: bool
    absent: bool


class CourtBody(Struct, frozen=True):
    """What a ruling can be about."""

    session: int
    items: list[CourtItem]
    delegations: list[CourtDelegation]
    members: list[CourtMember]


class PreviewShift(Struct, frozen=True):
    """A contestant's result before and after; rank 0 is out of the standings."""

    sitting: int
    name: str
    delegation: str
    centipoints_before: int
    centipoints_after: int
    rank_before: int
    rank_after: int


class PreviewTeam(Struct, frozen=True):
    """A delegation's result before and after."""

    delegation: str
    centipoints_before: int
    centipoints_after: int
    elapsed_us_before: int
    elapsed_us_after: int
    rank_before: int
    rank_after: int


class PreviewCrossing(Struct, frozen=True):
    """An award gained or lost, by a contestant or (`sitting` 0) by a delegation."""

    award: str
    gained: bool
    sitting: int
    name: str
    delegation: str


class PreviewBody(Struct, frozen=True):
    """What a ruling would change if it were approved now. Lists hold the first 100 of as many as the counts say.

    `conflict`: whoever asks comes from a delegation concerned, and takes no part. `open_before`, `open_after`: ties at
    boundaries of awards that wait for a ruling.
    """

    session: int
    ruling: int
    version: int
    concerned: list[str]
    conflict: bool
    gaining: int
    losing: int
    moving: int
    moving_teams: int
    crossing: int
    gain: list[PreviewShift]
    lose: list[PreviewShift]
    ranks: list[PreviewShift]
    teams: list[PreviewTeam]
    crossings: list[PreviewCrossing]
    open_before: int
    open_after: int


class BlockerBody(Struct, frozen=True):
    """One thing that keeps the session from being final: its code (of wire.errors), how often, and on what (items for
    `answer-unmarked`, appeals, rulings, sittings). `message` says it in the language of the request.
    """

    code: str
    count: int
    subjects: list[int]
    message: str


class BlockersBody(Struct, frozen=True):
    """Everything that is missing; empty: the session may be made final once it is under review."""

    session: int
    phase: str
    blockers: list[BlockerBody]
    appeals_until_us: int


# --- contestants -----------------------------------------------------------------------------------------------------


class FileAppealRequest(Struct, frozen=True):
    """An appeal; `item` 0 is about the session as a whole."""

    text: Annotated[str, Meta(max_length=4000)]
    item: Number = 0


class OwnAppeal(Struct, frozen=True):
    """A contestant's own appeal; `state`: `filed`, `upheld` or `refused`, and then the desk's reason."""

    appeal: int
    item: int
    text: str
    filed_at_us: int
    state: str
    decided_at_us: int
    reason: str


class AppealItem(Struct, frozen=True):
    """An item that an appeal can be about."""

    item: int
    type: str


class OwnAppeals(Struct, frozen=True):
    """Whether appeals are taken, until when, and the own ones. `from_us` 0: the end is not known yet."""

    open: bool
    from_us: int
    until_us: int
    items: list[AppealItem]
    appeals: list[OwnAppeal]
