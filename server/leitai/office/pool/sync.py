"""Provinces' files at the ministry: provinces' keys and tokens, a file taken in once and in order, what it changed.

A file and a request over HTTP are the same bytes and go the same way (`Synchronisation.take`).
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from typing import Annotated

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Meta

from leitai.office.importing.problems import Place, Problem
from leitai.office.pool.files import PoolFileRefused, ReadFile, read_file, read_head, write_file
from leitai.office.pool.planning import Draft, Plan, plan
from leitai.office.pool.pool import Pool, PoolRefused
from leitai.office.pool.ports import PoolChanged, PoolQuery, ProvinceKey, ProvinceToken, TakenFile
from leitai.office.pool.sealing import key_id, mailbox_key, mailbox_of, new_key, public_bytes
from leitai.rules.values import DelegationCode, Micros

PREFIX = "leitai-pool-"
"""Every token begins so, for whoever looks for lost secrets."""
_SHEET = "line"


class LeftOut(msgspec.Struct, frozen=True):
    """A line that was not taken in, by a code of importing.problems, and its sentence."""

    line: int
    code: str
    sentence: Annotated[str, Meta(max_length=200)]


class SyncReport(msgspec.Struct, frozen=True):
    """What a province's file changed, or would change."""

    province: str
    sequence: int
    people: int
    added: int
    changed: int
    unchanged: int
    left_out: list[LeftOut]
    possible: list[int]
    """Lines of people added who may be known already: same name and province."""
    sha256: str
    committed: bool
    repeated: bool = False
    """The very same file was taken in before: this is what was told then."""


class Synchronisation:
    """What provinces and the ministry tell each other.

    Args:
        pool: the pool of this house.
        server_key: at least 32 bytes; the mailbox's key and the digests of tokens derive from it.
        now_us: the time.
    """

    def __init__(
        self, pool: Pool, server_key: bytes, now_us: Callable[[], int] = lambda: time.time_ns() // 1000
    ) -> None:
        self._pool = pool
        self._store = pool.store
        self._mailbox = mailbox_key(server_key)
        self._token_key = hmac.digest(server_key, b"leitai pool tokens", "sha256")
        self._now_us = now_us
        self.mailbox = base64.b64encode(mailbox_of(server_key)).decode()
        """The public key for which provinces seal numbers, in base64."""

    def written(self, key: ProvinceKey) -> str:
        """Return a public key as people pass it on: base64."""
        return base64.b64encode(key.public).decode()

    # --- keys and tokens ----------------------------------------------------------------------------------------------

    async def keys(self) -> list[ProvinceKey]:
        """Return every key."""
        return await self._store.keys()

    async def tokens(self) -> list[ProvinceToken]:
        """Return every token."""
        return await self._store.tokens()

    async def make_key(self, actor: str, province: DelegationCode) -> tuple[str, str]:
        """Make and register a key; returns its name and its private half as PEM, which is kept nowhere.

        Raises KeyError for no province.
        """
        pem, public = new_key()
        return await self.register_key(actor, province, base64.b64encode(public).decode()), pem

    async def register_key(self, actor: str, province: DelegationCode, public: str) -> str:
        """Register a public key (32 bytes in base64); returns its name.

        Raises:
            KeyError: there is no such province.
            PoolRefused: `pool-key-unreadable`, `pool-key-there`.
        """
        if province not in {one.code for one in await self._store.delegations()}:
            raise KeyError(province)
        try:
            raw = base64.b64decode(public.strip(), validate=True)
            Ed25519PublicKey.from_public_bytes(raw)
        except (ValueError, binascii.Error, UnsupportedAlgorithm):
            raise PoolRefused("pool-key-unreadable") from None
        key = ProvinceKey(key_id(raw), province, raw, Micros(self._now_us()), actor, revoked=False)
        if not await self._store.add_key(key, actor):
            raise PoolRefused("pool-key-there")
        return key.key_id

    async def revoke_key(self, actor: str, name: str) -> None:
        """Let a key open nothing any more; raises KeyError for none in force."""
        if not await self._store.revoke_key(name, actor):
            raise KeyError(name)

    async def make_token(self, actor: str, province: DelegationCode) -> tuple[int, str]:
        """Make a token for the machines' door; returns its number and the token, kept nowhere. Raises KeyError."""
        if province not in {one.code for one in await self._store.delegations()}:
            raise KeyError(province)
        token = PREFIX + secrets.token_urlsafe(32)
        return await self._store.add_token(province, self._digest(token), actor), token

    async def revoke_token(self, actor: str, token_id: int) -> None:
        """Let a token open nothing any more; raises KeyError for none in force."""
        if not await self._store.revoke_token(token_id, actor):
            raise KeyError(token_id)

    async def bearer(self, token: str) -> ProvinceToken | None:
        """Return whose token it is; None for none in force."""
        return await self._store.token_of(self._digest(token)) if token.startswith(PREFIX) else None

    # --- files --------------------------------------------------------------------------------------------------------

    async def take(
        self, data: bytes, *, actor: str, dry_run: bool, province: DelegationCode | None = None
    ) -> SyncReport:
        """Take a province's file in, once, and only one that is newer than all before; a dry run only tells.

        People of other provinces' pools and those whose record is unclear are left out and told; all else is taken in.

        Args:
            data: the file.
            actor: who brings it.
            dry_run: nothing is written.
            province: the bearer's of the token, whose files alone it brings; None: any.

        Raises:
            PoolFileRefused: the file as a whole; audited.
            PoolRefused: `pool-changed`: somebody else wrote meanwhile; nothing was taken in.
            StoreUnavailable: from the store.
        """
        try:
            return await self._take(data, actor, dry_run, province)
        except PoolFileRefused as refused:
            detail = {"code": refused.code, "line": refused.line, "sha256": hashlib.sha256(data).hexdigest()}
            await self._store.audit(actor, "pool-file-refused", f"province {province or ''}".strip(), detail)
            raise

    async def _take(self, data: bytes, actor: str, dry_run: bool, province: DelegationCode | None) -> SyncReport:
        head = read_head(data)
        if province is not None and head.province != province:
            raise PoolFileRefused("pool-file-province", 1)
        key = next((one for one in await self._store.keys() if one.key_id == head.key), None)
        file = await asyncio.to_thread(read_file, data, key, self._mailbox, Micros(self._now_us()))
        code = DelegationCode(file.head.province)
        for before in await self._store.taken(code):
            if before.sha256 == file.sha256:
                return msgspec.structs.replace(msgspec.json.decode(before.report, type=SyncReport), repeated=True)
            if before.sequence >= file.head.sequence:
                raise PoolFileRefused("pool-file-older", 1)
        drafts = await asyncio.to_thread(self._drafts, file, code)
        digests = {draft.digest for draft in drafts if draft.digest is not None}
        known = await self._store.candidates(digests, {draft.name for draft in drafts})
        names = {one.code: one.short for one in await self._store.delegations()}
        planned = await asyncio.to_thread(plan, drafts, known, names, own=code)
        report = _report(file, planned, committed=not dry_run)
        if not dry_run:
            text = msgspec.json.encode(report).decode()
            taken = TakenFile(code, file.head.sequence, file.sha256, text, Micros(self._now_us()))
            detail = {
                "sha256": report.sha256,
                "sequence": report.sequence,
                "added": report.added,
                "changed": report.changed,
                "left_out": len(report.left_out),
            }
            try:
                await self._store.write(planned.changes, actor, ("take-pool-file", f"province {code}", detail), taken)
            except PoolChanged:
                raise PoolRefused("pool-changed") from None
        return report

    async def taken(self, province: DelegationCode) -> list[TakenFile]:
        """Return the files of a province that were taken in, the newest first."""
        return await self._store.taken(province)

    async def export(
        self, actor: str, province: DelegationCode, signing: Ed25519PrivateKey, mailbox: str, sequence: int = 0
    ) -> bytes:
        """Return a file of everybody in a province's pool, for the ministry.

        Args:
            actor: who does it.
            province: whose pool.
            signing: the province's private key.
            mailbox: the ministry's public key for numbers, in base64.
            sequence: the file's number; 0: the seconds of now, which grow by themselves.

        Raises:
            PoolRefused: `pool-key-unreadable`: `mailbox` is none.
        """
        try:
            recipient = base64.b64decode(mailbox.strip(), validate=True)
        except (ValueError, binascii.Error):
            recipient = b""
        if len(recipient) != 32:
            raise PoolRefused("pool-key-unreadable")
        people = [(one.expert, one.private) for one in await self._pool.everybody(PoolQuery(province=province))]
        now_us = Micros(self._now_us())
        number = sequence or now_us // 1_000_000
        data = await asyncio.to_thread(write_file, signing, recipient, province, number, now_us, people)
        detail = {"sequence": number, "people": len(people), "key": key_id(public_bytes(signing))}
        await self._store.audit(actor, "export-pool-file", f"province {province}", detail)
        return data

    def _drafts(self, file: ReadFile, province: DelegationCode) -> list[Draft]:
        return [
            Draft(
                Place(_SHEET, line),
                expert.name,
                province,
                expert.unit,
                expert.expertise,
                expert.state,
                expert.revised_us,
                private,
                self._pool.hashes.of_id(private.id_number) if private.id_number else None,
                expert.honours,
            )
            for line, expert, private in file.people
        ]

    def _digest(self, token: str) -> bytes:
        return hmac.digest(self._token_key, token.encode(), "sha256")


def _report(file: ReadFile, planned: Plan, *, committed: bool) -> SyncReport:
    left_out = [
        LeftOut(
            one.draft.place.row,
            one.code,
            Problem(_SHEET, one.draft.place.row, "", one.code, one.detail).say("zh-CN")[:200],
        )
        for one in planned.refused
    ]
    return SyncReport(
        file.head.province,
        file.head.sequence,
        len(file.people),
        planned.added,
        planned.changed,
        planned.unchanged,
        left_out,
        [one.draft.place.row for one in planned.possible],
        file.sha256.hex(),
        committed,
    )
