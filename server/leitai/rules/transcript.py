"""The record of a draw, to be published and read back by anyone.

Errors:
    DrawError
    ├── BadTranscript   what was read is no transcript
    └── DrawMismatch    a transcript says what its own inputs do not yield
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from leitai.rules.selection import Algorithm, Source, Step
from leitai.rules.values import DelegationCode

_FORMAT = "leitai-draw-1"


class DrawError(Exception):
    """Whatever is wrong with the record of a draw.

    Attributes:
        field: the part of the transcript it was found in, "" for the whole.
    """

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class BadTranscript(DrawError):
    """Not a transcript: not JSON, or a part is missing, unknown or of the wrong kind."""


class DrawMismatch(DrawError):
    """A transcript contradicts itself or what was published before."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """Everything that a draw rests on and what came of it.

    Attributes:
        nominations: ids in the published order.
        count: how many are drawn.
        seed: in lower-case hexadecimal.
        commitment: as published before (`draw.commitment`).
        public_value: named before, known after.
        key: what the selection hashes (`draw.draw_key`).
        steps: the selection, a step for each place drawn.
        delegation: whose draw it is, if it is a delegation's.
    """

    algorithm: Algorithm
    nominations: tuple[str, ...]
    count: int
    seed: str
    commitment: str
    public_value: Source
    key: str
    steps: tuple[Step, ...]
    delegation: DelegationCode | None = None

    @property
    def selected(self) -> tuple[str, ...]:
        """Who was drawn, in the order drawn."""
        return tuple(self.nominations[step.place - 1] for step in self.steps)

    def to_json(self) -> bytes:
        """Canonical JSON: UTF-8, keys sorted, no blanks, integers only. Equal transcripts give equal bytes."""
        content = {
            "format": _FORMAT,
            "algorithm": self.algorithm.value,
            "nominations": self.nominations,
            "count": self.count,
            "seed": self.seed,
            "commitment": self.commitment,
            "public_value": self.public_value,
            "key": self.key,
            "steps": [{"digest": step.digest, "left": step.left, "place": step.place} for step in self.steps],
            "selected": self.selected,
            "delegation": self.delegation,
        }
        return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    @staticmethod
    def from_json(text: bytes | str) -> "Transcript":
        """Reads what `to_json` wrote. Whether it is true is for `draw.verify` to say.

        Raises:
            BadTranscript: it is nothing of the kind.
        """
        try:
            content: object = json.loads(text)
        except (ValueError, RecursionError):
            raise BadTranscript("") from None
        reader = _Reader(content)
        if reader.take("format") != _FORMAT:
            raise BadTranscript("format")
        try:
            algorithm = Algorithm(reader.text("algorithm"))
        except ValueError:
            raise BadTranscript("algorithm") from None
        nominations = reader.texts("nominations")
        transcript = Transcript(
            algorithm,
            nominations,
            reader.number("count"),
            reader.text("seed"),
            reader.text("commitment"),
            reader.source("public_value"),
            reader.text("key"),
            reader.steps("steps", len(nominations)),
            reader.delegation("delegation"),
        )
        if reader.texts("selected") != transcript.selected:
            raise BadTranscript("selected")
        reader.finish()
        return transcript


class _Reader:
    """Takes the parts of a JSON object one by one, each of the kind asked for."""

    def __init__(self, content: object) -> None:
        if not isinstance(content, dict):
            raise BadTranscript("")
        self._left = dict(cast("Mapping[str, object]", content))

    def take(self, field: str) -> object:
        if field not in self._left:
            raise BadTranscript(field)
        return self._left.pop(field)

    def text(self, field: str) -> str:
        return _text(field, self.take(field))

    def number(self, field: str) -> int:
        return _number(field, self.take(field))

    def texts(self, field: str) -> tuple[str, ...]:
        return tuple(_text(field, value) for value in _list(field, self.take(field)))

    def source(self, field: str) -> Source:
        value = self.take(field)
        if isinstance(value, str):
            return _text(field, value)
        return tuple(_number(field, number) for number in _list(field, value))

    def delegation(self, field: str) -> DelegationCode | None:
        value = self.take(field)
        return None if value is None else DelegationCode(_text(field, value))

    def steps(self, field: str, pool_size: int) -> tuple[Step, ...]:
        taken: list[Step] = []
        for value in _list(field, self.take(field)):
            try:
                reader = _Reader(value)
                step = Step(reader.text("digest"), reader.number("left"), reader.number("place"))
                reader.finish()
            except BadTranscript:
                raise BadTranscript(field) from None
            if not 1 <= step.place <= pool_size:
                raise BadTranscript(field)
            taken.append(step)
        return tuple(taken)

    def finish(self) -> None:
        for field in self._left:
            raise BadTranscript(field)


def _text(field: str, value: object) -> str:
    if not isinstance(value, str) or any("\ud800" <= char <= "\udfff" for char in value):
        raise BadTranscript(field)
    return value


def _number(field: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadTranscript(field)
    return value


def _list(field: str, value: object) -> list[object]:
    if not isinstance(value, list):
        raise BadTranscript(field)
    return cast("list[object]", value)
