"""Bringing a question file into the bank: a dry run by default, then all of it or nothing."""

import asyncio
from dataclasses import dataclass

from leitai.office.bank import content_hash, stem_key
from leitai.office.import_ports import BankCommit, ImportBatch
from leitai.office.importing.questions import BankFile, read_bank_file
from leitai.office.ports import OfficeStore


@dataclass(frozen=True, slots=True)
class BankReport:
    """What an import found and did.

    `added`, `revised` and `unchanged` say what the accepted rows are to the bank as it was; `commit` what was done,
    None for a dry run and for a file with refused rows.
    """

    file: BankFile
    added: int
    revised: int
    unchanged: int
    commit: BankCommit | None


async def import_bank(
    store: OfficeStore,
    file_name: str,
    data: bytes,
    *,
    actor: str,
    dry_run: bool = True,
    leave_out_refused: bool = False,
    module: str = "",
    drafts: bool = False,
) -> BankReport:
    """Read a question file, say what is in it, and unless it is a dry run take it into the bank in one transaction.

    A file with a refused row is not taken in at all, unless `leave_out_refused` says that the others may be. Rows that
    repeat a stem of the same file are left out and reported. A stem that the bank has becomes a new version of its
    question when anything in it changed. `module` is given to questions for which the file names none. What comes is
    approved by its import (the operators' command line), unless it comes as `drafts`, which await their review.

    Raises:
        FileRefused: the file as a whole cannot be read.
        StoreUnavailable: from the store; nothing was taken in.
    """
    file = await asyncio.to_thread(read_bank_file, file_name, data, module=module)
    known = await store.bank_index(drafts=drafts)
    state = [(stem_key(question.stem), content_hash(question)) for _, question in file.accepted]
    unchanged = sum(known.get(key) == content for key, content in state)
    added = sum(key not in known for key, _ in state)
    commit = None
    if not dry_run and file.accepted and (leave_out_refused or not file.refused):
        batch = ImportBatch(
            file_name=file_name,
            file_sha256=file.sha256,
            accepted=len(file.accepted),
            refused=len({(problem.sheet, problem.row) for problem in file.refused}),
            duplicates=len(file.duplicates),
            actor=actor,
        )
        commit = await store.import_bank(batch, [question for _, question in file.accepted], drafts=drafts)
    return BankReport(file, added, len(state) - added - unchanged, unchanged, commit)
