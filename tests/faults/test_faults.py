"""Small contests in which everything dies that can die: nothing may be lost, doubled or miscounted."""

import pytest

from leitai_loadtest.faults import Size, play

SMALL = Size(contestants=40, items=6, seconds_per_item=4, kill_every_s=12.0, database_away_s=10.0)
CALM = Size(contestants=40, items=4, seconds_per_item=3)
# The six processes go one after another, each when the last is up again, which takes its time on a busy machine. Nobody
# answers in the last two seconds of an item that lasts six.
ROLLED = Size(contestants=40, items=10, seconds_per_item=6, kill_every_s=1.0)
PLAYED = ("clean", "burst", "roles", "roll", "valkey", "database")


@pytest.mark.faults
@pytest.mark.parametrize("case", PLAYED)
def test_nothing_is_lost(case: str) -> None:
    size = {"clean": CALM, "burst": CALM, "roll": ROLLED}.get(case, SMALL)
    outcome = play(case, size)
    assert outcome.sound, outcome
    assert outcome.report["contestants"] == size.contestants
    assert outcome.report["receipts_verified"] == outcome.report["answers_acked"]
    if case == "roles":
        assert outcome.report["recovered"] > 0
    else:
        if case == "roll":
            # Every process at least once, and nobody's answer came late for it.
            assert outcome.report["processes_ended"] >= 6
            assert outcome.report["recovered"] >= size.contestants
            assert outcome.report["late"] == 0
        assert outcome.report["items"] == size.items


BRIEF = Size(contestants=50, items=3, seconds_per_item=6, kill_every_s=4.0)


@pytest.mark.faults
@pytest.mark.parametrize("case", ["valkey-data", "valkey-hang", "cluster"])
def test_nothing_is_lost_with_the_store(case: str) -> None:
    """Valkey loses all it had written, hangs without failing, or loses a primary of its Cluster."""
    outcome = play(case, BRIEF)
    assert outcome.sound, outcome
    assert outcome.report["contestants"] == BRIEF.contestants
    assert outcome.report["receipts_verified"] == outcome.report["answers_acked"]
    assert outcome.report["processes_ended"] >= 1
    if case == "cluster":
        assert outcome.report["store_failovers_s"]
    else:
        # Judged by arrival, however long the store was away or hung.
        assert outcome.report["late"] == 0
