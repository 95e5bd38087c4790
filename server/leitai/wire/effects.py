"""Effects of rulings as JSON: `{"kind": …}` and the members of the effect, in stores and on the judges' desk.

Sets are lists in ascending order. `BadEffect` is the one error.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from leitai.rules.effects import EFFECTS, Effect, name_of


class BadEffect(Exception):
    """This is no effect of a ruling; `reason` says why, for developers."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def effect_to_builtins(effect: Effect) -> dict[str, Any]:
    """Return an effect as what JSON can say."""
    members: dict[str, Any] = msgspec.to_builtins(effect, order="deterministic")
    return {"kind": name_of(effect), **members}


def effect_from_builtins(value: Mapping[str, Any]) -> Effect:
    """Return the effect; raises `BadEffect`. Whether it makes sense in a session is `rules.effects.fault`'s matter."""
    kind = value.get("kind")
    effect = EFFECTS.get(kind) if isinstance(kind, str) else None
    if effect is None:
        raise BadEffect(f"no such kind: {kind!r}")
    members = {name: member for name, member in value.items() if name != "kind"}
    try:
        return msgspec.convert(members, effect)
    except (msgspec.ValidationError, TypeError) as error:
        raise BadEffect(str(error)) from None


def effect_to_json(effect: Effect) -> str:
    """Return an effect as JSON."""
    return msgspec.json.encode(effect_to_builtins(effect)).decode()


def effect_from_json(text: str) -> Effect:
    """Return the effect of its JSON; raises `BadEffect`."""
    try:
        return effect_from_builtins(msgspec.json.decode(text, type=dict[str, Any]))
    except msgspec.DecodeError as error:
        raise BadEffect(str(error)) from None
