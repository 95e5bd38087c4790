"""What looks as if no person did it, and what does not."""

from leitai.rules.practice_patterns import (
    CROWD,
    FAST_ANSWERS,
    FAST_US,
    MOST_TOGETHER,
    STEADY_ANSWERS,
    TWIN_ANSWERS,
    Finding,
    Given,
    Pattern,
    from_one_address,
    is_compared,
    of_learner,
    together,
)

SECOND = 1_000_000


def run(took: list[int], *, right: bool = True, learner: int = 1, first_us: int = 0) -> list[Given]:
    answers: list[Given] = []
    at_us = first_us
    for number, took_us in enumerate(took):
        at_us += took_us
        answers.append(Given(learner, number, '["A"]', right, at_us, took_us))
    return answers


def patterns(answers: list[Given]) -> set[Pattern]:
    return {one.pattern for one in of_learner(answers)}


def a_person(count: int) -> list[int]:
    return [(4 + (number * 7) % 23) * SECOND for number in range(count)]


def test_a_diligent_person_is_not_listed() -> None:
    assert of_learner([]) == []
    assert of_learner(run(a_person(200))) == []


def test_nobody_answers_so_fast_so_often() -> None:
    fast = [FAST_US - 1] * FAST_ANSWERS
    assert of_learner(run([*a_person(50), *fast])) == [
        Finding(Pattern.IMPOSSIBLE_SPEED, (1,), FAST_ANSWERS, FAST_US - 1)
    ]
    assert Pattern.IMPOSSIBLE_SPEED not in patterns(run([*a_person(50), *fast[1:]]))
    assert Pattern.IMPOSSIBLE_SPEED not in patterns(run([*a_person(50), *[FAST_US] * FAST_ANSWERS]))


def test_all_right_at_constant_intervals_is_no_persons() -> None:
    steady = [5 * SECOND + (number % 3) * 1000 for number in range(STEADY_ANSWERS)]
    assert of_learner(run(steady)) == [Finding(Pattern.STEADY_RIGHT, (1,), STEADY_ANSWERS, 5 * SECOND + 1000)]
    # In whatever order they come, and with a pause between sets.
    assert Pattern.STEADY_RIGHT in patterns(list(reversed(run([*steady, 900 * SECOND]))))
    assert of_learner(run(steady[1:])) == []
    assert of_learner(run(steady, right=False)) == []
    wrong = run(steady)
    wrong[10] = Given(1, 10, '["B"]', False, wrong[10].at_us, wrong[10].took_us)
    assert of_learner(wrong) == []


def test_the_same_answers_in_the_same_seconds() -> None:
    mine = run([7 * SECOND] * TWIN_ANSWERS)
    later = run([7 * SECOND] * TWIN_ANSWERS, learner=2, first_us=SECOND)
    assert together([*mine, *later]) == [Finding(Pattern.TWINS, (1, 2), TWIN_ANSWERS)]
    assert together([*mine, *later[1:]]) == []
    much_later = run([7 * SECOND] * TWIN_ANSWERS, learner=2, first_us=600 * SECOND)
    assert together([*mine, *much_later]) == []
    otherwise = [Given(2, one.question_id, '["B"]', False, one.at_us, one.took_us) for one in mine]
    assert together([*mine, *otherwise]) == []


def test_a_hall_that_answers_at_a_word_is_no_pair() -> None:
    hall = [one for learner in range(CROWD + 1) for one in run([7 * SECOND] * TWIN_ANSWERS, learner=learner)]
    assert together(hall) == []


def test_many_from_one_address() -> None:
    assert from_one_address(range(CROWD), 77) == Finding(Pattern.ONE_ADDRESS, tuple(range(CROWD)), 77)
    assert from_one_address([*range(CROWD - 1)] * 5, 77) is None


def test_what_is_too_much_to_be_compared_is_listed_and_says_so() -> None:
    assert from_one_address((1, 2), MOST_TOGETHER) is None
    city = from_one_address((1, 2), MOST_TOGETHER + 1)
    assert city == Finding(Pattern.ONE_ADDRESS, (1, 2), MOST_TOGETHER + 1)
    assert city is not None
    assert not is_compared(city)
    assert is_compared(Finding(Pattern.ONE_ADDRESS, tuple(range(CROWD)), MOST_TOGETHER))
    assert is_compared(Finding(Pattern.TWINS, (1, 2), MOST_TOGETHER + 1))
