"""Answers of HTTP read as the types they promise."""

from typing import Protocol, TypeVar

import msgspec

T = TypeVar("T")


class Answer(Protocol):
    """What an HTTP client gives back."""

    @property
    def status_code(self) -> int: ...

    @property
    def content(self) -> bytes: ...


def body_as(answer: Answer, type_: type[T]) -> T:
    """Return the body of a good answer, read strictly: an unknown member is an error."""
    assert answer.status_code == 200, answer.content
    body = msgspec.json.decode(answer.content, type=type_)
    assert msgspec.json.decode(msgspec.json.encode(body)) == msgspec.json.decode(answer.content)
    return body
