"""The stable codes of everything that can be refused, with a sentence for people in both languages.

Codes never change meaning and are never reused. `retry` says whether the same request may succeed later. Each part of
the office has its codes in a file of its own.
"""

from leitai.wire.errors.awards import AWARDS
from leitai.wire.errors.bank import BANK
from leitai.wire.errors.bank_files import BANK_FILES
from leitai.wire.errors.contest import CONTEST
from leitai.wire.errors.draw import DRAW
from leitai.wire.errors.identity import IDENTITY
from leitai.wire.errors.learners import LEARNERS
from leitai.wire.errors.matches import MATCHES
from leitai.wire.errors.monthly import MONTHLY
from leitai.wire.errors.nominations import NOMINATIONS
from leitai.wire.errors.own_contests import OWN_CONTESTS
from leitai.wire.errors.papers import PAPERS
from leitai.wire.errors.pool import POOL
from leitai.wire.errors.practice_sets import PRACTICE_SETS
from leitai.wire.errors.stage import STAGE
from leitai.wire.errors.text import ErrorText

ERRORS: dict[str, ErrorText] = {
    **CONTEST,
    **BANK,
    **NOMINATIONS,
    **AWARDS,
    **BANK_FILES,
    **PAPERS,
    **POOL,
    **DRAW,
    **LEARNERS,
    **PRACTICE_SETS,
    **MONTHLY,
    **MATCHES,
    **IDENTITY,
    **STAGE,
    **OWN_CONTESTS,
}


def say(code: str, locale: str = "zh-CN") -> str:
    """Return the sentence for `code` in `locale`; the code itself when it has none."""
    text = ERRORS.get(code)
    return text.say(locale) if text else code


__all__ = ["ERRORS", "ErrorText", "say"]
