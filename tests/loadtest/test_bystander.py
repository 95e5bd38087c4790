"""A bystander computes the share of a processor that it is asked for, and catches up with what it missed."""

import time

import pytest

from leitai_loadtest.bystander import MOST, compute


@pytest.mark.parametrize("share", [0.1, 0.3])
def test_it_takes_its_share(share: float) -> None:
    began, before = time.monotonic(), time.process_time()
    told = compute(share, 1.5)
    took, passed = time.process_time() - before, time.monotonic() - began
    assert told == pytest.approx(took, abs=0.01)
    assert passed >= 1.5
    # A machine that is busy otherwise may keep it from its last turn, and a turn ends a body later.
    assert took <= share * passed + 0.05
    assert took >= share * 1.5 - 0.1


def test_nothing_is_a_share_too() -> None:
    assert compute(0.0, 0.2) < 0.05


@pytest.mark.parametrize("share", [-0.1, MOST + 0.01])
def test_more_than_a_processor_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="a share of one processor"):
        compute(share, 0.1)
