"""The shape of an item as far as a response must fit it."""

import re
from collections.abc import Sequence
from itertools import combinations

from leitai.rules.marking import is_valid
from leitai.rules.values import JUDGED, QuestionType, Response

_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_CONTROL_IN_TEXTS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]+")
_MOST_LISTED = 8
"""Items with so many options at most have every valid response listed: 256 of them."""


class Shape:
    """An item's type, its options' ids, and the number of its blanks (sub-items of a case, 1 for a short answer)."""

    __slots__ = ("_blanks", "_listed", "_option_ids", "_type")

    def __init__(self, item_type: QuestionType, option_ids: tuple[str, ...], blanks: int) -> None:
        """`option_ids` is empty where texts are asked for."""
        self._type = item_type
        self._option_ids = option_ids
        self._blanks = blanks
        self._listed: dict[Response, Response] = {}
        if option_ids and len(option_ids) <= _MOST_LISTED:
            picks = [pick for size in range(len(option_ids) + 1) for pick in combinations(option_ids, size)]
            self._listed = {pick: pick for pick in picks if is_valid(item_type, option_ids, blanks, pick)}

    def taken(self, values: Sequence[str]) -> Response | None:
        """Return a response as it is recorded, or None for one that does not fit (`rules.marking.is_valid`).

        Control characters are taken out of texts, line breaks and tabs not out of those that judges mark; texts that
        are all empty are the cleared response.
        """
        response = tuple(values)
        listed = self._listed.get(response)
        if listed is not None:
            return listed
        if not self._option_ids:
            control = _CONTROL_IN_TEXTS if self._type in JUDGED else _CONTROL
            # What prints has none of them: most texts, told apart at a look.
            response = tuple(text if text.isprintable() else control.sub("", text) for text in response)
            if not any(response):
                response = ()
        return response if is_valid(self._type, self._option_ids, self._blanks, response) else None
