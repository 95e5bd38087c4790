"""What the bank can be written as, and what is said of the file. Knows no library that writes one."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from leitai.wire.errors import ErrorText

LEFT_OUT = {
    "kind-not-held": ErrorText("该格式没有这种题型。", "The format has no such type."),
    "text-not-held": ErrorText("题目文字在该格式中读不回原样。", "Its texts would not come back as they are."),
}


class ExportFormat(Enum):
    """What the bank can be written as."""

    XLSX = "xlsx"
    CSV = "csv"
    DOCX = "docx"
    TXT = "txt"
    GIFT = "gift"
    AIKEN = "aiken"
    MOODLE = "moodle"
    QTI = "qti"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A question that is not in the file, with a key of `LEFT_OUT`."""

    stem: str
    code: str


@dataclass(frozen=True, slots=True)
class Export:
    """A file and what became of the questions.

    `lost` counts, by field, the questions whose explanation, difficulty, module, point or tags the format has no place
    for; it is empty for every format but Aiken.
    """

    data: bytes
    held: int
    left_out: tuple[LeftOut, ...]
    lost: Mapping[str, int]
