"""What the doors of the bank's files tell: bodies made of what the office found."""

from collections.abc import Sequence

from leitai.office.bank_files_ports import Fared, FaredAt, OneAlike, Pair, Scan, Upload
from leitai.office.importing.problems import FileRefused
from leitai.office.intake import Findings, read_findings
from leitai.rules.item_analysis import Use
from leitai.wire import bank_files_bodies as bodies


def import_body(upload: Upload, locale: str) -> bodies.ImportBody:
    """Return an upload with its report in the reader's language."""
    report = _report(read_findings(upload.report), locale) if upload.report else None
    return bodies.ImportBody(
        upload.upload_id, upload.file_name, upload.state, upload.stage, upload.done, upload.total, report
    )


def _report(found: Findings, locale: str) -> bodies.ImportReport:
    commit = found.commit
    return bodies.ImportReport(
        accepted=found.accepted,
        added=found.added,
        revised=found.revised,
        unchanged=found.unchanged,
        refused=found.refused,
        problems=[
            bodies.ImportProblem(one.sheet, one.row, one.column, one.code, one.say(locale)) for one in found.problems
        ],
        duplicated=found.duplicated,
        duplicates=[
            bodies.ImportDuplicate(one.place.sheet, one.place.row, one.first.sheet, one.first.row)
            for one in found.duplicates
        ],
        likes=found.likes,
        alike=[
            bodies.ImportLike(
                one.place.sheet,
                one.place.row,
                one.stem,
                one.permille,
                one.question,
                one.other.sheet,
                one.other.row,
                one.other_stem,
            )
            for one in found.alike
        ],
        skipped=list(found.skipped),
        code=found.code,
        message=FileRefused(found.code, found.detail).say(locale) if found.code else "",
        took_ms=found.took_ms,
        commit=None
        if commit is None
        else bodies.ImportCommit(commit.added, commit.revised, commit.unchanged, commit.held),
    )


def alike_body(
    pairs: Sequence[Pair], total: int, page: int, size: int, scan: Scan | None, *, scanning: bool
) -> bodies.AlikeBody:
    """Return a page of pairs."""
    return bodies.AlikeBody(
        pairs=[bodies.AlikePair(_alike(one.one), _alike(one.other), one.permille) for one in pairs],
        total=total,
        page=page,
        size=size,
        scanning=scanning,
        scanned_us=scan.at_us if scan else 0,
        questions=scan.questions if scan else 0,
        cut=scan.cut if scan else False,
        took_ms=scan.took_ms if scan else 0,
    )


def fared_body(one: Fared) -> bodies.FaredBody:
    """Return how a question fared."""
    return bodies.FaredBody(one.question_id, one.contests, _use(one.contest_use), _use(one.practice_use))


def question_fared(question_id: int, whole: Sequence[Fared], times: Sequence[FaredAt]) -> bodies.QuestionFared:
    """Return how a question fared, with each time."""
    return bodies.QuestionFared(
        fared_body(whole[0] if whole else Fared(question_id, 0, Use(), Use())),
        [bodies.FaredAtBody(one.version, one.kind, one.title, one.at_us, _use(one.use)) for one in times],
    )


def _use(use: Use) -> bodies.UseBody:
    right, discrimination = use.share_right, use.discrimination
    return bodies.UseBody(
        use.takers,
        -1 if right is None else round(right * 1000),
        None if discrimination is None else round(discrimination * 1000),
        use.group,
    )


def _alike(one: OneAlike) -> bodies.AlikeQuestion:
    return bodies.AlikeQuestion(
        one.question_id, one.version, one.state, one.type, one.module, one.stem, one.author, one.at_us
    )
