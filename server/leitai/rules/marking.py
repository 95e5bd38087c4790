"""Marking: what a response to one item earns, and whether a response is well formed at all."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from leitai.rules.values import JUDGED, Marking, PaperItem, QuestionType, Response

MAX_BLANK_CHARS = 200
"""Longest text that one blank of a fill-in item takes, in code points."""
MAX_TEXT_CHARS = 1_200
"""Longest text that a short-answer item or a sub-item of a case takes, in code points."""
MAX_RESPONSE_CHARS = 3_600
"""Longest response in all, in code points, so that no answer outgrows a frame (16 KiB; a code point takes up to 4)."""

_ONE_OPTION = (QuestionType.SINGLE, QuestionType.TRUE_FALSE)
_DASHES = frozenset("-‐‑‒–—―−~〜")
_LIST_MARKS = frozenset(",、;")
_POINTS = frozenset(".。·")
_BETWEEN_DIGITS = frozenset("/:")
_PARTS_OF_NUMBERS = frozenset("%‰")
_LEADING_POINT = re.compile(r"\.\d")
_THOUSANDS = re.compile(r"(?<!\d)\d{1,3}(?:,\d{3})+(?!\d)")


def mark(item: PaperItem, response: Response) -> int:
    """Centipoints that `response` earns (DOMAIN, Defaults: marking). A cleared response earns 0.

    - single, true-false: the picked option is the right one (one of them, should a ruling have widened the key);
    - multiple, indeterminate: exactly the right ones; under `Marking.PARTIAL` a wrong pick earns 0 and otherwise the
      right picks their share of the points, rounded down; where a ruling accepts another set of options, what the more
      favourable set gives;
    - fill-in: every blank matches one of its alternatives once both are normalised; under `Marking.PARTIAL` the blanks
      that match earn their share, rounded down;
    - short-answer, case: 0 here, since judges mark them (`rules.markings`).
    """
    if not response or item.type in JUDGED:
        return 0
    if item.type is QuestionType.FILL_IN:
        return mark_comparable(item, tuple(comparable(text) for text in response))
    picked = frozenset(response)
    if item.type in _ONE_OPTION:
        return item.centipoints if len(picked) == 1 and picked <= item.key.options else 0
    if not item.key.also:
        return _mark_picks(item, picked, item.key.options)
    return max(_mark_picks(item, picked, right) for right in (item.key.options, *item.key.also))


def is_valid(item_type: QuestionType, option_ids: Sequence[str], blanks: int, response: Response) -> bool:
    """Whether a response has the shape its item asks for; one that has not is refused, never marked.

    Choice items: known, distinct options in the item's canonical (ascending) order, at most one for single and
    true-false. Fill-in: exactly `blanks` texts of at most `MAX_BLANK_CHARS` each. Short-answer and case: exactly
    `blanks` texts of at most `MAX_TEXT_CHARS` each and `MAX_RESPONSE_CHARS` together, not all blank. The empty
    response (cleared) is always valid.
    """
    if not response:
        return True
    if item_type in JUDGED:
        lengths = [len(text) for text in response]
        fits = max(lengths) <= MAX_TEXT_CHARS and sum(lengths) <= MAX_RESPONSE_CHARS
        return len(response) == blanks and fits and any(text.strip() for text in response)
    if item_type is QuestionType.FILL_IN:
        return len(response) == blanks and all(len(text) <= MAX_BLANK_CHARS for text in response)
    if item_type in _ONE_OPTION and len(response) > 1:
        return False
    remaining = iter(option_ids)
    return all(option in remaining for option in response)


def comparable(text: str) -> str:
    """What a fill-in text is compared by: what remains of it, or the text itself where nothing but punctuation is
    there (it can only answer an alternative that is nothing else either).
    """
    return normalise(text) or text.strip()


def mark_comparable(item: PaperItem, forms: Response) -> int:
    """`mark` of a fill-in item for texts that are `comparable` already."""
    blanks = item.key.blanks
    if len(forms) != len(blanks):
        return 0
    right = sum(form in _accepted(alternatives) for form, alternatives in zip(forms, blanks, strict=True))
    if item.marking is Marking.PARTIAL:
        return item.centipoints * right // len(blanks)
    return item.centipoints if right == len(blanks) else 0


def normalise(text: str) -> str:
    """What remains of a fill-in text for comparison.

    Full and half width, case, blanks, invisible characters and punctuation do not distinguish answers, except where
    they distinguish numbers: `%` and `‰` stay; a dash stays before a digit (−5, 3—5); a point (also typed `。`), `/`
    and `:` stay between digits (1.5, 1。5, 1/3, 8:30), and a point before a first digit (.5); a list of numbers keeps
    a separator (1、2 is not 12) while commas between thousands go (1,000 is 1000).
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).replace(
        "\N{FRACTION SLASH}", "/"
    )
    if folded.isalnum():
        # Letters and digits always stay, and most texts are nothing else.
        return folded
    dense = "".join(char for char in folded if not char.isspace() and unicodedata.category(char)[0] != "C")
    dense = _THOUSANDS.sub(lambda number: number[0].replace(",", ""), dense)
    kept: list[str] = []
    for place, char in enumerate(dense):
        if char.isalnum():
            kept.append(char)
            continue
        before_digit = dense[place + 1 : place + 2].isdecimal()
        after_digit = bool(kept) and kept[-1].isdecimal()
        if char in _DASHES:
            char = "-" if before_digit or _LEADING_POINT.match(dense, place + 1) else ""
        elif char in _LIST_MARKS:
            char = ";" if before_digit and after_digit else ""
        elif char in _POINTS:
            leads = char == "." and (not kept or kept[-1] == "-")
            char = "." if before_digit and (after_digit or leads) else ""
        elif char in _BETWEEN_DIGITS:
            char = char if before_digit and after_digit else ""
        elif unicodedata.category(char)[0] == "P" and char not in _PARTS_OF_NUMBERS:
            char = ""
        if char:
            kept.append(char)
    return "".join(kept)


def _mark_picks(item: PaperItem, picked: frozenset[str], right: frozenset[str]) -> int:
    if picked == right:
        return item.centipoints
    if item.marking is Marking.PARTIAL and picked < right:
        return item.centipoints * len(picked) // len(right)
    return 0


@lru_cache(maxsize=4096)
def _accepted(alternatives: tuple[str, ...]) -> frozenset[str]:
    return frozenset(form for alternative in alternatives if (form := comparable(alternative)))
