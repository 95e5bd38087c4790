"""The bank's values as the bodies that pages read."""

from collections.abc import Mapping, Sequence

from leitai.office.bank_ports import Dossier, EditionSummary, Hits
from leitai.office.differences import Difference
from leitai.office.question_desk import Faults
from leitai.office.question_words import write_words
from leitai.office.syllabus_desk import ALL_MODULES
from leitai.rules.questions import Move
from leitai.rules.syllabus import Edition
from leitai.wire import bank_bodies as bodies
from leitai.wire.errors import say


def hits_body(hits: Hits, page: int, size: int) -> bodies.QuestionsBody:
    """Return a page of what was found."""
    return bodies.QuestionsBody(
        rows=[
            bodies.QuestionFound(
                one.question_id,
                one.version,
                one.state.value,
                one.usable,
                one.type.value,
                one.stem,
                one.difficulty,
                one.module,
                one.point,
                one.author_name,
                one.at_us,
            )
            for one in hits.rows
        ],
        total=hits.total,
        more=hits.more,
        page=page,
        size=size,
    )


def question_body(dossier: Dossier, moves: Mapping[Move, str | None]) -> bodies.QuestionBody:
    """Return all of a question; `moves` with the codes of why they may not be made, or None."""
    usable = dossier.record.usable
    return bodies.QuestionBody(
        question=dossier.question_id,
        state=dossier.record.state.value,
        usable=0 if usable is None else usable.no,
        versions=[
            bodies.QuestionVersion(
                one.record.no,
                one.record.state.value,
                one.record.author,
                one.author_name,
                one.at_us,
                one.imported_from,
                write_words(one.question, one.point_id),
            )
            for one in dossier.versions
        ],
        acts=[
            bodies.QuestionAct(one.version, one.move.value, one.actor, one.actor_name, one.reason, one.at_us)
            for one in dossier.acts
        ],
        comments=[
            bodies.QuestionComment(one.comment_id, one.version, one.author, one.author_name, one.text, one.at_us)
            for one in dossier.comments
        ],
        moves=[
            bodies.QuestionMove(move.value, "forbidden" if dossier.foreign else code or "")
            for move, code in moves.items()
        ],
        lent=dossier.lent,
        foreign=dossier.foreign,
    )


def faults_body(faults: Faults, locale: str) -> list[bodies.QuestionFault]:
    """Return what is wrong with words, in the reader's language."""
    return [
        *(bodies.QuestionFault(one.column, part, one.code, one.say(locale)) for part, one in faults.found),
        *(bodies.QuestionFault(field, 0, code, say(code, locale)) for field, code in faults.codes),
    ]


def difference_body(older: int, newer: int, found: Sequence[Difference]) -> bodies.DifferencesBody:
    """Return what differs between two versions."""
    return bodies.DifferencesBody(
        older,
        newer,
        [
            bodies.FieldDifference(
                one.field, one.place, [bodies.DifferencePiece(piece.kind, piece.text) for piece in one.pieces]
            )
            for one in found
        ],
    )


def syllabus_body(
    editions: Sequence[EditionSummary], shown: EditionSummary, edition: Edition, uses: Mapping[int, int]
) -> bodies.SyllabusBody:
    """Return the syllabus; the plan's six modules are told though they have no points yet."""
    there = {one.module for one in edition.points}
    modules = [*ALL_MODULES, *sorted(there - set(ALL_MODULES))]
    return bodies.SyllabusBody(
        [_edition_body(one) for one in editions],
        _edition_body(shown),
        [
            bodies.SyllabusModule(
                module,
                [
                    bodies.SyllabusPoint(
                        one.point_id,
                        one.name,
                        one.retired,
                        one.retired_reason,
                        one.supplement,
                        uses.get(one.point_id, 0),
                    )
                    for one in edition.points
                    if one.module == module
                ],
            )
            for module in modules
        ],
    )


def _edition_body(one: EditionSummary) -> bodies.SyllabusEdition:
    return bodies.SyllabusEdition(
        one.edition_id,
        one.name,
        one.based_on,
        one.created_by,
        one.created_at_us,
        one.published_at_us,
        one.points,
        one.in_work,
    )
