"""Working through the questions that are alike: looking for them in the whole bank, keeping both, retiring one."""

import asyncio
import time
from collections.abc import Sequence

from leitai.office.apart import find_alike_apart
from leitai.office.bank_files_ports import LikenessStore
from leitai.office.bank_ports import QuestionStore
from leitai.office.resemblance import Found
from leitai.rules.questions import Editor, Move, QuestionRefused, apply


class LikenessDesk:
    """The list of pairs, and what is done with each."""

    def __init__(self, store: LikenessStore, questions: QuestionStore) -> None:
        self.store = store
        self._questions = questions
        self._scanning = asyncio.Lock()

    @property
    def scanning(self) -> bool:
        """Whether the bank is being gone through by this process."""
        return self._scanning.locked()

    async def scan(self, actor: str) -> None:
        """Go through the whole bank; whoever asks meanwhile waits for the same.

        CPU of some seconds for 100,000 questions, in a process apart. Raises `TooHeavy`, `StoreUnavailable`.
        """
        waited = self._scanning.locked()
        async with self._scanning:
            if waited:
                return
            began = time.monotonic()
            stems = await self.store.stems()
            found = await find_alike_apart([one.stem for one in stems])
            pairs = _by_id(found, [one.question_id for one in stems])
            took_ms = int((time.monotonic() - began) * 1000)
            await self.store.keep_scan(pairs, len(stems), cut=found.cut, took_ms=took_ms, actor=actor)

    async def keep_both(self, editor: Editor, one: int, other: int) -> bool:
        """Say that both are wanted; False when the pair is decided already."""
        return await self.store.decide_pair(min(one, other), max(one, other), "both", editor.actor)

    async def retire(self, editor: Editor, retired: int, kept: int) -> bool:
        """Retire one of a pair; False when the pair is decided already.

        Raises:
            KeyError: there is no such question.
            QuestionRefused: the law refuses it (`rules.questions`).
        """
        dossier = await self._questions.dossier(retired)
        reason = f"与试题 {kept} 近似"
        try:
            apply(dossier.record, Move.RETIRE, editor, reason)
        except QuestionRefused as refused:
            await self._questions.audit(
                editor.actor, "refused-retire-question", f"question {retired}", {"code": refused.code}
            )
            raise
        one, other = min(retired, kept), max(retired, kept)
        if not await self.store.is_open(one, other):
            return False
        await self._questions.add_act(retired, dossier.versions[-1].record, Move.RETIRE, editor.actor, reason)
        await self.store.decide_pair(one, other, "retired", editor.actor)
        return True


def _by_id(found: Found, ids: Sequence[int]) -> list[tuple[int, int, int]]:
    """The pairs by the questions' numbers, the smaller first; `ids` are ascending."""
    return [(ids[pair.one], ids[pair.other], pair.permille) for pair in found.pairs]
