"""The bank as a QTI 3.0 package (1EdTech): an item to a question, and their metadata in the manifest (LOM)."""

import zipfile
from collections.abc import Sequence
from html import escape
from io import BytesIO

from leitai.office.bank import TRUE_FALSE_OPTIONS, Question
from leitai.office.importing.answers import BLANK
from leitai.office.importing.foreign import NAMES
from leitai.office.importing.qti import DIFFICULTIES
from leitai.rules.values import QuestionType

_XML = "<?xml version='1.0' encoding='UTF-8'?>\n"
_ITEM = (
    '<qti-assessment-item xmlns="http://www.imsglobal.org/xsd/imsqtiasi_v3p0" identifier="{name}" title="{title}" '
    'adaptive="false" time-dependent="false" xml:lang="zh-CN">\n'
)
_MANIFEST = (
    '<manifest xmlns="http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1" '
    'xmlns:lom="http://ltsc.ieee.org/xsd/LOM" identifier="leitai-bank">\n'
    "<metadata><schema>QTI Package</schema><schemaversion>3.0.0</schemaversion></metadata>\n"
    "<organizations/>\n<resources>\n"
)
_TEMPLATE = "https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/{}.xml"
_WORDS = list(DIFFICULTIES)
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


def write_qti(questions: Sequence[Question]) -> bytes:
    """Return the package; the same questions give the same bytes."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        resources: list[str] = []
        for number, question in enumerate(questions, start=1):
            name = f"q{number:05}"
            archive.writestr(
                zipfile.ZipInfo(f"items/{name}.xml", _LONG_AGO), _item(name, question), zipfile.ZIP_DEFLATED
            )
            resources.append(_resource(name, question))
        manifest = f"{_XML}{_MANIFEST}{''.join(resources)}</resources>\n</manifest>\n"
        archive.writestr(zipfile.ZipInfo("imsmanifest.xml", _LONG_AGO), manifest, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _item(name: str, question: Question) -> str:
    declared, body, template = _interactions(question)
    feedback = ""
    if question.explanation:
        declared += (
            '<qti-outcome-declaration identifier="FEEDBACK" cardinality="single" base-type="identifier">'
            "<qti-default-value><qti-value>EXPLANATION</qti-value></qti-default-value></qti-outcome-declaration>\n"
        )
        feedback = (
            '<qti-modal-feedback outcome-identifier="FEEDBACK" identifier="EXPLANATION" show-hide="show">'
            f"<qti-content-body><p>{_lines(question.explanation)}</p></qti-content-body></qti-modal-feedback>\n"
        )
    processing = f'<qti-response-processing template="{_TEMPLATE.format(template)}"/>\n' if template else ""
    return (
        f"{_XML}{_ITEM.format(name=name, title=escape(question.stem[:60].replace(chr(10), ' ')))}"
        f'{declared}<qti-outcome-declaration identifier="SCORE" cardinality="single" base-type="float"/>\n'
        f"<qti-item-body>{body}</qti-item-body>\n{processing}{feedback}</qti-assessment-item>\n"
    )


def _interactions(question: Question) -> tuple[str, str, str]:
    """Declarations of the responses, body, and the template that marks them."""
    match question.type:
        case QuestionType.FILL_IN:
            declared = "".join(
                _declaration(f"RESPONSE{number}", "single", "string", texts[:1], mapped=texts)
                for number, texts in enumerate(question.key.blanks, start=1)
            )
            return declared, f"<p>{_fields(question.stem)}</p>", ""
        case QuestionType.SHORT_ANSWER:
            declared = _declaration("RESPONSE", "single", "string", question.key.blanks[0])
            return declared, f"<p>{_lines(question.stem)}</p>{_extended('RESPONSE', '')}", ""
        case QuestionType.CASE:
            names = [f"RESPONSE{number}" for number in range(1, len(question.parts) + 1)]
            declared = "".join(
                _declaration(name, "single", "string", blank)
                for name, blank in zip(names, question.key.blanks, strict=True)
            )
            parts = "".join(_extended(name, part) for name, part in zip(names, question.parts, strict=True))
            return declared, f"<p>{_lines(question.stem)}</p>{parts}", ""
        case _:
            return _choice(question)


def _choice(question: Question) -> tuple[str, str, str]:
    one = question.type in (QuestionType.SINGLE, QuestionType.TRUE_FALSE)
    options = [(option.id, option.text) for option in question.options]
    if question.type is QuestionType.TRUE_FALSE:
        options = list(TRUE_FALSE_OPTIONS)
    choices = "".join(
        f'<qti-simple-choice identifier="{name}">{_lines(text)}</qti-simple-choice>' for name, text in options
    )
    right = [name for name, _ in options if name in question.key.options]
    declared = _declaration("RESPONSE", "single" if one else "multiple", "identifier", right)
    limit = 1 if one else 0
    body = (
        f"<p>{_lines(question.stem)}</p>"
        f'<qti-choice-interaction response-identifier="RESPONSE" max-choices="{limit}">{choices}'
        "</qti-choice-interaction>"
    )
    return declared, body, "match_correct"


def _declaration(name: str, cardinality: str, base: str, right: Sequence[str], *, mapped: Sequence[str] = ()) -> str:
    values = "".join(f"<qti-value>{escape(text, quote=False)}</qti-value>" for text in right)
    entries = "".join(
        f'<qti-map-entry map-key="{_attribute(text)}" mapped-value="1" case-sensitive="false"/>' for text in mapped
    )
    mapping = f'<qti-mapping default-value="0">{entries}</qti-mapping>' if entries else ""
    return (
        f'<qti-response-declaration identifier="{name}" cardinality="{cardinality}" base-type="{base}">'
        f"<qti-correct-response>{values}</qti-correct-response>{mapping}</qti-response-declaration>\n"
    )


def _extended(name: str, prompt: str) -> str:
    said = f"<qti-prompt>{_lines(prompt)}</qti-prompt>" if prompt else ""
    return f'<qti-extended-text-interaction response-identifier="{name}">{said}</qti-extended-text-interaction>'


def _fields(stem: str) -> str:
    """The stem with a field behind each mark of a blank: the mark stays, so that the stem comes back as it was."""
    parts: list[str] = []
    at = 0
    for number, mark in enumerate(BLANK.finditer(stem), start=1):
        parts.append(_lines(stem[at : mark.end()]))
        parts.append(f'<qti-text-entry-interaction response-identifier="RESPONSE{number}"/>')
        at = mark.end()
    return "".join([*parts, _lines(stem[at:])])


def _lines(text: str) -> str:
    return escape(text, quote=False).replace("\n", "<br/>")


def _attribute(text: str) -> str:
    # A line break or a tab in an attribute would come back as a blank.
    return escape(text).replace("\n", "&#10;").replace("\t", "&#9;")


def _resource(name: str, question: Question) -> str:
    keywords = "".join(
        f'<lom:keyword><lom:string language="zh-CN">{escape(tag)}</lom:string></lom:keyword>'
        for tag in (f"题型:{NAMES[question.type]}", *question.tags)
    )
    classified = _classified("discipline", question.module)
    if question.point:
        classified += _classified("educational objective", question.point)
    return (
        f'<resource identifier="{name}" type="imsqti_item_xmlv3p0" href="items/{name}.xml">'
        f"<metadata><lom:lom><lom:general>{keywords}</lom:general>"
        f"<lom:educational><lom:difficulty><lom:source>LOMv1.0</lom:source>"
        f"<lom:value>{_WORDS[question.difficulty - 1]}</lom:value></lom:difficulty></lom:educational>"
        f'{classified}</lom:lom></metadata><file href="items/{name}.xml"/></resource>\n'
    )


def _classified(purpose: str, entry: str) -> str:
    return (
        f"<lom:classification><lom:purpose><lom:source>LOMv1.0</lom:source><lom:value>{purpose}</lom:value></lom:purpose>"
        f'<lom:taxonPath><lom:taxon><lom:entry><lom:string language="zh-CN">{escape(entry)}</lom:string></lom:entry>'
        "</lom:taxon></lom:taxonPath></lom:classification>\n"
    )
