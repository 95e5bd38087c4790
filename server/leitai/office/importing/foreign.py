"""What the formats of other systems (GIFT, Aiken, Moodle XML, QTI) have in common: their questions as drafts.

None of them has a place for a type 不定项, a difficulty, a knowledge point or a module: tags such as `难度:易` say them
there, for this program and for whoever reads the file.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from leitai.office.importing import answers
from leitai.office.importing.drafts import Draft, clean
from leitai.office.importing.problems import Place
from leitai.rules.values import QuestionType

TAGGED = {"题型": "type", "难度": "difficulty", "知识点": "point", "目录": "module"}
"""Tags that say more than themselves, and the field that they say."""
NAMES = {
    QuestionType.SINGLE: "单选",
    QuestionType.MULTIPLE: "多选",
    QuestionType.INDETERMINATE: "不定项",
    QuestionType.TRUE_FALSE: "判断",
    QuestionType.FILL_IN: "填空",
    QuestionType.SHORT_ANSWER: "简答",
    QuestionType.CASE: "案例",
}
_NOT_A_MODULE = re.compile(r"^\$\w+\$$|^top$", re.IGNORECASE)


@dataclass(slots=True)
class Foreign:
    """A question of another system.

    Args:
        place: where it stands.
        type: what its form says; a tag says it better.
        stem: its text.
        options: text, whether it is right, and what is said of it (feedback).
        blanks: the alternatives of each blank.
        reference: what a judge compares with.
        truth: of a true-false question.
        explanation: what is said when it has been answered.
        category: a path of categories, parted by `/`.
        tags: its tags, those of `TAGGED` among them.
    """

    place: Place
    type: QuestionType
    stem: str
    options: Sequence[tuple[str, bool, str]] = ()
    blanks: Sequence[Sequence[str]] = ()
    reference: str = ""
    truth: bool | None = None
    explanation: str = ""
    category: str = ""
    tags: Sequence[str] = ()
    problems: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])

    def draft(self) -> Draft:
        """Return it field by field."""
        said: dict[str, str] = {}
        plain: list[str] = []
        for tag in map(clean, self.tags):
            name, colon, value = tag.partition(":")
            if colon and name in TAGGED:
                said[TAGGED[name]] = value
            else:
                plain.append(tag)
        draft = Draft(self.place, {}, problems=list(self.problems), loose_module="module" not in said)
        module = said.get("module") or _module(self.category)
        fields = draft.fields
        fields |= {"type": said.get("type") or NAMES[self.type], "stem": self._stem(), "module": module}
        fields |= {"answer": self._answer(), "difficulty": said.get("difficulty", ""), "point": said.get("point", "")}
        fields |= {"explanation": self._explanation(), "tags": "、".join(plain)}
        for number, (text, _, _) in enumerate(self.options):
            if number < len(answers.LETTERS):
                letter = answers.LETTERS[number]
                fields[f"option_{letter}"] = clean(text)
                if not clean(text):
                    draft.problems.append((f"option_{letter}", "missing", ""))
        if len(self.options) > len(answers.LETTERS):
            draft.problems.append(("option_H", "options-too-many", str(len(answers.LETTERS))))
        return draft

    def _stem(self) -> str:
        stem = clean(self.stem)
        if self.type is QuestionType.FILL_IN and len(self.blanks) == 1 and not answers.BLANK.search(stem):
            # Other systems put the field below the question.
            return f"{stem} ____"
        return stem

    def _answer(self) -> str:
        if self.truth is not None:
            return "正确" if self.truth else "错误"
        if self.blanks:
            return answers.write_blanks([[clean(text) for text in blank if clean(text)] for blank in self.blanks])
        if self.reference:
            return answers.write_reference(clean(self.reference))
        right = [number for number, (_, is_right, _) in enumerate(self.options) if is_right]
        return "".join(answers.LETTERS[number] for number in right if number < len(answers.LETTERS))

    def _explanation(self) -> str:
        feedback = [
            f"{letter}. {clean(said)}"
            for letter, (_, _, said) in zip(answers.LETTERS, self.options, strict=False)
            if clean(said)
        ]
        return "\n".join(part for part in (clean(self.explanation), *feedback) if part)


def blank_at(before: str) -> str:
    """Return what marks a blank where a format puts a field: nothing when the text before it ends with a mark."""
    end = before[-200:]
    return "" if any(mark.end() == len(end) for mark in answers.BLANK.finditer(end)) else "____"


def looks_true_false(options: Sequence[str]) -> bool:
    """Whether the options of a choice are a yes and a no."""
    return len(options) == 2 and {answers.read_truth(option) for option in options} == {True, False}


def _module(category: str) -> str:
    parts = [part.strip() for part in re.split(r"(?<!/)/(?!/)", category)]
    named = [part.replace("//", "/") for part in parts if part and not _NOT_A_MODULE.match(part)]
    known = next((module for part in named if (module := answers.read_module(part)) is not None), None)
    return known or "/".join(named)
