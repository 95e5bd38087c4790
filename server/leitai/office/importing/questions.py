"""Question files: rows of a table to questions of the bank, or to the reasons why not."""

import hashlib
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from leitai.office.bank import (
    MAX_EXPLANATION,
    MAX_OPTION,
    MAX_OPTIONS,
    MAX_PARTS,
    MAX_STEM,
    TRUE_FALSE_OPTIONS,
    Option,
    Question,
    stem_key,
)
from leitai.office.importing import answers
from leitai.office.importing.headers import Columns, find_columns
from leitai.office.importing.problems import FileRefused, Place, Problem
from leitai.office.importing.tables import Table, read_tables
from leitai.rules.marking import normalise
from leitai.rules.values import JUDGED, Key, QuestionType

HEADERS: dict[str, tuple[str, ...]] = {
    "type": ("题型", "题目类型", "试题类型", "类型", "type"),
    "stem": (
        "题干",
        "试题",
        "问题",
        "题目内容",
        "题目",
        "试题内容",
        "试题题干",
        "题面",
        "小题题干",
        "stem",
        "question",
    ),
    "shared_stem": ("大题题干", "材料", "公共题干"),
    "options": ("选项", "备选项", "备选答案", "选项内容", "options"),
    **{
        f"option_{letter}": (f"选项{letter}", f"{letter}选项", f"答案{letter}", letter, f"option {letter}")
        for letter in answers.LETTERS
    },
    "answer": ("答案", "正确答案", "标准答案", "参考答案", "正确选项", "answer"),
    "explanation": ("解析", "答案解析", "试题解析", "解释", "依据", "explanation"),
    "difficulty": ("难度", "难易度", "难易程度", "难度系数", "difficulty"),
    "point": ("知识点", "考点", "考查点", "point"),
    "module": ("目录", "题目分类", "分类", "模块", "所属目录", "题目目录", "module", "category"),
    "tags": ("标签", "关键词", "tags"),
}
_REQUIRED = (("stem", "shared_stem"), ("answer",))
_CHOICES = (QuestionType.SINGLE, QuestionType.MULTIPLE, QuestionType.INDETERMINATE)


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A row whose stem another row before it has; it is not taken in."""

    place: Place
    first: Place


@dataclass(frozen=True, slots=True)
class BankFile:
    """A question file as read.

    `accepted` holds each question with its row; `skipped` the sheets without a recognisable header.
    """

    file_name: str
    sha256: bytes
    accepted: tuple[tuple[Place, Question], ...]
    refused: tuple[Problem, ...]
    duplicates: tuple[Duplicate, ...]
    skipped: tuple[str, ...]


def read_bank_file(file_name: str, data: bytes) -> BankFile:
    """Read a question file; raises `FileRefused`. Takes a second for 10,000 rows: run it in a thread."""
    accepted: list[tuple[Place, Question]] = []
    refused: list[Problem] = []
    duplicates: list[Duplicate] = []
    skipped: list[str] = []
    seen: dict[bytes, Place] = {}
    tables = [table for table in read_tables(data) if any(any(row) for row in table.rows)]
    for table in tables:
        columns = find_columns(table, HEADERS, _REQUIRED)
        if columns is None:
            skipped.append(table.sheet)
            continue
        for rows in _questions(table, columns):
            question = rows[0].read() if not rows[0].is_case else _read_case(rows)
            if question is None:
                refused.extend(problem for row in rows for problem in row.problems)
                continue
            place = rows[0].place
            first = seen.setdefault(stem_key(question.stem), place)
            if first is place:
                accepted.append((place, question))
            else:
                duplicates.append(Duplicate(place, first))
    if len(skipped) == len(tables):
        raise FileRefused("no-table", "题干、答案 / stem, answer")
    return BankFile(
        file_name, hashlib.sha256(data).digest(), tuple(accepted), tuple(refused), tuple(duplicates), tuple(skipped)
    )


def _questions(table: Table, columns: Columns) -> Iterator[list["_Row"]]:
    """The rows of each question: one, or those of a case, which follow each other under one shared stem."""
    case: list[_Row] = []
    for number, cells in enumerate(table.rows[columns.header_row + 1 :], start=columns.header_row + 2):
        if not any(cells):
            continue
        row = _Row(table, columns, number, cells)
        if case and not (row.is_case and row.shared_stem in ("", case[0].shared_stem)):
            yield case
            case = []
        if row.is_case:
            case.append(row)
        else:
            yield [row]
    if case:
        yield case


def _read_case(rows: Sequence["_Row"]) -> Question | None:
    """The sub-items of a case as one question, or None when there are problems with one of them."""
    head = rows[0]
    read = [row.read() for row in rows]
    if not head.shared_stem:
        head.refuse("shared_stem", "case-stem")
    if len(rows) > MAX_PARTS:
        head.refuse("stem", "case-too-long", str(MAX_PARTS))
    good = [question for question in read if question is not None]
    if len(good) == len(rows) and not head.problems:
        explanation = "\n".join(dict.fromkeys(one.explanation for one in good if one.explanation))
        if len(explanation) <= MAX_EXPLANATION:
            return replace(
                good[0],
                key=Key(blanks=tuple(blank for one in good for blank in one.key.blanks)),
                explanation=explanation,
                tags=tuple(dict.fromkeys(tag for one in good for tag in one.tags)),
                parts=tuple(part for one in good for part in one.parts),
            )
        head.refuse("explanation", "too-long", str(MAX_EXPLANATION))
    bad = next(row for row in rows if row.problems)
    for row in rows:
        if not row.problems:
            row.refuse("stem", "case-incomplete", str(bad.place))
    return None


class _Row:
    """One row on its way to a question; `problems` fill up as it is read."""

    def __init__(self, table: Table, columns: Columns, number: int, row: Sequence[str]) -> None:
        self.problems: list[Problem] = []
        self._table = table
        self._columns = columns
        self._number = number
        self._row = row
        self.place = Place(table.sheet, number)
        self.shared_stem = self._cell("shared_stem")
        stated = self._cell("type")
        self.is_case = answers.read_type(stated or table.sheet) is QuestionType.CASE

    def refuse(self, field: str, code: str, detail: str = "") -> None:
        """Note what is wrong with a field."""
        self._refuse(field, code, detail)

    def read(self) -> Question | None:
        """Return the question, or None when there are problems."""
        for field, column in self._columns.at.items():
            if (self._number, column + 1) in self._table.formulas:
                self._refuse(field, "formula")
        shared = self._text("shared_stem", MAX_STEM)
        own = self._text("stem", MAX_STEM)
        stem = "\n".join(part for part in (shared, own) if part)
        answer = self._cell("answer")
        if not stem:
            self._refuse("stem", "missing")
        if not answer:
            self._refuse("answer", "missing")
        if self.problems:
            return None
        options = self._options()
        type_ = self._type(answer, stem, bool(options))
        if type_ is None or options is None:
            return None
        if type_ in _CHOICES:
            made = self._choice(type_, options, answer)
        elif type_ is QuestionType.TRUE_FALSE:
            made = self._true_false(options, answer)
        elif type_ in JUDGED:
            made = self._judged(type_, options, answer)
        else:
            made = self._fill_in(stem, options, answer)
        difficulty = answers.read_difficulty(self._cell("difficulty"))
        if difficulty is None:
            self._refuse("difficulty", "difficulty-unknown", self._cell("difficulty"))
        module = answers.read_module(self._cell("module"))
        if module is None:
            code = "module-unknown" if self._cell("module") else "missing"
            self._refuse("module", code, self._cell("module"))
        explanation = self._text("explanation", MAX_EXPLANATION)
        point = self._text("point", MAX_OPTION)
        tags = self._text("tags", MAX_OPTION)
        if self.problems or made is None or difficulty is None or module is None:
            return None
        is_case = type_ is QuestionType.CASE
        return Question(
            type=type_,
            stem=shared if is_case else stem,
            options=made[0],
            key=made[1],
            explanation=explanation,
            difficulty=difficulty,
            module=module,
            point=point,
            tags=tuple(dict.fromkeys(tag for tag in _split_tags(tags) if tag)),
            parts=(own,) if is_case else (),
        )

    def _cell(self, field: str) -> str:
        return self._columns.cell(self._row, field)

    def _text(self, field: str, limit: int) -> str:
        text = self._cell(field)
        if len(text) > limit:
            self._refuse(field, "too-long", str(limit))
        if any(unicodedata.category(char) == "Cc" and char not in "\n\t" for char in text):
            self._refuse(field, "control-characters")
        return text

    def _refuse(self, field: str, code: str, detail: str = "") -> None:
        self.problems.append(Problem(self._table.sheet, self._number, self._columns.title(field), code, detail))

    def _type(self, answer: str, stem: str, has_options: bool) -> QuestionType | None:
        stated = self._cell("type")
        found = answers.read_type(stated) if stated else answers.read_type(self._table.sheet)
        if found is not None:
            return found
        if stated:
            self._refuse("type", "type-unknown", stated)
            return None
        found = answers.infer_type(answer, has_options, stem)
        if found is None:
            self._refuse("type", "missing")
        return found

    def _options(self) -> list[str] | None:
        """The options' texts without a gap; None when they cannot be used."""
        listed = [self._text(f"option_{letter}", MAX_OPTION) for letter in answers.LETTERS]
        while listed and not listed[-1]:
            listed.pop()
        if listed:
            if "" in listed:
                self._refuse("option_" + (gap := answers.LETTERS[listed.index("")]), "options-gap", gap)
                return None
            return listed
        cell = self._cell("options")
        if not cell:
            return []
        split = answers.split_options(cell)
        if split is None or not all(split):
            self._refuse("options", "options-unreadable")
            return None
        if any(len(text) > MAX_OPTION for text in split):
            self._refuse("options", "too-long", str(MAX_OPTION))
            return None
        return split

    def _choice(
        self, type_: QuestionType, options: Sequence[str], answer: str
    ) -> tuple[tuple[Option, ...], Key] | None:
        field = "options" if "options" in self._columns.at else "option_A"
        if len(options) < 2:
            self._refuse(field, "options-too-few")
            return None
        if len(options) > MAX_OPTIONS:
            self._refuse(field, "options-too-many", str(MAX_OPTIONS))
            return None
        plain = [normalise(text) or text for text in options]
        if len(set(plain)) < len(plain):
            self._refuse(
                field, "options-same", next(text for text in options if plain.count(normalise(text) or text) > 1)
            )
        letters = answers.read_letters(answer)
        if letters is None:
            self._refuse("answer", "answer-unreadable", answer)
            return None
        there = answers.LETTERS[: len(options)]
        if stray := [letter for letter in letters if letter not in there]:
            self._refuse("answer", "answer-not-an-option", "".join(stray))
        if type_ is QuestionType.SINGLE and len(letters) != 1:
            self._refuse("answer", "answer-one", answer)
        if type_ is QuestionType.MULTIPLE and len(letters) < 2:
            self._refuse("answer", "answer-two", answer)
        return tuple(Option(letter, text) for letter, text in zip(there, options, strict=True)), Key(frozenset(letters))

    def _true_false(self, options: Sequence[str], answer: str) -> tuple[tuple[Option, ...], Key] | None:
        truth = answers.read_truth(answer)
        letters = answers.read_letters(answer)
        if options and letters and len(letters) == 1 and answers.LETTERS.index(letters[0]) < len(options):
            # 选项 A 正确, B 错误, and the answer a letter.
            truth = answers.read_truth(options[answers.LETTERS.index(letters[0])])
        if truth is None:
            self._refuse("answer", "answer-unreadable", answer)
            return None
        return tuple(Option(*option) for option in TRUE_FALSE_OPTIONS), Key(frozenset({"T" if truth else "F"}))

    def _judged(
        self, type_: QuestionType, options: Sequence[str], answer: str
    ) -> tuple[tuple[Option, ...], Key] | None:
        if options:
            self._refuse("options" if "options" in self._columns.at else "option_A", "options-unwanted")
        if type_ is QuestionType.CASE and not self._cell("stem"):
            self._refuse("stem", "missing")
        reference = answers.read_reference(answer)
        if not reference:
            self._refuse("answer", "missing")
        if len(reference) > MAX_EXPLANATION:
            self._refuse("answer", "too-long", str(MAX_EXPLANATION))
        return (), Key(blanks=((reference,),))

    def _fill_in(self, stem: str, options: Sequence[str], answer: str) -> tuple[tuple[Option, ...], Key] | None:
        if options:
            self._refuse("options" if "options" in self._columns.at else "option_A", "options-unwanted")
        blanks = answers.read_blanks(answer)
        in_stem = len(answers.BLANK.findall(stem))
        if not all(blanks):
            self._refuse("answer", "answer-unreadable", answer)
        elif in_stem == 0:
            self._refuse("stem", "blanks-none")
        elif in_stem != len(blanks):
            self._refuse("answer", "blanks-differ", f"{in_stem} / {len(blanks)}")
        return (), Key(blanks=blanks)


def _split_tags(text: str) -> list[str]:
    for mark in ",，;；、|\n":
        text = text.replace(mark, " ")
    return [tag.strip() for tag in text.split()]
