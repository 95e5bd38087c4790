"""Broken, hostile and merely odd question files, made by code, each with what must become of it."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.support.workbooks import workbook

MODULE = "就业创业"
HEAD = ("题型", "题干", "选项A", "选项B", "选项C", "答案", "目录")
ROW = ("单选", "甲是什么", "一", "二", "三", "A", MODULE)


@dataclass(frozen=True, slots=True)
class Case:
    """One file.

    Args:
        name: what is odd about it, and the test's id.
        make: its bytes.
        questions: how many are taken.
        codes: the codes of what is refused of it, or of the whole file when `questions` is None.
        file_name: its name, which must not matter.
    """

    name: str
    make: Callable[[], bytes]
    questions: int | None
    codes: frozenset[str]
    file_name: str = "题库.xlsx"


def taken(name: str, data: bytes | Callable[[], bytes], questions: int, *codes: str, file_name: str = "题库") -> Case:
    """A file of which so many questions are taken, and others refused for these reasons."""
    return Case(name, data if callable(data) else lambda: data, questions, frozenset(codes), file_name)


def refused(name: str, data: bytes | Callable[[], bytes], code: str, file_name: str = "题库") -> Case:
    """A file that is refused as a whole."""
    return Case(name, data if callable(data) else lambda: data, None, frozenset({code}), file_name)


def sheet(*rows: object, head: object = HEAD) -> bytes:
    """A workbook of one sheet with a header and these rows."""
    return workbook({"题库": [head, *rows]})  # pyright: ignore[reportArgumentType]
