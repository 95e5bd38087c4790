"""Rulings, appeals, stray receipts and previews as the bodies of `wire.ruling_bodies`."""

from collections.abc import Container, Iterable, Mapping, Sequence

import msgspec

from leitai.live.ports import SessionFile
from leitai.rules.appeals import Appeal
from leitai.rules.decisions import Decision
from leitai.rules.effects import Effect, concerned
from leitai.rules.honours import award_name
from leitai.rules.previews import Crossing, Preview, Shift, TeamShift
from leitai.rules.receipts import StrayReceipt
from leitai.rules.rulings import Judge, Ruling
from leitai.rules.values import Answer, ItemNo, Key, Member, SittingId, Standing
from leitai.web.errors import Refusal
from leitai.wire.effects import BadEffect, effect_from_builtins, effect_to_builtins
from leitai.wire.ruling_bodies import (
    AppealBody,
    CourtBody,
    CourtDelegation,
    CourtItem,
    CourtMember,
    DecisionBody,
    EffectBody,
    KeyBody,
    OwnAppeal,
    PreviewBody,
    PreviewCrossing,
    PreviewShift,
    PreviewTeam,
    ReceiptBody,
    RecordedBody,
    RulingActBody,
    RulingBody,
)

LISTED = 100
"""The most rows of a list in a preview; counts tell of all."""


def effect_of(body: EffectBody) -> Effect:
    """Return the effect that a body tells; raises `Refusal` with `bad-request`."""
    try:
        return effect_from_builtins(msgspec.to_builtins(body))
    except BadEffect:
        raise Refusal("bad-request") from None


def effect_body(effect: Effect) -> EffectBody:
    """Return the body of an effect."""
    return msgspec.convert(effect_to_builtins(effect), EffectBody)  # pyright: ignore[reportArgumentType]


def ruling_body(ruling: Ruling, members: Iterable[Member], names: Mapping[str, str]) -> RulingBody:
    """Return a ruling with its acts; `names` are people's by login."""
    return RulingBody(
        ruling.ruling_id,
        ruling.version,
        ruling.state.value,
        effect_body(ruling.effect),
        ruling.evidence,
        [
            RulingActBody(one.kind.value, one.actor, names.get(one.actor, one.actor), one.at_us, one.reason)
            for one in ruling.acts
        ],
        sorted(concerned(ruling.effect, members)),
    )


def appeal_body(appeal: Appeal, member: Member, names: Mapping[str, str]) -> AppealBody:
    """Return an appeal; `member` filed it."""
    return AppealBody(
        appeal.appeal_id,
        appeal.sitting_id,
        member.name,
        member.delegation,
        appeal.item_no or 0,
        appeal.text,
        appeal.filed_at_us,
        appeal.state.value,
        _decision(appeal.decision, names),
    )


def receipt_body(
    stray: StrayReceipt, member: Member, answers: Iterable[Answer], names: Mapping[str, str]
) -> ReceiptBody:
    """Return a stray receipt; `member` presented it, and `answers` are theirs as recorded."""
    return ReceiptBody(
        stray.receipt_id,
        stray.sitting_id,
        member.name,
        member.delegation,
        stray.item_no,
        stray.client_seq,
        list(stray.response),
        stray.status,
        stray.stamp_us,
        stray.presented_at_us,
        stray.fault.value,
        stray.state.value,
        [
            RecordedBody(one.client_seq, list(one.response), one.status.value, one.stamp_us)
            for one in answers
            if one.item_no == stray.item_no
        ],
        _decision(stray.decision, names),
    )


def _decision(made: Decision | None, names: Mapping[str, str]) -> DecisionBody | None:
    if made is None:
        return None
    return DecisionBody(made.actor, names.get(made.actor, made.actor), made.at_us, made.reason, made.ruling_id or 0)


def own_appeal(appeal: Appeal) -> OwnAppeal:
    """Return an appeal as whoever filed it sees it: the decision without a name."""
    made = appeal.decision
    at_us, reason = (0, "") if made is None else (made.at_us, made.reason)
    return OwnAppeal(
        appeal.appeal_id, appeal.item_no or 0, appeal.text, appeal.filed_at_us, appeal.state.value, at_us, reason
    )


def court_body(file: SessionFile, opened: Container[ItemNo]) -> CourtBody:
    """Return what a ruling can be about; of an item that has not opened neither text nor key is told."""
    rooms: dict[str, set[str]] = {}
    for member in file.members:
        if member.room:
            rooms.setdefault(member.delegation, set()).add(member.room)
    present = {member.delegation for member in file.members}
    return CourtBody(
        file.session_id,
        [
            CourtItem(
                item.item_no,
                item.type.value,
                item.centipoints,
                content.stem,
                content.options,
                content.parts,
                _key(item.key),
            )
            if item.item_no in opened
            else CourtItem(item.item_no, item.type.value, item.centipoints, "", [], [], _key(Key()))
            for item, content in zip(file.plan.items, file.contents, strict=True)
        ],
        [
            CourtDelegation(one.code, one.name, one.short, sorted(rooms.get(one.code, ())))
            for one in file.delegations
            if one.code in present
        ],
        [
            CourtMember(one.sitting_id, one.name, one.delegation, one.room, one.struck, one.absent)
            for one in file.members
        ],
    )


def preview_body(
    seen: Preview, file: SessionFile, effect: Effect, judge: Judge, ruling: int = 0, version: int = 0
) -> PreviewBody:
    """Return what a ruling would change, with names; `judge` is who looks."""
    members = {member.sitting_id: member for member in file.members}
    about = concerned(effect, file.members)
    return PreviewBody(
        session=file.session_id,
        ruling=ruling,
        version=version,
        concerned=sorted(about),
        conflict=judge.delegation is not None and judge.delegation in about,
        gaining=len(seen.gain),
        losing=len(seen.lose),
        moving=len(seen.ranks),
        moving_teams=len(seen.teams),
        crossing=len(seen.crossings),
        gain=_shifts(seen.gain, members),
        lose=_shifts(seen.lose, members),
        ranks=_shifts(seen.ranks, members),
        teams=[_team(one) for one in seen.teams[:LISTED]],
        crossings=[_crossing(one, members) for one in seen.crossings[:LISTED]],
        open_before=seen.open_before,
        open_after=seen.open_after,
    )


def _key(key: Key) -> KeyBody:
    return KeyBody(
        sorted(key.options), [list(texts) for texts in key.blanks], [sorted(options) for options in key.also]
    )


def _shifts(shifts: Sequence[Shift], members: Mapping[SittingId, Member]) -> list[PreviewShift]:
    return [
        PreviewShift(
            one.sitting_id,
            members[one.sitting_id].name,
            members[one.sitting_id].delegation,
            _points(one.before),
            _points(one.after),
            0 if one.before is None else one.before.rank,
            0 if one.after is None else one.after.rank,
        )
        for one in shifts[:LISTED]
    ]


def _points(standing: Standing | None) -> int:
    return 0 if standing is None else standing.score.centipoints


def _team(one: TeamShift) -> PreviewTeam:
    was, now = one.before, one.after
    return PreviewTeam(
        now.delegation, was.centipoints, now.centipoints, was.elapsed_us, now.elapsed_us, was.rank, now.rank
    )


def _crossing(one: Crossing, members: Mapping[SittingId, Member]) -> PreviewCrossing:
    if one.sitting_id is None:
        return PreviewCrossing(award_name(one.kind), one.gained, 0, "", one.delegation or "")
    member = members[one.sitting_id]
    return PreviewCrossing(award_name(one.kind), one.gained, one.sitting_id, member.name, member.delegation)
