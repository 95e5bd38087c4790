"""Answers that stand together after a section or at the end of a text (`1-5 ABCDE`, `6. √`): to whom each belongs."""

from leitai.office.importing import answers, marks
from leitai.office.importing.drafts import LONG, Draft
from leitai.office.importing.problems import Place
from leitai.rules.values import QuestionType


class Grouped:
    """Reads the lines of answers while `on`; questions without an answer are looked up by number and section's type."""

    def __init__(self, drafts: list[Draft], numbers: list[int], part: str) -> None:
        """Hold on to the questions read so far, to which more may be added, and their numbers."""
        self.on = False
        self._drafts = drafts
        self._numbers = numbers
        self._part = part
        self._type: QuestionType | None = None
        self._last: tuple[Draft, str] | None = None
        self._waiting: dict[int, list[int]] = {}

    def begin(self) -> None:
        """From the next line on answers are expected."""
        self.on = True
        self._type = None
        self._last = None
        self._waiting = {}
        for at, (number, draft) in enumerate(zip(self._numbers, self._drafts, strict=True)):
            if not draft.fields.get("answer"):
                self._waiting.setdefault(number, []).append(at)

    def end(self) -> None:
        """The next line is a question's, or a heading's."""
        self.on = False

    def take(self, number: int, line: str) -> bool:
        """Whether the line belongs to the answers; if it does it has been read."""
        found = marks.heading(line)
        if found is not None and found[0] is not None:
            self._type = found[0]
            self._last = None
            # Whether answers or questions of the type follow, the next line tells.
            return self._any_of(found[0])
        read = marks.grouped(line)
        if read is not None:
            for first, texts, expected in read:
                if len(texts) != expected:
                    self._note(number, "answers-differ", line)
                else:
                    for offset, text in enumerate(texts):
                        self._give(number, first + offset, text)
            return True
        start = marks.question_start(line)
        if start is not None and (draft := self._find(start.number)) is not None:
            said = marks.labels(f"答案：{start.text}")
            for field, text in said:
                draft.fields[field] = text
            self._last = (draft, said[-1][0])
            return True
        if self._last is not None and start is None:
            draft, field = self._last
            said = marks.labels(line)
            for field, text in said:
                draft.fields[field] = text
            if not said:
                draft.fields[field] += "\n" + line if len(draft.fields[field]) < LONG else ""
            self._last = (draft, field)
            return True
        self.on = False
        return False

    def _give(self, line: int, number: int, text: str) -> None:
        draft = self._find(number)
        if draft is None:
            self._note(line, "answer-without-question", str(number))
            return
        draft.fields["answer"] = text
        self._last = (draft, "answer")

    def _find(self, number: int) -> Draft | None:
        """The first question of a number that still waits, of the type that is spoken of."""
        waiting = self._waiting.get(number, [])
        for place, at in enumerate(waiting):
            draft = self._drafts[at]
            if self._type is None or answers.read_type(draft.fields.get("type") or draft.type_hint) is self._type:
                del waiting[place]
                return draft
        return None

    def _any_of(self, type_: QuestionType) -> bool:
        return any(
            answers.read_type(self._drafts[at].fields.get("type") or self._drafts[at].type_hint) is type_
            for waiting in self._waiting.values()
            for at in waiting
        )

    def _note(self, line: int, code: str, detail: str) -> None:
        # A draft of nothing but its problem: the file has a line that cannot be used.
        self._drafts.append(
            Draft(Place(self._part, line), {"stem": "?", "answer": "?"}, problems=[("answer", code, detail)])
        )
        self._numbers.append(0)
