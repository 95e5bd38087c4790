"""Every code that the rules refuse with has its sentences."""

import inspect
import re
from types import ModuleType

import pytest

from leitai.rules import appeals, decisions, effects, finalizing, markings, reveals, rulings
from leitai.wire.errors import ERRORS

CODE = re.compile(r"\"((?:ruling|session|mark|answers?|receipt|appeal|reveal)-[a-z-]+)\"")


@pytest.mark.parametrize("module", [appeals, effects, finalizing, markings, reveals, rulings])
def test_every_refusal_of_the_rules_has_its_sentences(module: ModuleType) -> None:
    codes = set(CODE.findall(inspect.getsource(module)))
    assert codes
    assert codes <= set(ERRORS)


@pytest.mark.parametrize("kind", ["appeal", "receipt"])
def test_every_refusal_of_a_decision_has_its_sentences(kind: str) -> None:
    ends = re.findall(r"refuse\(\"([a-z-]+)\"\)", inspect.getsource(decisions))
    assert len(ends) == 4
    assert {f"{kind}-{end}" for end in ends} <= set(ERRORS)
