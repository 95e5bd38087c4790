"""People and questions made up for rehearsals that want more of them than the examples hold."""

from collections.abc import Sequence

from leitai.office.bank import MODULES, TRUE_FALSE_OPTIONS, Option, Question
from leitai.office.people_ports import DelegationName, Person, RosterLine
from leitai.rules.values import Key, QuestionType

_FAMILY = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
_GIVEN = (
    "伟",
    "芳",
    "娜",
    "敏",
    "静",
    "磊",
    "洋",
    "艳",
    "勇",
    "军",
    "杰",
    "娟",
    "涛",
    "明",
    "超",
    "霞",
    "平",
    "刚",
    "桂英",
    "建华",
)
_ENOUGH_POINTS = 100_000


def name_of(number: int) -> str:
    """Return a name; they repeat after some hundred numbers, as names do."""
    return _FAMILY[number % len(_FAMILY)] + _GIVEN[number // len(_FAMILY) % len(_GIVEN)]


def roster(delegations: Sequence[DelegationName], contestants: int, *, first_seat: int = 1) -> list[RosterLine]:
    """Return `contestants` people, as evenly as possible over the delegations, all eligible,
    with seats from `first_seat` on in each."""
    lines: list[RosterLine] = []
    for number in range(contestants):
        delegation = delegations[number % len(delegations)]
        seat = number // len(delegations) + first_seat
        person = Person(delegation.code, name_of(number), f"{delegation.short}人社服务窗口", 1, _ENOUGH_POINTS)
        lines.append(RosterLine(seat, "simulated", person))
    return lines


def questions(count: int) -> list[Question]:
    """Return `count` questions about numbers, all five types in turn."""
    return [_question(number) for number in range(count)]


def _question(number: int) -> Question:
    kind = list(QuestionType)[number % 5]
    first, second = number % 89 + 11, number * 7 % 83 + 3
    total = first + second
    options: tuple[Option, ...] = ()
    stem = f"第 {number + 1} 题：{first} 与 {second} 之和"
    if kind is QuestionType.TRUE_FALSE:
        right = number // 5 % 2 == 0
        stem += f"是 {total if right else total + 1}。"
        options = tuple(Option(*option) for option in TRUE_FALSE_OPTIONS)
        key = Key(frozenset({"T" if right else "F"}))
    elif kind is QuestionType.FILL_IN:
        stem += "是____。"
        key = Key(blanks=((str(total),),))
    elif kind is QuestionType.SINGLE:
        right = number // 5 % 4
        stem += "是多少？"
        options = tuple(Option("ABCD"[at], str(total + at - right)) for at in range(4))
        key = Key(frozenset({"ABCD"[right]}))
    else:
        stem += "小于下列哪些数？"
        right = number // 5 % 3
        options = tuple(Option("ABCD"[at], str(total + at - right)) for at in range(4))
        key = Key(frozenset("ABCD"[right + 1 :]))
    return Question(
        kind, stem, options, key, f"{first} + {second} = {total}。", number % 5 + 1, MODULES[number % 6], "加法"
    )
