"""The floor measures what it says: as many answers as contestants and items, and figures for each."""

from leitai_loadtest.bench.floor import measure


async def test_the_floor_answers_everyone() -> None:
    floor = await measure(20, 3, 0.4, burst=True)
    assert floor.answers == 60
    assert floor.cpu_us_per_answer > 0
    assert 0 < floor.ack_ms_p50 <= floor.ack_ms_p99
