"""What the judges' desk costs its process: `python -m tests.live.measure_desk`.

1,600 sittings in 32 delegations, 80 items. CPU time, the best of five.
"""

import random
import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from leitai.live.desk import Desk
from leitai.live.ports import SessionFile
from leitai.rules.values import Answer, AnswerStatus, DelegationCode, ItemNo, Member, Micros, SittingId
from tests.support.live import SECOND, START, session_file

SITTINGS, DELEGATIONS, ITEMS = 1600, 32, 80
_WRONG = {1: "BCD", 2: "BD", 3: "F"}


def main() -> None:
    """Print a table, in milliseconds."""
    chance = random.Random(1)
    members = tuple(
        Member(SittingId(number), "某人", DelegationCode(f"{number % DELEGATIONS:02}0000"), room="一")
        for number in range(1, SITTINGS + 1)
    )
    file = replace(session_file(items=ITEMS), members=members)
    whole = [_answers(chance, item) for item in range(1, ITEMS + 1)]
    choice = [answers for number, answers in enumerate(whole) if number % 4 != 3]
    texts = whole[3]
    unlike = [replace(one, response=(f"第{one.sitting_id}条", "口头、书面")) for one in texts]
    print(f"1,600 answers to a choice item   {_best_ms(lambda: _taken(file, choice[0])):7.2f}")
    print(f"  to a fill-in item, 12 texts    {_best_ms(lambda: _taken(file, texts)):7.2f}")
    anew = iter([_anew(unlike, chance) for _ in range(5)])
    print(f"  to a fill-in item, all unlike  {_best_ms(lambda: _taken(file, next(anew))):7.2f}")
    desk = _taken(file, [one for answers in whole for one in answers])
    print(f"one item in full, choice         {_best_ms(lambda: desk.item(ItemNo(1))):7.2f}")
    print(f"all items in figures             {_best_ms(desk.items):7.2f}")
    print(f"the tail, nothing fits           {_best_ms(lambda: desk.tail(200, sitting=SittingId(0))):7.2f}")
    began_ns = time.process_time_ns()
    found = desk.anomalies()
    print(f"anomalies, 128,000 answers       {(time.process_time_ns() - began_ns) / 1e6:7.2f}   ({len(found)} found)")


def _answers(chance: random.Random, item: int) -> list[Answer]:
    return [
        Answer(
            SittingId(sitting), ItemNo(item), item, _response(chance, item % 4), Micros(START),
            Micros(chance.randrange(20 * SECOND)), False, item, AnswerStatus.ACCEPTED,
        )
        for sitting in range(1, SITTINGS + 1)
    ]  # fmt: skip


def _response(chance: random.Random, kind: int) -> tuple[str, ...]:
    right = chance.random() < 0.8
    if kind == 0:
        return ("三十日" if right else f"{chance.randrange(11)}日", "书面")
    if right:
        return {1: ("A",), 2: ("A", "C"), 3: ("T",)}[kind]
    return (chance.choice(_WRONG[kind]),)


def _anew(answers: Iterable[Answer], chance: random.Random) -> list[Answer]:
    """Texts that nothing remembers."""
    mark = chance.random()
    return [replace(one, response=(f"{one.response[0]}{mark}", one.response[1])) for one in answers]


def _taken(file: SessionFile, answers: Iterable[Answer]) -> Desk:
    desk = Desk(file)
    for one in answers:
        desk.learn(one)
    return desk


def _best_ms(work: Callable[[], object]) -> float:
    times: list[int] = []
    for _ in range(5):
        began_ns = time.process_time_ns()
        work()
        times.append(time.process_time_ns() - began_ns)
    return min(times) / 1e6


if __name__ == "__main__":
    main()
