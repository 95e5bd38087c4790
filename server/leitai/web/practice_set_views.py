"""Bodies of sets of practice, from the values of office/practice. Here a right answer leaves the house, or does not."""

from leitai.office.bank import Question
from leitai.office.practice.book import PAGE, BookEntry, BookPage
from leitai.office.practice.features import Beside
from leitai.office.practice.progress import Home
from leitai.office.practice.sets import ShownSet
from leitai.office.practice.sets_ports import Reply
from leitai.rules.practice import DAILY_QUESTIONS, SETS_PER_DAY
from leitai.rules.practice_sets import counts, is_mastered
from leitai.rules.values import QuestionType
from leitai.wire.practice_set_bodies import (
    BookBody,
    BookEntryBody,
    PracticeHomeBody,
    PracticeItem,
    PracticeLecture,
    PracticeOption,
    PracticePicture,
    PracticeResult,
    PracticeSetBody,
    PracticeTopic,
)


def home_body(home: Home) -> PracticeHomeBody:
    """Return the page on which a set is chosen."""
    topics = [PracticeTopic(one.module, one.type.value, one.released, one.known, one.due) for one in home.topics]
    return PracticeHomeBody(
        home.day,
        home.questions,
        DAILY_QUESTIONS,
        home.weekly_sets,
        SETS_PER_DAY,
        home.weekly_ready,
        home.mistakes,
        topics,
    )


def set_body(shown: ShownSet, now_us: int) -> PracticeSetBody:
    """Return a set; results stand only where `shown.explained` says so."""
    of = shown.set
    told = shown.explained
    items = [
        PracticeItem(
            place + 1,
            of.question_ids[place],
            question.module,
            question.type.value,
            question.stem,
            _options(question),
            _blanks(question),
            of.question_ids[place] in of.bookmarked,
            _pictures(shown.beside[place]),
            shown.beside[place].featured,
            _result(question, of.replies[place], shown.beside[place]) if told[place] else None,
        )
        for place, question in enumerate(shown.questions)
    ]
    return PracticeSetBody(
        of.set_id,
        of.kind.value,
        of.module,
        of.type.value if of.type else "",
        shown.state.value,
        of.opened_us,
        of.expires_us,
        now_us,
        items,
        of.right,
        of.centipoints,
        of.place_of_day,
        counts(of.place_of_day),
        of.handed_us - of.opened_us if of.handed_us is not None else 0,
    )


def book_body(page: BookPage, number: int) -> BookBody:
    """Return a page of the book."""
    return BookBody(number, max(1, -(-page.total // PAGE)), page.total, [_entry(one) for one in page.entries])


def _entry(entry: BookEntry) -> BookEntryBody:
    noted, question, card = entry.noted, entry.question, entry.noted.card
    return BookEntryBody(
        noted.question_id,
        question.module,
        question.type.value,
        question.stem,
        _options(question),
        noted.bookmarked,
        noted.note,
        card is not None and card.wrong,
        card is not None and is_mastered(card.streak),
        card.seen if card else 0,
        card.right if card else 0,
        entry.explained,
        sorted(question.key.options) if entry.explained else [],
        [list(one) for one in question.key.blanks] if entry.explained else [],
        question.explanation if entry.explained else "",
        question.point if entry.explained else "",
        _pictures(entry.beside),
        _lecture(entry.beside) if entry.explained else None,
    )


def _pictures(beside: Beside) -> list[PracticePicture]:
    return [PracticePicture(one.media, one.type, one.width, one.height, one.caption) for one in beside.pictures]


def _lecture(beside: Beside) -> PracticeLecture | None:
    one = beside.lecture
    return None if one is None else PracticeLecture(one.media, one.type, one.title, one.poster, one.captions)


def _options(question: Question) -> list[PracticeOption]:
    return [PracticeOption(one.id, one.text) for one in question.options]


def _blanks(question: Question) -> int:
    return len(question.key.blanks) if question.type is QuestionType.FILL_IN else 0


def _result(question: Question, reply: Reply | None, beside: Beside) -> PracticeResult | None:
    if reply is None:
        return None
    return PracticeResult(
        reply.right,
        list(reply.response),
        sorted(question.key.options),
        [list(one) for one in question.key.blanks],
        question.explanation,
        question.point,
        reply.counted,
        _lecture(beside),
    )
