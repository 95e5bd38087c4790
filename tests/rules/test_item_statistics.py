"""How items did, in whole numbers."""

from leitai.rules.accounts import ItemAccount, accounts
from leitai.rules.item_statistics import item_statistics
from leitai.rules.values import QuestionType, SittingId
from tests.rules.builders import SECOND, answer, item, plan, window

SESSION = plan([item(1, right="A"), item(2, QuestionType.TRUE_FALSE, right="T"), item(3, right="B")])
WINDOWS = [window(1, 20), window(2, 20)]


def sheet(sitting: int, *responses: str) -> list[ItemAccount]:
    given = [
        answer(no, response, sitting=sitting, offset=no, elapsed_us=no * SECOND)
        for no, response in enumerate(responses, start=1)
        if response
    ]
    return accounts(SESSION, SittingId(sitting), given, WINDOWS)


def test_counts_means_and_the_wrong_response_given_most() -> None:
    sheets = [sheet(1, "A", "T"), sheet(2, "A", "F"), sheet(3, "C", "F"), sheet(4, "B", ""), sheet(5, "C", "")]
    first, second = item_statistics(sheets)
    assert [one.item_no for one in (first, second)] == [1, 2], "what never closed is left out"
    assert (first.sittings, first.answered, first.right, first.centipoints) == (5, 5, 2, 200)
    assert (first.wrong, first.wrong_times) == (("C",), 2)
    assert first.elapsed_us == 5 * SECOND
    assert (second.answered, second.right) == (3, 1)
    # One of five at either end.
    assert (first.discrimination, second.discrimination) == (10_000, 10_000)


def test_nobody_and_nothing_wrong() -> None:
    assert item_statistics([]) == []
    (first, _) = item_statistics([sheet(1, "A", "T")])
    assert (first.wrong, first.wrong_times, first.discrimination) == ((), 0, 0)
