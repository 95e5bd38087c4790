"""Moodle XML (docs.moodle.org, Moodle XML format): choices, true-false, short answers, essays, and cloze with blanks.

HTML is read as the text that it shows. Matching, calculated and other kinds are refused, question by question.
"""

import re
from xml.etree.ElementTree import Element

from leitai.office.importing.drafts import Drafts
from leitai.office.importing.foreign import Foreign, blank_at, looks_true_false
from leitai.office.importing.html_text import html_text, looks_like_html
from leitai.office.importing.problems import Place
from leitai.office.importing.xml_items import in_pieces, read_items
from leitai.rules.values import QuestionType

_CLOZE = re.compile(r"(?<!\\)\{\d*:(\w+):((?:\\.|[^\\}])*)\}", re.DOTALL)
_BLANKS = frozenset({"SHORTANSWER", "SA", "MW", "SHORTANSWER_C", "SAC", "MWC"})


def read_moodle(data: bytes) -> Drafts:
    """Return the questions of a Moodle XML file; raises `FileRefused`."""
    found = Drafts()
    category = ""
    number = 0
    for element in read_items(in_pieces(data), "quiz", 1, frozenset({"question"})):
        kind = element.get("type", "")
        if kind == "category":
            category = _text(element.find("category"))
            continue
        number += 1
        if kind == "description":
            found.skipped.append(f"moodle!{number}")
            continue
        found.add(_read(Place("moodle", number), kind, element, category).draft())
    return found


def _read(place: Place, kind: str, element: Element, category: str) -> Foreign:
    question = Foreign(
        place,
        QuestionType.SINGLE,
        _text(element.find("questiontext")),
        explanation=_text(element.find("generalfeedback")),
        category=category,
        tags=[_text(tag) for tag in element.findall("tags/tag")],
    )
    match kind:
        case "multichoice":
            _choice(question, element)
        case "truefalse":
            question.type = QuestionType.TRUE_FALSE
            right = [_text(one).casefold() for one in element.findall("answer") if _fraction(one) > 0]
            question.truth = right == ["true"] if right in (["true"], ["false"]) else None
        case "shortanswer":
            question.type = QuestionType.FILL_IN
            found = element.findall("answer")
            question.blanks = [[_text(one) for one in found if _fraction(one) == 100]]
            if any(0 < _fraction(one) < 100 for one in found):
                question.problems.append(("answer", "partial-credit", ""))
        case "essay":
            question.type = QuestionType.SHORT_ANSWER
            question.reference = _text(element.find("graderinfo"))
        case "cloze":
            _cloze(question)
        case _:
            question.problems.append(("type", "kind-unsupported", kind))
    return question


def _choice(question: Foreign, element: Element) -> None:
    found = element.findall("answer")
    shares = [_fraction(one) for one in found]
    texts = [_text(one) for one in found]
    positive = [share for share in shares if share > 0]
    question.options = [
        (text, share > 0, _text(one.find("feedback"))) for one, text, share in zip(found, texts, shares, strict=True)
    ]
    single = (element.findtext("single") or "true").strip().casefold() in ("true", "1")
    if single:
        even = all(share == 100 for share in positive)
    else:
        even = not positive or (abs(sum(positive) - 100) < 1 and max(positive) - min(positive) < 1)
    if not even:
        question.problems.append(("answer", "partial-credit", ""))
    if not single:
        question.type = QuestionType.MULTIPLE if len(positive) > 1 else QuestionType.INDETERMINATE
    elif looks_true_false(texts):
        question.type = QuestionType.TRUE_FALSE


def _cloze(question: Foreign) -> None:
    """A text with fields in it: each is a blank, where a mark of one does not stand before it already."""
    question.type = QuestionType.FILL_IN
    blanks: list[list[str]] = []
    parts: list[str] = []
    at = 0
    for found in _CLOZE.finditer(question.stem):
        if found[1].upper() not in _BLANKS:
            question.problems.append(("type", "kind-unsupported", f"cloze {found[1]}"))
        right: list[str] = []
        for answer in re.findall(r"(?:\\.|[^\\~])+", found[2], re.DOTALL):
            said = re.match(r"(=|%-?\d+(?:\.\d+)?%)?((?:\\.|[^\\#])*)", answer, re.DOTALL)
            assert said is not None
            if said[1] in ("=", "%100%"):
                right.append(re.sub(r"\\(.)", r"\1", said[2], flags=re.DOTALL))
            elif said[1] and not said[1].startswith(("%0%", "%-")):
                question.problems.append(("answer", "partial-credit", ""))
        blanks.append(right)
        parts.append(question.stem[at : found.start()])
        parts.append(blank_at(parts[-1]))
        at = found.end()
    question.stem = "".join([*parts, question.stem[at:]])
    question.blanks = blanks
    if not blanks:
        question.problems.append(("stem", "blanks-none", ""))


def _text(element: Element | None) -> str:
    """The text of an element with a `text` in it, as plain text."""
    if element is None:
        return ""
    inner = element.find("text")
    text = (inner.text if inner is not None else element.text) or ""
    form = element.get("format", "")
    if element.find("file") is not None:
        text += "\N{OBJECT REPLACEMENT CHARACTER}"
    if form == "html" or (form in ("", "moodle_auto_format") and looks_like_html(text)):
        return html_text(text)
    return text


def _fraction(element: Element) -> float:
    try:
        return float(element.get("fraction", "0"))
    except ValueError:
        return 0
