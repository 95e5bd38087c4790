"""One QTI item: its interactions and declarations to a question. The names of QTI 3.0 are read as those of 2.x."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from leitai.office.importing.answers import read_truth
from leitai.office.importing.drafts import Draft
from leitai.office.importing.foreign import Foreign, blank_at, looks_true_false
from leitai.office.importing.html_text import block, flow, picture, tidy
from leitai.office.importing.problems import Place
from leitai.rules.values import QuestionType

_KNOWN = frozenset({"choiceInteraction", "textEntryInteraction", "extendedTextInteraction"})
_UNSEEN = frozenset({"rubricBlock", "feedbackBlock", "feedbackInline", "stylesheet", "templateBlock", "templateInline"})


@dataclass(slots=True)
class _Body:
    """A walked body: its text with `\\v` at the ends of blocks, and its interactions in order."""

    parts: list[str] = field(default_factory=list[str])
    interactions: list[Element] = field(default_factory=list[Element])


def read_item(place: Place, root: Element, tags: Sequence[str], category: str) -> Iterator[Draft]:
    """Yield the drafts of an item: one, or as many as a case has sub-items."""
    for element in root.iter():
        element.tag = _plain_name(element.tag)
        if any("-" in name for name in element.attrib):
            element.attrib = {_camel(name): value for name, value in element.attrib.items()}
    declarations = {one.get("identifier", ""): one for one in root.iter("responseDeclaration")}
    content = root.find("itemBody")
    body = _Body()
    if content is not None:
        _walk(content, body)
    question = Foreign(place, QuestionType.SINGLE, tidy("".join(body.parts)), category=category, tags=tags)
    question.explanation = "\n".join(filter(None, (_content(one) for one in root.findall("modalFeedback"))))
    kinds = [one.tag for one in body.interactions]
    odd = next((kind for kind in kinds if kind not in _KNOWN), None)
    if odd is not None or not kinds or len(set(kinds)) > 1 or kinds.count("choiceInteraction") > 1:
        question.problems.append(("type", "kind-unsupported", odd or "、".join(kinds)))
    elif kinds[0] == "choiceInteraction":
        _choice(question, body.interactions[0], declarations)
    elif kinds[0] == "textEntryInteraction":
        question.type = QuestionType.FILL_IN
        question.blanks = [_alternatives(one, declarations) for one in body.interactions]
    elif len(kinds) == 1 and "题型:案例" not in tags:
        question.type = QuestionType.SHORT_ANSWER
        question.reference = _reference(body.interactions[0], declarations) or _rubric(root)
        prompt = _content(body.interactions[0].find("prompt"))
        question.stem = "\n".join(part for part in (question.stem, prompt) if part)
    else:
        yield from _case(question, body.interactions, declarations)
        return
    yield question.draft()


def _case(question: Foreign, interactions: list[Element], declarations: dict[str, Element]) -> Iterator[Draft]:
    """A stem that several extended texts share: each is a sub-item with its prompt."""
    question.type = QuestionType.CASE
    shared = question.stem
    for interaction in interactions:
        question.stem = _content(interaction.find("prompt"))
        question.reference = _reference(interaction, declarations)
        draft = question.draft()
        draft.fields["shared_stem"] = shared
        yield draft
        question.explanation = ""


def _choice(question: Foreign, interaction: Element, declarations: dict[str, Element]) -> None:
    declaration = declarations.get(interaction.get("responseIdentifier", ""))
    right = _values(declaration, "correctResponse")
    if not right and declaration is not None:
        shares = {one.get("mapKey", ""): one.get("mappedValue", "0") for one in declaration.iter("mapEntry")}
        positive = {key: share for key, share in shares.items() if not share.startswith("-") and share.strip("0.")}
        if len(set(positive.values())) > 1:
            question.problems.append(("answer", "partial-credit", ""))
        right = list(positive)
    question.stem = "\n".join(part for part in (question.stem, _content(interaction.find("prompt"))) if part)
    choices = [one for one in interaction if one.tag == "simpleChoice"]
    texts = [_content(one) for one in choices]
    question.options = [(text, one.get("identifier") in right, "") for one, text in zip(choices, texts, strict=True)]
    if declaration is not None and declaration.get("cardinality") != "single":
        question.type = QuestionType.MULTIPLE if len(right) > 1 else QuestionType.INDETERMINATE
    elif looks_true_false(texts) and not any(tag.startswith("题型:") for tag in question.tags):
        question.type = QuestionType.TRUE_FALSE
    if "题型:判断" in question.tags or question.type is QuestionType.TRUE_FALSE:
        question.type = QuestionType.TRUE_FALSE
        chosen = [text for text, is_right, _ in question.options if is_right]
        question.truth = read_truth(chosen[0]) if len(chosen) == 1 else None
        question.options = ()


def _alternatives(interaction: Element, declarations: dict[str, Element]) -> list[str]:
    declaration = declarations.get(interaction.get("responseIdentifier", ""))
    mapped = [one.get("mapKey", "") for one in declaration.iter("mapEntry")] if declaration is not None else []
    return list(dict.fromkeys([*_values(declaration, "correctResponse"), *mapped]))


def _reference(interaction: Element, declarations: dict[str, Element]) -> str:
    return "\n".join(_values(declarations.get(interaction.get("responseIdentifier", "")), "correctResponse"))


def _values(declaration: Element | None, inside: str) -> list[str]:
    found = declaration.find(inside) if declaration is not None else None
    return [one.text or "" for one in found.iter("value")] if found is not None else []


def _rubric(root: Element) -> str:
    return "\n".join(_content(one) for one in root.iter("rubricBlock") if "scorer" in one.get("view", ""))


def _content(element: Element | None) -> str:
    if element is None:
        return ""
    body = _Body()
    _walk(element, body)
    return tidy("".join(body.parts))


def _walk(element: Element, body: _Body) -> None:
    flow(body.parts, element.text or "")
    for child in element:
        if child.tag == "textEntryInteraction":
            body.parts.append(blank_at("".join(body.parts[-3:])))
            body.interactions.append(child)
        elif child.tag.endswith("Interaction"):
            body.parts.append("\v")
            body.interactions.append(child)
        elif child.tag == "br":
            body.parts.append("\n")
        elif picture(child.tag):
            body.parts.append("\N{OBJECT REPLACEMENT CHARACTER}")
        elif child.tag not in _UNSEEN:
            ends = "\v" if block(child.tag) else ""
            body.parts.append(ends)
            _walk(child, body)
            body.parts.append(ends)
        flow(body.parts, child.tail or "")


def _plain_name(tag: str) -> str:
    return _camel(tag.removeprefix("qti-")) if tag.startswith("qti-") else tag


def _camel(name: str) -> str:
    return re.sub(r"-([a-z])", lambda found: found[1].upper(), name)
