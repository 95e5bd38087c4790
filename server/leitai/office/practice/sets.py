"""Sets of practice: opened, answered, handed in. Everything is judged here, by the server's clock.

Nothing that a browser says of right, points or time is ever read. An answer is given once: whoever asks again gets what
was recorded.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from leitai.office.bank import Question
from leitai.office.practice.catalogue import Catalogue, Released
from leitai.office.practice.features import Beside
from leitai.office.practice.memory import card_after
from leitai.office.practice.ports import Earned, Kind
from leitai.office.practice.sets_ports import (
    Card,
    Change,
    Chosen,
    PracticeSet,
    Reply,
    SetAsked,
    SetsStore,
    Standing,
    earned_daily,
)
from leitai.office.practice.topics import topic, topics
from leitai.rules.beijing import beijing_day
from leitai.rules.marking import is_valid, mark
from leitai.rules.practice import set_centipoints
from leitai.rules.practice_sets import (
    WEEKLY_MIX,
    SetKind,
    SetState,
    choose_daily,
    choose_weekly,
    counts,
    expires_us,
    set_state,
)
from leitai.rules.values import ItemNo, Micros, PaperItem, QuestionType, Response


class SetRefused(Exception):
    """A set does not take this; `code` says why.

    practice-nothing-released: no question is released for what is asked.
    practice-done-today: all of them counted today, or wait in other sets.
    practice-too-few: not enough questions are released to make a set of 周周练.
    practice-set-expired: the set is open no longer.
    practice-handed-in: the set was handed in without this answer.
    practice-answer-shape: an answer has not the shape that its question asks for.
    practice-other-kind: sets of this kind are answered otherwise.
    practice-not-mastered: too few right answers in a row to leave the book of mistakes.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class ShownSet:
    """A set with the words of its questions, and where it stands."""

    set: PracticeSet
    questions: tuple[Question, ...]
    state: SetState
    beside: tuple[Beside, ...]
    """What stands beside each question. Its lecture may be shown only where it is `explained`."""

    @property
    def explained(self) -> tuple[bool, ...]:
        """Which right answers may be told, by place: of 日日学 what was answered, of 周周练 all once handed in."""
        if self.set.kind is SetKind.WEEKLY:
            return (self.state is SetState.HANDED_IN,) * len(self.questions)
        return tuple(reply is not None for reply in self.set.replies)


class Sets:
    """What learners do with sets.

    Args:
        store: where they are kept.
        catalogue: what is released.
        now_us: the server's clock.
        draw: randomness for sets of 周周练.
    """

    def __init__(
        self,
        store: SetsStore,
        catalogue: Catalogue,
        now_us: Callable[[], Micros],
        draw: Callable[[], bytes] = lambda: secrets.token_bytes(16),
    ) -> None:
        self.store = store
        self.catalogue = catalogue
        self._now_us = now_us
        self._draw = draw

    async def open(
        self, learner_id: int, kind: SetKind, module: str, question_type: QuestionType | None, network: str
    ) -> ShownSet:
        """Return the open set of this kind, module and type, or a new one.

        Raises:
            SetRefused: `practice-nothing-released`, `practice-done-today`, `practice-too-few`.
            ValueError: there is no such module, or the type is not practised.
        """
        now_us = self._now_us()
        day = beijing_day(now_us)
        released = await self.catalogue.released(day)
        if kind is SetKind.WEEKLY:
            module, question_type = "", None
            choose = _weekly(released, self._draw())
        else:
            seed = f"{learner_id}:{module}:{question_type.value if question_type else ''}".encode()
            choose = _daily(released, module, question_type, seed)
        asked = SetAsked(learner_id, kind, module, question_type, now_us, network)
        found = await self.store.open_set(asked, day, expires_us(kind, now_us), topics(module, question_type), choose)
        return await self._shown(found, now_us)

    async def look(self, learner_id: int, set_id: int) -> ShownSet:
        """Return a set; raises KeyError."""
        return await self._shown(await self.store.find_set(learner_id, set_id), self._now_us())

    async def answer(self, learner_id: int, set_id: int, place: int, response: Response) -> ShownSet:
        """Answer a place (from 0) of a set of 日日学; whoever answers again gets what was recorded.

        Raises:
            KeyError: no such set of this learner, or no such place.
            SetRefused: `practice-set-expired`, `practice-handed-in`, `practice-answer-shape`, `practice-other-kind`.
        """
        now_us = self._now_us()
        seen = await self.look(learner_id, set_id)
        if place >= len(seen.questions):
            raise KeyError(place)
        if seen.set.kind is not SetKind.DAILY:
            raise SetRefused("practice-other-kind")
        if seen.set.replies[place] is not None:
            return seen
        item = _item(place, seen.questions[place])
        _check(item, response, blank=False)
        right = mark(item, response) == item.centipoints
        subject = _topic(seen.questions[place])

        def decide(held: PracticeSet, cards: Mapping[int, Card], _day_place: int) -> Change | None:
            if held.replies[place] is not None:
                return None
            _expect_open(held, now_us)
            before = cards.get(held.question_ids[place])
            counted = before is None or before.counted_on != held.day
            replies = list(held.replies)
            replies[place] = Reply(response, right, counted, now_us)
            after = replace(held, replies=tuple(replies))
            card = card_after(before, held.question_ids[place], subject, now_us, right=right)
            card = replace(card, counted_on=held.day) if counted else card
            if all(reply is not None for reply in replies):
                after = replace(after, handed_us=now_us, handed_day=held.day, closed_us=now_us)
                return Change(after, (card,), earned_daily(after))
            return Change(after, (card,), None)

        changed = await self.store.change_set(learner_id, set_id, seen.set.day, place, decide)
        return replace(seen, set=changed, state=set_state(changed.handed_us, changed.expires_us, now_us))

    async def hand_in(self, learner_id: int, set_id: int, responses: Sequence[Response]) -> ShownSet:
        """Hand a set of 周周练 in; whoever hands it in again gets the first result, whatever the second says.

        Raises:
            KeyError: no such set of this learner.
            SetRefused: `practice-set-expired`, `practice-answer-shape`, `practice-other-kind`.
        """
        now_us = self._now_us()
        seen = await self.look(learner_id, set_id)
        if seen.set.kind is not SetKind.WEEKLY:
            raise SetRefused("practice-other-kind")
        if seen.state is SetState.HANDED_IN:
            return seen
        items = [_item(place, question) for place, question in enumerate(seen.questions)]
        if len(responses) != len(items):
            raise SetRefused("practice-answer-shape")
        for item, response in zip(items, responses, strict=True):
            _check(item, response, blank=True)
        rights = [mark(item, response) == item.centipoints for item, response in zip(items, responses, strict=True)]
        day = beijing_day(now_us)
        subjects = [_topic(question) for question in seen.questions]

        def decide(held: PracticeSet, cards: Mapping[int, Card], day_place: int) -> Change | None:
            if held.handed_us is not None:
                return None
            _expect_open(held, now_us)
            points = set_centipoints(sum(rights), len(rights))
            after = replace(
                held,
                replies=tuple(
                    Reply(response, right, False, now_us) for response, right in zip(responses, rights, strict=True)
                ),
                handed_us=now_us,
                handed_day=day,
                closed_us=now_us,
                place_of_day=day_place,
                centipoints=points,
            )
            known = tuple(
                card_after(cards.get(question_id), question_id, subject, now_us, right=right)
                for question_id, subject, right in zip(held.question_ids, subjects, rights, strict=True)
            )
            earned = points if counts(day_place) else 0
            return Change(after, known, Earned(learner_id, day, Kind.WEEKLY, set_id, earned))

        changed = await self.store.change_set(learner_id, set_id, day, None, decide)
        return replace(seen, set=changed, state=set_state(changed.handed_us, changed.expires_us, now_us))

    async def _shown(self, found: PracticeSet, now_us: int) -> ShownSet:
        words = await self.catalogue.questions(found.version_ids)
        state = set_state(found.handed_us, found.expires_us, now_us)
        beside = await self.catalogue.beside(found.question_ids, found.version_ids, beijing_day(now_us))
        return ShownSet(found, tuple(words[one] for one in found.version_ids), state, beside)


def _daily(
    released: Released, module: str, question_type: QuestionType | None, seed: bytes
) -> Callable[[Standing], Chosen]:
    pool, there = released.pool(module, question_type)

    def choose(standing: Standing) -> Chosen:
        chosen = choose_daily(
            standing.due, standing.known, standing.soonest, pool, there, standing.held, seed, released.featured
        )
        if not chosen:
            raise SetRefused("practice-done-today" if there else "practice-nothing-released")
        return Chosen(chosen, tuple(released.version[one] for one in chosen))

    return choose


def _weekly(released: Released, seed: bytes) -> Callable[[Standing], Chosen]:
    pool = {question_type: released.pool("", question_type)[0] for question_type in WEEKLY_MIX}

    def choose(standing: Standing) -> Chosen:
        chosen = choose_weekly(pool, standing.held, seed)
        if chosen is None:
            raise SetRefused("practice-too-few")
        return Chosen(chosen, tuple(released.version[one] for one in chosen))

    return choose


def _topic(question: Question) -> int:
    return topic(question.module, question.type)


def _item(place: int, question: Question) -> PaperItem:
    options = tuple(option.id for option in question.options)
    return PaperItem(ItemNo(place + 1), question.type, 100, 0, options, question.key)


def _check(item: PaperItem, response: Response, *, blank: bool) -> None:
    """Refuse what cannot be an answer; `blank`: nothing at all may be one."""
    empty = not any(text.strip() for text in response)
    if (empty and not blank) or not is_valid(item.type, item.option_ids, len(item.key.blanks), response):
        raise SetRefused("practice-answer-shape")


def _expect_open(held: PracticeSet, now_us: int) -> None:
    if held.handed_us is not None:
        raise SetRefused("practice-handed-in")
    if held.closed_us is not None or set_state(None, held.expires_us, now_us) is not SetState.OPEN:
        raise SetRefused("practice-set-expired")
