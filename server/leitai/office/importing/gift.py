"""GIFT (docs.moodle.org, GIFT format): categories, titles, escapes, weights, feedback.

Read are choices, true-false, short answers with one blank, and essays. Matching, numbers with a tolerance and weights
that give part of the points to one option are refused, question by question.
"""

import re
from dataclasses import dataclass

from leitai.office.importing.drafts import LONG, Drafts
from leitai.office.importing.foreign import Foreign, blank_at
from leitai.office.importing.html_text import html_text, looks_like_html
from leitai.office.importing.problems import Place
from leitai.rules.values import QuestionType

_CATEGORY = re.compile(r"\s*\$CATEGORY:\s*(.*)")
_TAG = re.compile(r"\[tag:((?:\\.|[^\]\\])*)\]")
_FORMAT = re.compile(r"\s*\[(html|markdown|plain|moodle)\]", re.IGNORECASE)
_TITLE = re.compile(r"\s*::((?:\\.|[^\\])*?)::", re.DOTALL)
_ESCAPE = re.compile(r"\\([\\~=#{}:n])", re.DOTALL)
_ANSWERS = re.compile(r"(?<!\\)(?:\\\\)*\{\s*(?:[=~#}]|T(?:RUE)?\s*[#}]|F(?:ALSE)?\s*[#}])")
_TRUTH = re.compile(r"(T|TRUE|F|FALSE)\s*(?:#.*)?", re.DOTALL | re.IGNORECASE)
_WEIGHT = re.compile(r"\s*%(-?\d+(?:\.\d+)?)%")


@dataclass(frozen=True, slots=True)
class _Answer:
    sign: str
    weight: float | None
    text: str
    feedback: str


def is_gift(text: str) -> bool:
    """Whether a text has answers in braces as GIFT has them."""
    return "{" in text and _ANSWERS.search(text) is not None


def read_gift(text: str) -> Drafts:
    """Return the questions of a GIFT file."""
    found = Drafts()
    category = ""
    tags: list[str] = []
    block: list[str] = []
    begun = 0
    for number, line in enumerate([*text.split("\n"), ""], start=1):
        if line.strip() and (named := _CATEGORY.match(line)) is not None and not block:
            category = named[1].strip()
        elif line.lstrip().startswith("//") and not block:
            tags += [re.sub(r"\\(.)", r"\1", tag[1]) for tag in _TAG.finditer(line)]
        elif line.strip():
            begun = begun if block else number
            block.append(line)
        elif block:
            whole = "\n".join(block)
            question = _read(Place("gift", begun), whole[:LONG], category, tags)
            if question is not None and len(whole) > LONG:
                question.problems.append(("stem", "too-long", str(LONG)))
            if question is None:
                found.skipped.append(f"gift!{begun}")
            else:
                found.add(question.draft())
            block, tags = [], []
    return found


def _read(place: Place, text: str, category: str, tags: list[str]) -> Foreign | None:
    """One question; None for a text without answers, which GIFT calls a description."""
    title = _TITLE.match(text)
    rest = text[title.end() :] if title else text
    named = _FORMAT.match(rest)
    form = named[1].lower() if named else "moodle"
    rest = rest[named.end() :] if named else rest
    start = _unescaped(rest, "{")
    end = _unescaped(rest, "}", start + 1) if start >= 0 else -1
    if end < 0:
        if start < 0:
            return None
        return Foreign(place, QuestionType.SINGLE, rest, problems=[("answer", "answer-unreadable", "{ … ")])
    before, inside, after = rest[:start], rest[start + 1 : end], rest[end + 1 :]
    inside, _, general = _partition(inside, "####")
    question = Foreign(place, QuestionType.SINGLE, "", category=category, tags=list(tags))
    _fill(question, inside.strip(), form)
    stem = _plain(before, form)
    if after.strip():
        # The missing word: what stands in for it is a blank.
        stem = stem.rstrip(" ") if blank_at(stem.rstrip()) == "" else f"{stem.rstrip()} ____"
        stem = f"{stem} {_plain(after, form).lstrip()}"
    question.stem = stem
    said = _plain(general, form)
    if question.type is QuestionType.SHORT_ANSWER:
        question.reference, question.explanation = split_reference(said)
    else:
        question.explanation = said
    return question


def split_reference(feedback: str) -> tuple[str, str]:
    """Return the reference answer and the explanation of one text (`参考答案：…`, `解析：…` on its own line)."""
    reference, _, explanation = feedback.removeprefix("参考答案：").partition("\n解析：")
    return reference, explanation


def _fill(question: Foreign, inside: str, form: str) -> None:
    truth = _TRUTH.fullmatch(inside)
    if not inside:
        question.type = QuestionType.SHORT_ANSWER
    elif truth is not None:
        question.type = QuestionType.TRUE_FALSE
        question.truth = truth[1].upper().startswith("T")
    elif inside.startswith("#"):
        number = re.fullmatch(r"#\s*=?\s*(-?\d+(?:\.\d+)?)(?::0)?", inside)
        if number is None:
            question.problems.append(("type", "kind-unsupported", "numerical"))
        else:
            question.type = QuestionType.FILL_IN
            question.blanks = [[number[1]]]
    else:
        _choices(question, _split(inside, form))


def _choices(question: Foreign, found: list[_Answer]) -> None:
    if not found:
        question.problems.append(("answer", "answer-unreadable", ""))
        return
    if any("->" in one.text and one.sign == "=" for one in found) and all(one.sign == "=" for one in found):
        question.problems.append(("type", "kind-unsupported", "matching"))
        return
    if all(one.sign == "=" for one in found):
        question.type = QuestionType.FILL_IN
        question.blanks = [[one.text for one in found]]
        if any(one.weight not in (None, 100) for one in found):
            question.problems.append(("answer", "partial-credit", ""))
        return
    weights = [one.weight or 0 for one in found]
    if all(one.sign == "~" for one in found):
        question.type = QuestionType.MULTIPLE
        right = [weight > 0 for weight in weights]
        shares = {weight for weight in weights if weight > 0}
        whole = abs(sum(weight for weight in weights if weight > 0) - 100) < 1
        if shares and not (whole and max(shares) - min(shares) < 1):
            question.problems.append(("answer", "partial-credit", ""))
        if sum(right) == 1:
            question.type = QuestionType.INDETERMINATE
    else:
        right = [one.sign == "=" for one in found]
        if any(one.sign == "~" and weight > 0 for one, weight in zip(found, weights, strict=True)):
            question.problems.append(("answer", "partial-credit", ""))
    question.options = [(one.text, is_right, one.feedback) for one, is_right in zip(found, right, strict=True)]


def _split(inside: str, form: str) -> list[_Answer]:
    starts = [at for at, char in enumerate(inside) if char in "=~" and not _is_escaped(inside, at)]
    found: list[_Answer] = []
    for start, end in zip(starts, [*starts[1:], len(inside)], strict=True):
        text, _, feedback = _partition(inside[start + 1 : end], "#")
        weight = _WEIGHT.match(text)
        found.append(
            _Answer(
                inside[start],
                float(weight[1]) if weight else None,
                _plain(text[weight.end() :] if weight else text, form),
                _plain(feedback, form),
            )
        )
    return found


def _plain(text: str, form: str) -> str:
    """Text without its escapes and, where it is HTML, its marks."""
    named = _FORMAT.match(text)
    if named:
        form = named[1].lower()
        text = text[named.end() :]
    plain = _ESCAPE.sub(lambda found: "\n" if found[1] == "n" else found[1], text.strip())
    return html_text(plain) if form == "html" or (form == "moodle" and looks_like_html(plain)) else plain


def _partition(text: str, mark: str) -> tuple[str, str, str]:
    at = _unescaped(text, mark)
    return (text, "", "") if at < 0 else (text[:at], mark, text[at + len(mark) :])


def _unescaped(text: str, mark: str, start: int = 0) -> int:
    at = text.find(mark, start)
    while at >= 0 and _is_escaped(text, at):
        at = text.find(mark, at + 1)
    return at


def _is_escaped(text: str, at: int) -> bool:
    before = 0
    while at > before and text[at - before - 1] == "\\":
        before += 1
    return before % 2 == 1
