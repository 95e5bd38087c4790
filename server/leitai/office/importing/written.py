"""Questions in running text (.txt, .docx): line after line to drafts, whatever of it is written or left out.

A question begins with a number, or after a blank line where nothing is numbered; its options, answer, explanation and
the rest follow in lines of their own. Headings name the type and the module of what comes below them. Answers may
stand in the stem's brackets, below each question, or together (`1-5 ABCDE`) after a section or at the end.
"""

from collections.abc import Iterable, Sequence

from leitai.office.importing import answers, marks
from leitai.office.importing.drafts import LONG, MAX_ROWS, TITLES, Draft, Drafts, clean
from leitai.office.importing.grouped import Grouped
from leitai.office.importing.problems import FileRefused, Place
from leitai.rules.values import JUDGED, QuestionType

_LONG = ("stem", "shared_stem", "explanation")
_TEXT_ANSWERS = JUDGED | {QuestionType.FILL_IN}


def read_written(part: str, lines: Sequence[tuple[int, str]]) -> Drafts:
    """Return the questions of a text, given as (number, line); raises `FileRefused` when there are too many."""
    reader = _Reader(part, _is_numbered(line for _, line in lines))
    last: tuple[int, str] | None = None
    for number, whole in lines:
        for line in _cut(clean(whole)).split("\n"):
            plain = clean(line)
            if last is not None:
                reader.take(*last, plain)
            last = (number, plain)
    if last is not None:
        reader.take(*last, "")
    return reader.close()


class _Reader:
    def __init__(self, part: str, numbered: bool) -> None:
        self._part = part
        self._drafts: list[Draft] = []
        self._numbers: list[int] = []
        self._grouped = Grouped(self._drafts, self._numbers, part)
        self._numbered = numbered
        self._form = ""
        self._type: QuestionType | None = None
        self._module = ""
        self._draft: Draft | None = None
        self._field = ""
        self._number = 0
        self._blanks = 0
        self._case = 0

    def close(self) -> Drafts:
        """Finish what is open and return everything."""
        self._finish()
        for draft in self._drafts:
            if not draft.fields.get("answer") and (inline := marks.bracketed_answer(draft.fields.get("stem", ""))):
                draft.fields["answer"], draft.fields["stem"] = inline
        if not self._numbered and not any(draft.fields.get("answer") for draft in self._drafts):
            # Some text, but none with questions.
            return Drafts()
        return Drafts(self._drafts)

    def take(self, number: int, line: str, following: str) -> None:
        """Read one line."""
        if not line:
            self._blanks += 1
            return
        if not (self._in_group(number, line) or self._headed(line) or self._labelled(number, line)):
            self._running(number, line, following)
        self._blanks = 0

    def _in_group(self, number: int, line: str) -> bool:
        """Whether the line is one of answers that stand together."""
        if marks.is_answers_head(line) and self._wait_for_answers():
            self._finish()
            self._grouped.begin()
            return True
        said = marks.labels(line)
        if said and said[0][0] == "answer" and "-" in _plain_dash(said[0][1][:12]) and marks.grouped(said[0][1]):
            self._finish()
            self._grouped.begin()
            line = said[0][1]
        return self._grouped.on and self._grouped.take(number, line)

    def _wait_for_answers(self) -> bool:
        """Whether others than the open question have no answer yet: then a heading of answers is theirs."""
        return any(not draft.fields.get("answer") for draft in self._drafts if draft is not self._draft)

    def _headed(self, line: str) -> bool:
        found = marks.heading(line)
        if found is None or (
            self._draft is not None and self._field in _LONG and not self._blanks and found[0] is None
        ):
            return False
        self._finish()
        self._number = 0
        if found[0] is not None:
            self._type = found[0]
            self._form = ""
        if found[1] is not None:
            self._module = found[1]
        return True

    def _labelled(self, number: int, line: str) -> bool:
        said = marks.labels(line)
        if not said:
            return False
        for field, text in said:
            if field in ("stem", "shared_stem"):
                self._begin(number, text, 0)
            elif self._draft is None:
                if field == "module":
                    self._module = text
            else:
                if field in self._draft.fields:
                    self._draft.problems.append((field, "field-twice", text))
                self._draft.fields[field] = text
                self._field = field
        return True

    def _running(self, number: int, line: str, following: str) -> None:
        draft = self._draft
        start = marks.question_start(line) if self._numbered else None
        if start is not None and self._starts(start):
            self._form = self._form or start.form
            self._number = start.number
            self._begin(number, start.text, start.number, following)
            return
        sub = marks.question_start(line)
        if draft is not None and self._is_case(draft) and sub and sub.form == "paren" and sub.number == self._case + 1:
            self._sub_item(number, sub.text)
            return
        if draft is None:
            # Titles stand above the first question of a numbered text; where nothing is numbered all is questions.
            if not self._numbered:
                self._begin(number, line, 0, following)
            return
        if self._field == "stem" or self._field.startswith("option"):
            if (read := marks.options(line)) is not None:
                self._options(read)
                return
            if self._field == "stem":
                self._stem(line, following)
                return
        self._go_on(number, line, following)

    def _starts(self, start: marks.Start) -> bool:
        if self._form and start.form != self._form:
            return False
        if self._draft is None or start.number == self._number + 1:
            return True
        if self._draft.fields.get("answer") or self._field.startswith("option"):
            return self._blanks > 0 or (self._field not in _LONG and start.number > self._number)
        return self._blanks > 0 and start.number > self._number

    def _begin(self, number: int, text: str, question_number: int, following: str = "") -> None:
        self._finish()
        if len(self._drafts) >= MAX_ROWS:
            raise FileRefused("too-many-rows", f"{MAX_ROWS:,}")
        fields = {"module": self._module} if self._module else {}
        draft = Draft(Place(self._part, number), fields, TITLES, self._type.value if self._type else "")
        self._draft = draft
        self._drafts.append(draft)
        self._numbers.append(question_number)
        self._field = "stem"
        self._case = 0
        self._stem(text, following)

    def _sub_item(self, number: int, text: str) -> None:
        """A sub-item of a case: the first is the open draft, whose stem turns out to be shared."""
        draft = self._draft
        assert draft is not None
        if self._case == 0:
            draft.fields["shared_stem"] = draft.fields.pop("stem", "")
            draft.fields["stem"] = text
            self._case = 1
            self._field = "stem"
            return
        case = self._case
        self._begin(number, text, self._number)
        self._case = case + 1

    def _is_case(self, draft: Draft) -> bool:
        return answers.read_type(draft.fields.get("type") or draft.type_hint) is QuestionType.CASE

    def _stem(self, line: str, following: str) -> None:
        assert self._draft is not None
        at = marks.options_in_stem(line, following)
        self._append("stem", line if at is None else line[:at].rstrip())
        if at is not None:
            self._options(marks.options(line[at:].lstrip()) or [])

    def _options(self, read: list[tuple[str, str]]) -> None:
        draft = self._draft
        assert draft is not None
        for letter, text in read:
            field = f"option_{letter}"
            if field in draft.fields:
                draft.problems.append((field, "option-twice", letter))
            elif letter > "H":
                draft.problems.append(("option_H", "options-too-many", "8"))
            if not text:
                draft.problems.append((field if letter <= "H" else "option_H", "missing", ""))
            draft.fields[field] = text
            self._field = field

    def _go_on(self, number: int, line: str, following: str) -> None:
        """A line without a mark: more of the field above it, or the next question where nothing is numbered."""
        draft = self._draft
        assert draft is not None
        text_answer = self._field == "answer" and self._takes_text(draft)
        closed = not (self._field in _LONG or self._field.startswith("option") or text_answer)
        if not self._numbered and (closed or self._blanks) and draft.fields.get("answer"):
            self._begin(number, line, 0, following)
        elif closed:
            draft.problems.append((self._field, "line-unexpected", line))
        else:
            self._append(self._field, line)

    def _takes_text(self, draft: Draft) -> bool:
        answer = draft.fields.get("answer", "")
        if answers.read_type(draft.fields.get("type") or draft.type_hint) in _TEXT_ANSWERS:
            return True
        return not answer or (answers.read_letters(answer) is None and answers.read_truth(answer) is None)

    def _append(self, field: str, line: str) -> None:
        assert self._draft is not None
        before = self._draft.fields.get(field, "")
        if len(before) > LONG:
            return
        self._draft.fields[field] = before + "\n" * (1 + self._blanks) + line if before else line

    def _finish(self) -> None:
        self._draft = None
        self._field = ""
        self._grouped.end()


def _is_numbered(lines: Iterable[str]) -> bool:
    """Whether the first thing that can be told is the number of a question."""
    for plain in (clean(line) for whole in lines for line in _cut(clean(whole)).split("\n")):
        if marks.question_start(plain) is not None:
            return True
        if plain and (marks.labels(plain) or marks.options(plain)):
            return False
    return False


def _cut(text: str) -> str:
    """A text that is searched in no more than a moment; what was cut off stays too long for any field."""
    return text if len(text) <= 4 * LONG else text[: 4 * LONG] + "…"


def _plain_dash(text: str) -> str:
    for dash in "–—~～至到":
        text = text.replace(dash, "-")
    return text
