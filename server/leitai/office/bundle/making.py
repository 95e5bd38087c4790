"""Making a final session's bundle: from the record to signed bytes, the same each time for the same record."""

import asyncio
import hashlib
from dataclasses import dataclass

from leitai.office.bundle.container import MANIFEST, SIGNATURE, pack
from leitai.office.bundle.corrected import PutRight
from leitai.office.bundle.members import Record, computed, given
from leitai.office.bundle.ports import AuditHead, CorrectionStore, RecordStore, SealStore
from leitai.office.signing import ALGORITHM, Signer
from leitai.office.standings import ITEM_CLOSED
from leitai.rules.appeals import Appeal
from leitai.rules.values import Phase, SessionId
from leitai.wire.results_bundle import (
    FORMAT,
    BundleHead,
    BundleManifest,
    BundleMember,
    BundleSignature,
    canonical,
)


class NotFinal(Exception):
    """Only a final session's results are sealed."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A bundle: its bytes, and how a file of it is called."""

    content: bytes
    file_name: str

    @property
    def sha256(self) -> str:
        """Of the file, in hex."""
        return hashlib.sha256(self.content).hexdigest()


async def make_bundle(
    record_store: RecordStore, seals: SealStore, awards: CorrectionStore, signer: Signer, session_id: SessionId
) -> Sealed:
    """Return the bundle of a final session: the same bytes whenever it is made, but that awards may still be put right
    until they are definite.

    Raises:
        KeyError: there is no such session.
        NotFinal: it is not final.
        StoreUnavailable: from the stores.
    """
    session = await record_store.session(session_id)
    if session.phase is not Phase.FINALIZED:
        raise NotFinal
    appeals = await record_store.appeals(session_id)
    definite_us = (await awards.publication(session_id)).definite_us
    record = Record(
        session,
        tuple(await record_store.delegations()),
        tuple(await record_store.answers(session_id)),
        tuple(await record_store.session_events(session_id, ITEM_CLOSED)),
        tuple(await record_store.rulings(session_id)),
        await record_store.marks(session_id),
        PutRight(tuple(await awards.corrections(session_id)), definite_us),
        session.contest.awarding,
    )
    head = await seals.seal(session_id)
    key = await signer.public_key()
    members = await asyncio.to_thread(_members, record, appeals, head, key)
    signature = await signer.sign(FORMAT, members[MANIFEST])
    members[SIGNATURE] = canonical(BundleSignature(ALGORITHM, key.hex(), signature.hex()))
    content = await asyncio.to_thread(pack, members)
    return Sealed(content, f"leitai-results-{session_id}.zip")


def manifest(session_id: SessionId, head: AuditHead, key: bytes, members: dict[str, bytes]) -> bytes:
    """Return the manifest of members."""
    listed = {
        name: BundleMember(len(content), hashlib.sha256(content).hexdigest()) for name, content in members.items()
    }
    return canonical(BundleManifest(FORMAT, session_id, BundleHead(head.no, head.hash.hex()), key.hex(), listed))


def _members(record: Record, appeals: list[Appeal], head: AuditHead, key: bytes) -> dict[str, bytes]:
    members = {**given(record, appeals), **computed(record).members}
    return {MANIFEST: manifest(record.session.session_id, head, key, members), **members}
