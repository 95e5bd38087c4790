"""Verifying a bundle without a database: every hash, the signature, and every score, standing and award anew.

What is wrong is told as findings, each with a stable code, the member and the person or place concerned. A bundle that
was changed gives at least one; several may have one cause.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec

from leitai.office.bundle.container import MANIFEST, SIGNATURE, NotABundle, pack, unpack
from leitai.office.bundle.corrected import senseless
from leitai.office.bundle.members import (
    AWARDED,
    AWARDS,
    COMPUTED,
    GIVEN,
    SCORES,
    STANDINGS,
    Record,
    Unreadable,
    computed,
    read_record,
)
from leitai.office.signing import ALGORITHM, is_signed
from leitai.rules.rulings import APPROVALS, LEGAL_ACTS, Ruling, RulingState
from leitai.rules.values import Phase
from leitai.wire.results_bundle import FORMAT, BundleManifest, BundleSignature

SAYINGS: dict[str, tuple[str, str]] = {
    "not-a-bundle": ("不是成绩包：{detail}", "this is no results bundle: {detail}"),
    "container": (
        "压缩包的外层与规定不符，或文件之外有多余内容",
        "the container is not as the format has it, or holds bytes beside its members",
    ),
    "member-missing": ("缺少文件", "the member is missing"),
    "member-extra": ("多出文件", "the member does not belong here"),
    "member-changed": ("内容与清单的散列不符", "the content differs from its hash in the manifest"),
    "signature": ("签名与清单不符", "the signature is not that of the manifest"),
    "other-key": ("由另一把密钥签名：{detail}", "signed with another key: {detail}"),
    "unreadable": ("无法读取，位置 {detail}", "cannot be read, at {detail}"),
    "not-final": ("场次未定榜", "the session is not final"),
    "ruling-illegal": ("裁决 {detail} 的步骤不合规定", "ruling {detail}: its acts do not follow the rules"),
    "correction-illegal": ("更正 {detail} 不合规定", "correction {detail} could not have been made"),
    "record": ("记录自相矛盾：{detail}", "the record contradicts itself: {detail}"),
    "standing": (
        "重算名次不同：{person}，所载 {stated}，重算 {computed}",
        "the standing differs: {person}, stated {stated}, computed {computed}",
    ),
    "delegation": (
        "重算团体名次不同：{person}，所载 {stated}，重算 {computed}",
        "the delegation's standing differs: {person}, stated {stated}, computed {computed}",
    ),
    "score": (
        "重算得分不同：{person}，第 {detail} 题，所载 {stated}，重算 {computed}",
        "the score differs: {person}, item {detail}, stated {stated}, computed {computed}",
    ),
    "awards": ("重算奖项不同：{person}", "the awards differ: {person}"),
    "bytes": ("与重算结果逐字节不同", "differs from what was computed, byte for byte"),
}
MOST_TOLD = 20
"""Persons told of one member at most."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it must be."""

    code: str
    member: str = ""
    detail: str = ""
    person: str = ""
    stated: str = ""
    computed: str = ""

    def say(self, locale: str = "zh-CN") -> str:
        """Return a sentence."""
        sentence = SAYINGS[self.code][locale.startswith("en")].format(
            detail=self.detail, person=self.person, stated=self.stated, computed=self.computed
        )
        return f"{self.member}: {sentence}" if self.member else sentence


@dataclass(frozen=True, slots=True)
class Verified:
    """What came out: findings (none: all is as it must be), and what the bundle says of itself."""

    findings: tuple[Finding, ...]
    key: str = ""
    title: str = ""
    contestants: int = 0
    answers: int = 0
    awards: int = 0
    audit_no: int = 0
    audit_hash: str = ""


def verify(data: bytes, key: bytes | None = None) -> Verified:
    """Verify a bundle.

    Args:
        data: the file.
        key: the contest's public key as published; None: whoever signed it, which proves no origin.
    """
    try:
        members = unpack(data)
    except NotABundle as bad:
        return Verified((Finding("not-a-bundle", detail=bad.reason),))
    findings: list[Finding] = []
    if pack(members) != data:
        findings.append(Finding("container"))
    findings.extend(_listed(members))
    told, signed = _signed(members, key)
    findings.extend(signed)
    if any(name not in members for name in (*GIVEN, *COMPUTED)):
        return Verified(tuple(findings), told.key if told else "")
    try:
        record = read_record(members)
    except Unreadable as odd:
        return Verified((*findings, Finding("unreadable", odd.member, odd.place)), told.key if told else "")
    findings.extend(_recomputed(record, members, told))
    return Verified(
        tuple(findings),
        told.key if told else "",
        f"{record.session.contest.title} · {record.session.title}",
        len(record.session.members),
        len(record.answers),
        len(_by(members[AWARDED], "persons", "sitting_id")) + len(_by(members[AWARDED], "teams", "delegation")),
        told.audit.no if told else 0,
        told.audit.hash if told else "",
    )


def _listed(members: Mapping[str, bytes]) -> Iterator[Finding]:
    expected = {MANIFEST, SIGNATURE, *GIVEN, *COMPUTED}
    for name in sorted(expected - members.keys()):
        yield Finding("member-missing", name)
    for name in sorted(members.keys() - expected):
        yield Finding("member-extra", name)
    told = _manifest(members)
    if told is None:
        return
    for name in (*GIVEN, *COMPUTED):
        listed, content = told.members.get(name), members.get(name)
        if content is None:
            continue
        if listed is None or (len(content), hashlib.sha256(content).hexdigest()) != (listed.bytes, listed.sha256):
            yield Finding("member-changed", name)


def _signed(members: Mapping[str, bytes], key: bytes | None) -> tuple[BundleManifest | None, list[Finding]]:
    told = _manifest(members)
    if told is None:
        return None, [Finding("unreadable", MANIFEST, "")] if MANIFEST in members else []
    findings: list[Finding] = []
    try:
        signature = msgspec.json.decode(members.get(SIGNATURE, b""), type=BundleSignature)
        raw, public = bytes.fromhex(signature.signature), bytes.fromhex(signature.key)
    except (msgspec.MsgspecError, ValueError):
        return told, [Finding("unreadable", SIGNATURE, "")] if SIGNATURE in members else []
    whole = signature.algorithm == ALGORITHM and signature.key == told.key and told.format == FORMAT
    if not whole or not is_signed(public, FORMAT, members[MANIFEST], raw):
        findings.append(Finding("signature", SIGNATURE))
    if key is not None and public != key:
        findings.append(Finding("other-key", SIGNATURE, public.hex()))
    return told, findings


def _manifest(members: Mapping[str, bytes]) -> BundleManifest | None:
    try:
        return msgspec.json.decode(members.get(MANIFEST, b""), type=BundleManifest)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _recomputed(record: Record, members: Mapping[str, bytes], told: BundleManifest | None) -> Iterator[Finding]:
    if record.session.phase is not Phase.FINALIZED:
        yield Finding("not-final", "session.json")
    if told is not None and told.session_id != record.session.session_id:
        yield Finding("record", MANIFEST, f"session {told.session_id}")
    for ruling in record.rulings:
        if not _legal(ruling):
            yield Finding("ruling-illegal", "rulings.json", str(ruling.ruling_id))
    for correction in senseless(record.right.corrections, record.session.members):
        yield Finding("correction-illegal", "corrections.json", str(correction))
    try:
        made = computed(record)
    except (KeyError, ValueError, TypeError, AssertionError) as odd:
        yield Finding("record", detail=f"{type(odd).__name__} {odd}")
        return
    names = _names(record)
    named = ((STANDINGS, _standings), (SCORES, _scores), (AWARDS, _awards), (AWARDED, partial(_awards, member=AWARDED)))
    for name, differences in named:
        if members[name] == made.members[name]:
            continue
        told_of = 0
        for finding in differences(members[name], made.members[name], names):
            told_of += 1
            yield finding
            if told_of == MOST_TOLD:
                break
        if not told_of:
            yield Finding("bytes", name)


def _legal(ruling: Ruling) -> bool:
    """Whether the acts follow `rules.rulings`: legal moves, and nobody approves what they did before."""
    state: RulingState | None = None
    for place, act in enumerate(ruling.acts):
        if (state, act.kind) not in LEGAL_ACTS:
            return False
        if act.kind in APPROVALS and act.actor == ruling.acts[place - 1].actor:
            return False
        if place and act.at_us < ruling.acts[place - 1].at_us:
            return False
        state = LEGAL_ACTS[state, act.kind]
    return state is not None


def _names(record: Record) -> dict[object, str]:
    short = {one.code: one.short for one in record.delegations}
    return {
        **{
            one.sitting_id: f"{one.name}（{short.get(one.delegation, one.delegation)}，答卷 {one.sitting_id}）"
            for one in record.session.members
        },
        **{one.code: one.name for one in record.delegations},
    }


def _standings(stated: bytes, made: bytes, names: Mapping[object, str]) -> Iterator[Finding]:
    for part, key, code in (("individuals", "sitting_id", "standing"), ("delegations", "delegation", "delegation")):
        ours, theirs = _by(made, part, key), _by(stated, part, key)
        for one in [*ours, *(one for one in theirs if one not in ours)]:
            if ours.get(one) != theirs.get(one):
                yield Finding(
                    code,
                    STANDINGS,
                    person=names.get(one, str(one)),
                    stated=_placed(theirs.get(one)),
                    computed=_placed(ours.get(one)),
                )


def _scores(stated: bytes, made: bytes, names: Mapping[object, str]) -> Iterator[Finding]:
    ours, theirs = _score_lines(made), _score_lines(stated)
    for one in [*ours, *(one for one in theirs if one not in ours)]:
        for item in sorted(ours.get(one, {}).keys() | theirs.get(one, {}).keys()):
            mine, other = ours.get(one, {}).get(item), theirs.get(one, {}).get(item)
            if mine != other:
                yield Finding("score", SCORES, str(item), names.get(one, str(one)), _points(other), _points(mine))


def _awards(stated: bytes, made: bytes, names: Mapping[object, str], member: str = AWARDS) -> Iterator[Finding]:
    for part, key in (("persons", "sitting_id"), ("teams", "delegation")):
        ours, theirs = _by(made, part, key), _by(stated, part, key)
        for one in [*ours, *(one for one in theirs if one not in ours)]:
            if ours.get(one) != theirs.get(one):
                yield Finding("awards", member, person=names.get(one, str(one)))


def _by(content: bytes, part: str, key: str) -> dict[object, dict[str, Any]]:
    """What a member lists, by its key; nothing where it is not shaped like that."""
    try:
        listed = msgspec.json.decode(content, type=dict[str, Any]).get(part)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return {}
    if not isinstance(listed, list):
        return {}
    found: dict[object, dict[str, Any]] = {}
    for one in listed:
        if isinstance(one, dict) and isinstance(one.get(key), int | str):
            found[one[key]] = one
    return found


def _score_lines(content: bytes) -> dict[int, dict[int, Sequence[int]]]:
    decode = msgspec.json.Decoder(tuple[int, list[tuple[int, int, int, int]]]).decode
    found: dict[int, dict[int, Sequence[int]]] = {}
    for line in content.splitlines():
        try:
            sitting_id, items = decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            continue
        found[sitting_id] = {item[0]: item for item in items}
    return found


def _placed(one: Mapping[str, Any] | None) -> str:
    if one is None:
        return "—"
    points = one.get("centipoints")
    told = f"{points / 100:.2f}" if isinstance(points, int) else str(points)
    return f"{one.get('rank')} / {told} / {one.get('elapsed_us')} µs"


def _points(item: Sequence[int] | None) -> str:
    return "—" if item is None else f"{item[2] / 100:.2f} / {item[3]} µs (#{item[1]})"
