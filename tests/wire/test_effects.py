from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitai.rules.effects import EFFECTS, ChangeKey, Effect
from leitai.rules.values import ItemNo, Key
from leitai.wire.effects import BadEffect, effect_from_builtins, effect_from_json, effect_to_json
from tests.rules.test_rulings import CONCERNED
from tests.support.strategies import messagepack_values

WIDE = ChangeKey(ItemNo(1), Key(frozenset("CA"), also=(frozenset("DB"),)))


@pytest.mark.parametrize("effect", [*(effect for effect, _ in CONCERNED), WIDE])
def test_an_effect_comes_back_as_it_was(effect: Effect) -> None:
    assert effect_from_json(effect_to_json(effect)) == effect


def test_an_effect_says_the_same_every_time() -> None:
    said = '{"kind":"change_key","item_no":1,"key":{"options":["A","C"],"blanks":[],"also":[["B","D"]]}}'
    assert effect_to_json(WIDE) == said


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"kind":"nothing"}',
        '{"kind":["void_item"]}',
        '{"kind":"void_item"}',
        '{"kind":"void_item","item_no":"1"}',
        '{"kind":"compensate","scope":{"kind":"everyone"},"us":1}',
    ],
)
def test_what_is_no_effect_is_refused(text: str) -> None:
    with pytest.raises(BadEffect):
        effect_from_json(text)


@given(st.sampled_from(sorted(EFFECTS)), st.dictionaries(st.text(max_size=9), messagepack_values(), max_size=5))
def test_garbage_is_refused_by_our_error_only(kind: str, members: dict[str, object]) -> None:
    with suppress(BadEffect):
        effect_from_builtins({**members, "kind": kind})
