"""Papers at rest: what a paper is made of, encrypted from the first moment, and in clear once a session has played it.

A draft and a sealed paper are bound to different words, so that no way to read drafts reads what is sealed, even if
somebody changed the paper's state in the database.
"""

import secrets
from collections.abc import Sequence
from typing import Any

import msgspec
import structlog

from leitai.office.paper_ports import PaperContents
from leitai.rules.questions import QuestionRefused
from leitai.rules.values import Phase, SessionId
from leitai.stores.postgres.auditing import audit
from leitai.stores.postgres.pool import Connection, Database
from leitai.stores.postgres.queries import Queries
from leitai.stores.postgres.questions_store import lock_versions
from leitai.stores.postgres.rows import Row
from leitai.stores.postgres.vault import Vault

OVER = frozenset({Phase.CLOSED, Phase.UNDER_REVIEW, Phase.FINALIZED})
"""Every item of the session has been seen by every contestant."""
_PAPERS = Queries("papers")
_OFFICE = Queries("office")
_SESSION = Queries("session")
_log = structlog.get_logger()


class SealedPaper(msgspec.Struct, frozen=True):
    """A sealed paper: complete in itself, so that nothing that happens to the bank changes it.

    `items` are rows as `rows.plan` and `rows.contents` read them. `contents` is how it was made; None where the command
    line made it, which keeps `seed` alone.
    """

    seed: str
    items: list[dict[str, Any]]
    contents: PaperContents | None = None


_encode = msgspec.msgpack.Encoder().encode
_sealed = msgspec.msgpack.Decoder(SealedPaper).decode
_draft = msgspec.msgpack.Decoder(PaperContents).decode


def seal_draft(vault: Vault, paper_id: int, edition: int, contents: PaperContents) -> bytes:
    """Return a draft's contents as they are kept."""
    return vault.seal_paper(f"leitai paper {paper_id} {edition} draft", _encode(contents))


def open_draft(vault: Vault, paper_id: int, edition: int, kept: bytes) -> PaperContents:
    """Return a draft's contents; raises `WrongServerKey`, also for a paper that is sealed."""
    return _draft(vault.open_paper(f"leitai paper {paper_id} {edition} draft", kept))


def seal_note(vault: Vault, paper_id: int, seq: int, note: str) -> bytes | None:
    """Return the reason of an act as it is kept; None for none."""
    return vault.seal_paper(f"leitai paper {paper_id} act {seq}", note.encode()) if note else None


def open_note(vault: Vault, paper_id: int, seq: int, kept: bytes | None) -> str:
    """Return the reason of an act; raises `WrongServerKey`."""
    return "" if kept is None else vault.open_paper(f"leitai paper {paper_id} act {seq}", kept).decode()


def placed_texts(row: Row) -> dict[str, Any]:
    """Return a row of the query `texts` as it stands in a sealed paper.

    Every picture and film gets its address, 128 random bits that stand nowhere else: with the bank at hand nobody can
    tell it, and it is as secret as the paper.
    """
    shown = [one | {"address": secrets.token_urlsafe(16)} for one in msgspec.json.decode(row["media"])]
    return dict(row) | {"media": shown}


def seal(vault: Vault, paper_id: int, edition: int, paper: SealedPaper) -> bytes:
    """Return a sealed paper as it is kept."""
    return vault.seal_paper(_about(paper_id, edition), _encode(paper))


async def items_of(connection: Connection, vault: Vault, session_id: SessionId) -> Sequence[Row]:
    """Return the items of a session's paper, as rows; raises `WrongServerKey`."""
    row = await connection.fetchrow(_PAPERS["sealed_of_session"], session_id)
    if row is None or row["sealed"] is None:
        return await connection.fetch(_SESSION["items"], session_id)
    return _sealed(vault.open_paper(_about(row["id"], row["edition"]), row["sealed"])).items


async def open_played(connection: Connection, vault: Vault, session_id: SessionId) -> None:
    """Set down in clear what a session that is over has asked; nothing when that was done before."""
    row = await connection.fetchrow(_PAPERS["take_sealed_of_session"], session_id)
    if row is None or row["state"] != "sealed":
        return
    if row["sealed"] is not None:
        paper = _sealed(vault.open_paper(_about(row["id"], row["edition"]), row["sealed"]))
        await connection.executemany(_OFFICE["insert_paper_item"], [_placed(row["id"], item) for item in paper.items])
        try:
            # Only now: a version that were locked before would tell that it is on a paper.
            async with connection.transaction():
                versions = [item["question_version_id"] for item in paper.items]
                await lock_versions(connection, versions, "conductor", f"paper {row['id']}")
        except QuestionRefused as refused:
            _log.warning("versions_not_locked", paper=row["id"], code=refused.code)
    await connection.execute(_PAPERS["set_state"], row["id"], "opened")
    await connection.execute(_PAPERS["insert_act"], row["id"], "open", row["edition"], "conductor", None)
    await audit(connection, "conductor", "open-paper", f"paper {row['id']}", {"session": session_id})


async def seal_what_lies_open(database: Database, vault: Vault) -> None:
    """Seal papers of before papers were sealed; what a session has played stays as it is. Raises `StoreUnavailable`."""
    async with database.transaction() as connection:
        for row in await connection.fetch(_PAPERS["take_unsealed"]):
            items = [dict(item) for item in await connection.fetch(_PAPERS["items_in_clear"], row["id"])]
            kept = seal(vault, row["id"], row["edition"], SealedPaper(row["seed"], items))
            await connection.execute(_PAPERS["seal_in_place"], row["id"], kept)
            await connection.execute(_PAPERS["remove_items"], row["id"])
            await audit(connection, "system", "seal-paper", f"paper {row['id']}", {})
            _log.info("paper_sealed", paper=row["id"])


def _about(paper_id: int, edition: int) -> str:
    return f"leitai paper {paper_id} {edition} sealed"


def _placed(paper_id: int, item: Row) -> tuple[object, ...]:
    names = ("item_no", "question_version_id", "centipoints", "seconds", "marking")
    return (paper_id, *(item[name] for name in names))
