"""What finding near-duplicates costs: `python -m tests.office.measure_resemblance [questions]`.

Stems are drawn from the example bank's phrases, with words put in and left out: more alike than a real bank's.
"""

import random
import resource
import sys
import time
from pathlib import Path

from leitai.office.importing.questions import read_bank_file
from leitai.office.resemblance import find_alike

BANK = Path(__file__).parents[2] / "schema/examples/question-bank.xlsx"


def stems(number: int) -> list[str]:
    """Stems made of pieces of the example bank's, and one in twenty a copy with a piece changed."""
    pick = random.Random(1)
    known = [question.stem for _, question in read_bank_file(BANK.name, BANK.read_bytes()).accepted]
    text = "".join(known)
    made: list[str] = []
    for _ in range(number):
        if made and pick.random() < 0.05:
            old = pick.choice(made)
            at = pick.randrange(len(old))
            made.append(old[:at] + text[pick.randrange(len(text))] + old[at + 1 :])
            continue
        pieces = [text[at : at + pick.randint(6, 14)] for at in (pick.randrange(len(text)) for _ in range(4))]
        made.append("".join(pieces))
    return made


def main() -> None:
    """Print how long it takes, and how much memory."""
    bank = stems(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
    began = time.process_time()
    found = find_alike(bank)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    took = time.process_time() - began
    print(f"{len(bank):,} stems: {took:.1f} s of CPU, {peak:.0f} MiB, {len(found.pairs):,} pairs, cut: {found.cut}")


if __name__ == "__main__":
    main()
