"""A process that has nothing to do with a contest and computes: what any work beside a contest costs on this machine.

    python -m leitai_loadtest.bystander SHARE SECONDS

Processors share caches, clocks and, most often, a core: whatever computes on one of them slows the other, however far
it stands back. So what something beside a contest costs contestants is told beside this, which computes as much and
touches nothing of theirs.
"""

import json
import sys
import time

from leitai_loadtest.files import stand_back

MOST = 0.95
"""Of one processor."""
PAUSE_S = 0.005
"""Between its turns: sixty who look on have the office and themselves woken some 170 times a second."""
_BODY = {str(number): ["作答", number, number / 7] for number in range(100)}


def compute(share: float, seconds: float) -> float:
    """Compute this share of the time, and rest in between; return the seconds of a processor that it took.

    What it missed because others went first it makes up for. Raises ValueError for more than `MOST`.
    """
    if not 0 <= share <= MOST:
        raise ValueError(f"a share of one processor, {MOST} at most: {share}")
    began, before = time.monotonic(), time.process_time()
    while (passed := time.monotonic() - began) < seconds:
        while time.process_time() - before < share * passed:
            json.dumps(_BODY)
        time.sleep(PAUSE_S)
    return time.process_time() - before


if __name__ == "__main__":
    stand_back()
    compute(float(sys.argv[1]), float(sys.argv[2]))
