"""Writing the bank into a file, proved by reading it back: what does not come back as it was is left out and said."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from leitai.office.bank import MODULES, Question, stem_key
from leitai.office.exporting.formats import Export, ExportFormat, LeftOut
from leitai.office.exporting.moodle import write_moodle
from leitai.office.exporting.plain_formats import write_aiken, write_gift
from leitai.office.exporting.qti import write_qti
from leitai.office.exporting.sheets import write_csv, write_xlsx
from leitai.office.exporting.written import write_docx, write_txt
from leitai.office.importing.problems import FileRefused
from leitai.office.importing.questions import read_bank_file
from leitai.rules.values import QuestionType

_ROUNDS = 12


_WRITERS: Mapping[ExportFormat, Callable[[Sequence[Question]], bytes]] = {
    ExportFormat.XLSX: write_xlsx,
    ExportFormat.CSV: write_csv,
    ExportFormat.DOCX: write_docx,
    ExportFormat.TXT: write_txt,
    ExportFormat.GIFT: write_gift,
    ExportFormat.AIKEN: write_aiken,
    ExportFormat.MOODLE: write_moodle,
    ExportFormat.QTI: write_qti,
}


def export_bank(questions: Sequence[Question], form: ExportFormat) -> Export:
    """Write questions into a file; takes about as long as its import: run it in a thread."""
    held = [question for question in questions if _has_kind(question, form)]
    left_out = [LeftOut(question.stem, "kind-not-held") for question in questions if not _has_kind(question, form)]
    data = b""
    for round_ in range(_ROUNDS):
        data = _WRITERS[form](held)
        different = _different(held, data, form)
        if not different:
            break
        if round_ < _ROUNDS - 2:
            # One that reads wrong may spoil its neighbours, which alone are fine.
            alone = [one for one in different if _different([one], _WRITERS[form]([one]), form)]
            different = alone or different[:1]
        left_out += [LeftOut(question.stem, "text-not-held") for question in different]
        gone = {id(question) for question in different}
        held = [question for question in held if id(question) not in gone]
    return Export(data, len(held), tuple(left_out), _lost(held) if form is ExportFormat.AIKEN else {})


def _has_kind(question: Question, form: ExportFormat) -> bool:
    match form:
        case ExportFormat.AIKEN:
            return question.type is QuestionType.SINGLE
        case ExportFormat.GIFT:
            one_blank = question.type is not QuestionType.FILL_IN or len(question.key.blanks) == 1
            return question.type is not QuestionType.CASE and one_blank
        case ExportFormat.MOODLE:
            return question.type is not QuestionType.CASE
        case _:
            return True


def _different(questions: Sequence[Question], data: bytes, form: ExportFormat) -> list[Question]:
    """The questions that a file does not give back."""
    if not questions:
        return []
    try:
        file = read_bank_file(form.value, data, module=MODULES[0] if form is ExportFormat.AIKEN else "")
    except FileRefused:
        return list(questions)
    back = {stem_key(question.stem): question for _, question in file.accepted}
    return [question for question in questions if back.get(stem_key(question.stem)) != _expected(question, form)]


def _expected(question: Question, form: ExportFormat) -> Question:
    if form is not ExportFormat.AIKEN:
        return question
    return replace(question, explanation="", difficulty=3, module=MODULES[0], point="", tags=())


def _lost(questions: Sequence[Question]) -> dict[str, int]:
    return {
        "解析 explanation": sum(bool(question.explanation) for question in questions),
        "难度 difficulty": len(questions),
        "目录 module": len(questions),
        "知识点 point": sum(bool(question.point) for question in questions),
        "标签 tags": sum(bool(question.tags) for question in questions),
    }
