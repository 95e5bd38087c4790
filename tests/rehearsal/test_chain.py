"""A nation's chain: how many people, and how many awards are due. tests/e2e/test_chain.py plays a small one."""

from leitai.cli.chaining.awarding import due
from leitai.cli.chaining.people import Province, Size
from leitai.rules.id_numbers import valid_id_number


def test_a_nation_sends_in_3680_people_each_with_a_number_of_their_own() -> None:
    size = Size()
    provinces = [Province(f"{place:06d}", "省", place, size) for place in range(size.provinces)]
    numbers = {one.person(number)[1] for one in provinces for number in range(size.named + size.nominated)}
    assert len(numbers) == size.read == 3680
    assert all(valid_id_number(number) for number in numbers)
    assert size.provinces * size.seats == 1600
    assert size.nominated - size.barred >= size.places


def test_a_nation_has_178_awards_and_fewer_where_fewer_take_part() -> None:
    seats = {f"{place:06d}": 50 for place in range(32)}
    assert due(seats, {"000000": 30, "000001": 20}) == 50 + 96 + 32
    # The first province has two left once its national best are passed over.
    assert due({"000000": 52, "000001": 10}, {"000000": 50}) == 50 + 2 + 3 + 2
    assert due({"000000": 5}, {"000000": 5}) == 5 + 0 + 1
