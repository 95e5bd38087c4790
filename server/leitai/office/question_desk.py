"""Setters and reviewers at work on the bank: everything goes from the law to the store here, and what is refused is
audited with its code.
"""

import asyncio
from dataclasses import dataclass

from leitai.office.bank import Question, content_hash
from leitai.office.bank_ports import Dossier, QuestionStore, SyllabusStore, Written
from leitai.office.differences import Difference, differences
from leitai.office.importing.problems import Problem
from leitai.office.question_words import read_words
from leitai.rules.questions import (
    MAX_COMMENT_CHARS,
    Editor,
    Move,
    QuestionRefused,
    QuestionState,
    apply,
    refusal,
)
from leitai.wire.bank_bodies import QuestionWords

PERSONAL = (Move.WRITE, Move.SUBMIT, Move.RECALL, Move.APPROVE, Move.RETURN, Move.RETIRE, Move.RESTORE)
"""The moves that persons make, in the order in which a page offers them."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest version as somebody saw it: what comes of an act on another is refused as stale."""

    version: int
    state: str


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong with words, each with its sub-item (0: the whole question); nothing was kept."""

    found: tuple[tuple[int, Problem], ...] = ()
    codes: tuple[tuple[str, str], ...] = ()
    """Fields with codes of wire.errors, for what no reader of files says."""


class QuestionDesk:
    """The bank as people work on it."""

    def __init__(self, store: QuestionStore, syllabus: SyllabusStore) -> None:
        self.store = store
        self._syllabus = syllabus

    def moves(self, dossier: Dossier, editor: Editor) -> dict[Move, str | None]:
        """Return every move with the code of why somebody may not make it now, or None."""
        return {move: refusal(dossier.record, move, editor) for move in PERSONAL}

    async def write(self, editor: Editor, words: QuestionWords) -> int | Faults:
        """Return the id of a new question, or what is wrong with its words.

        Raises `QuestionRefused`.
        """
        read = await self._read(words)
        if isinstance(read, Faults):
            return read
        return await self.store.add_question(read, words.point, editor.actor)

    async def rewrite(self, editor: Editor, question_id: int, seen: Seen, words: QuestionWords) -> Faults | None:
        """Write another version of a question; returns what is wrong with its words, if anything is.

        Raises:
            KeyError: there is no such question.
            QuestionRefused: the law refuses it, `question-stale`, `question-unchanged`, `question-stem-taken`.
        """
        dossier = await self.store.dossier(question_id)
        newest = await self._admit(dossier, seen, Move.WRITE, editor)
        read = await self._read(words, newest)
        if isinstance(read, Faults):
            return read
        if content_hash(read) == content_hash(newest.question) and words.point == newest.point_id:
            raise QuestionRefused("question-unchanged")
        await self.store.add_version(question_id, newest.record, read, words.point, editor.actor)
        return None

    async def move(self, editor: Editor, question_id: int, seen: Seen, move: Move, reason: str) -> None:
        """Make a move on the newest version.

        Raises:
            KeyError: there is no such question.
            QuestionRefused: the law refuses it, `question-stale`.
        """
        dossier = await self.store.dossier(question_id)
        newest = await self._admit(dossier, seen, move, editor, reason)
        await self.store.add_act(question_id, newest.record, move, editor.actor, reason.strip())

    async def comment(self, editor: Editor, question_id: int, version: int, text: str) -> None:
        """Comment on a version.

        Raises:
            KeyError: there is no such version.
            QuestionRefused: `comment-missing`, `comment-too-long`.
        """
        if not text.strip():
            raise QuestionRefused("comment-missing")
        if len(text) > MAX_COMMENT_CHARS:
            raise QuestionRefused("comment-too-long")
        await self.store.add_comment(question_id, version, editor.actor, text.strip())

    async def differences(self, question_id: int, older: int, newer: int) -> tuple[Difference, ...]:
        """Return what differs between two versions; raises KeyError when there is no such version."""
        versions = {one.record.no: one.question for one in (await self.store.dossier(question_id)).versions}
        return await asyncio.to_thread(differences, versions[older], versions[newer])

    async def _admit(self, dossier: Dossier, seen: Seen, move: Move, editor: Editor, reason: str = "") -> Written:
        newest = dossier.versions[-1]
        try:
            if (newest.record.no, dossier.record.state.value) != (seen.version, seen.state):
                raise QuestionRefused("question-stale")
            apply(dossier.record, move, editor, reason)
        except QuestionRefused as refused:
            detail = {"version": newest.record.no, "code": refused.code}
            await self.store.audit(
                editor.actor, f"refused-{move.value}-question", f"question {dossier.question_id}", detail
            )
            raise
        return newest

    async def _read(self, words: QuestionWords, newest: Written | None = None) -> Question | Faults:
        name = await self._point_name(words, newest)
        question, problems = await asyncio.to_thread(read_words, words, name or "")
        if question is None or name is None:
            return Faults(problems, () if name is not None else (("point", "point-unknown"),))
        return question

    async def _point_name(self, words: QuestionWords, newest: Written | None) -> str | None:
        """What the chosen point is called; None when the edition in work has no such point in use.

        A question may keep the point that it has, retired or not.
        """
        if words.point == 0:
            return ""
        edition = await self._syllabus.edition((await self._syllabus.editions())[0].edition_id)
        for one in edition.points:
            if one.point_id == words.point and one.module == words.module and not one.retired:
                return one.name
        if newest is not None and (words.point, words.module) == (newest.point_id, newest.question.module):
            return newest.question.point
        return None


def read_move(name: str) -> Move | None:
    """Return a move that persons make by its name, or None."""
    return next((one for one in PERSONAL if one.value == name and one is not Move.WRITE), None)


def read_state(name: str) -> QuestionState | None:
    """Return a state by its name, or None."""
    return next((one for one in QuestionState if one.value == name), None)
