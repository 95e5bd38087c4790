"""Every code that the rules refuse with has its sentences."""

import inspect
import re

import pytest

from leitai.rules import effects, markings, rulings
from leitai.wire.errors import ERRORS


@pytest.mark.parametrize("module", [effects, markings, rulings])
def test_every_refusal_of_the_rules_has_its_sentences(module: object) -> None:
    codes = set(re.findall(r"\"((?:ruling|session|mark|appeal|reveal)-[a-z-]+)\"", inspect.getsource(module)))  # pyright: ignore[reportArgumentType]
    assert codes
    assert codes <= set(ERRORS)
