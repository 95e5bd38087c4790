"""Effects of rulings and of corrections of awards as JSON: `{"kind": …}` and the members of the effect, in stores, in
bundles and on the judges' desk.

Sets are lists in ascending order. `BadEffect` is the one error.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from leitai.rules.award_corrections import CorrectionEffect, Rename, Withdraw
from leitai.rules.effects import EFFECTS, Effect, OrderEquals, StrikeOff, name_of

T = TypeVar("T")

_CORRECTIONS: Mapping[str, type[CorrectionEffect]] = {
    "strike_off": StrikeOff,
    "rename": Rename,
    "order_equals": OrderEquals,
    "withdraw": Withdraw,
}
_CORRECTION_NAMES = {effect: name for name, effect in _CORRECTIONS.items()}


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
    return _read(value, EFFECTS)


def effect_to_json(effect: Effect) -> str:
    """Return an effect as JSON."""
    return msgspec.json.encode(effect_to_builtins(effect)).decode()


def effect_from_json(text: str) -> Effect:
    """Return the effect of its JSON; raises `BadEffect`."""
    try:
        return effect_from_builtins(msgspec.json.decode(text, type=dict[str, Any]))
    except msgspec.DecodeError as error:
        raise BadEffect(str(error)) from None


def correction_to_builtins(effect: CorrectionEffect) -> dict[str, Any]:
    """Return the effect of a correction as what JSON can say."""
    members: dict[str, Any] = msgspec.to_builtins(effect, order="deterministic")
    return {"kind": _CORRECTION_NAMES[type(effect)], **members}


def correction_from_builtins(value: Mapping[str, Any]) -> CorrectionEffect:
    """Return the effect of a correction; raises `BadEffect`. Whether it makes sense is `award_corrections.fault`'s."""
    return _read(value, _CORRECTIONS)


def _read(value: Mapping[str, Any], kinds: Mapping[str, type[T]]) -> T:
    """Return the value of the kind that it names; raises `BadEffect`."""
    kind = value.get("kind")
    effect = kinds.get(kind) if isinstance(kind, str) else None
    if effect is None:
        raise BadEffect(f"no such kind: {kind!r}")
    members = {name: member for name, member in value.items() if name != "kind"}
    try:
        return msgspec.convert(members, effect)
    except (msgspec.ValidationError, TypeError) as error:
        raise BadEffect(str(error)) from None
