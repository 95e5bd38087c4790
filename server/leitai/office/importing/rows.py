"""One question as written to a question of the bank, or to the reasons why not."""

from collections.abc import Sequence

from leitai.office.bank import (
    MAX_EXPLANATION,
    MAX_OPTION,
    MAX_OPTIONS,
    MAX_STEM,
    TRUE_FALSE_OPTIONS,
    Option,
    Question,
)
from leitai.office.importing import answers
from leitai.office.importing.drafts import LONG, Draft, is_odd
from leitai.office.importing.problems import Problem
from leitai.rules.marking import normalise
from leitai.rules.values import JUDGED, Key, QuestionType

_CHOICES = (QuestionType.SINGLE, QuestionType.MULTIPLE, QuestionType.INDETERMINATE)


class Row:
    """A draft on its way to a question; `problems` fill up as it is read."""

    def __init__(self, draft: Draft, module: str = "") -> None:
        self.problems: list[Problem] = []
        self._draft = draft
        self._module = module
        self.place = draft.place
        self.shared_stem = self._cell("shared_stem")
        self.is_case = answers.read_type(self._cell("type") or draft.type_hint) is QuestionType.CASE

    def refuse(self, field: str, code: str, detail: str = "") -> None:
        """Note what is wrong with a field."""
        self._refuse(field, code, detail)

    def read(self) -> Question | None:
        """Return the question, or None when there are problems."""
        for field, code, detail in self._draft.problems:
            self._refuse(field, code, detail)
        for field, text in self._draft.fields.items():
            if len(text) > LONG:
                self._refuse(field, "too-long", str(MAX_EXPLANATION))
        if self.problems:
            return None
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
        if options is None:
            return None
        type_ = self._type(answer, stem, bool(options))
        if type_ is None:
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
        module = self._read_module()
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
        return self._draft.fields.get(field, "")

    def _text(self, field: str, limit: int) -> str:
        text = self._cell(field)
        if len(text) > limit:
            self._refuse(field, "too-long", str(limit))
        if "\N{OBJECT REPLACEMENT CHARACTER}" in text:
            self._refuse(field, "picture")
        if is_odd(text):
            self._refuse(field, "control-characters")
        return text

    def _refuse(self, field: str, code: str, detail: str = "") -> None:
        title = self._draft.titles.get(field, field)
        self.problems.append(Problem(self.place.sheet, self.place.row, title, code, detail))

    @property
    def _options_field(self) -> str:
        return "options" if "options" in self._draft.fields else "option_A"

    def _read_module(self) -> str | None:
        stated = self._cell("module")
        module = answers.read_module(stated)
        if module is None and self._module and (not stated or self._draft.loose_module):
            return self._module
        if module is None:
            self._refuse("module", "module-unknown" if stated else "missing", stated)
        return module

    def _type(self, answer: str, stem: str, has_options: bool) -> QuestionType | None:
        stated = self._cell("type")
        found = answers.read_type(stated) if stated else answers.read_type(self._draft.type_hint)
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
        field = self._options_field
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
            self._refuse(self._options_field, "options-unwanted")
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
            self._refuse(self._options_field, "options-unwanted")
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
