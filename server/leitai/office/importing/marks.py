"""What a line of running text is by how it begins: a question, an option, a label, a heading, answers in a group."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from leitai.office.bank import MAX_STEM
from leitai.office.importing import answers
from leitai.office.importing.headers import QUESTION_HEADERS
from leitai.rules.values import QuestionType

_LABELS = {
    label: field
    for field in ("type", "answer", "explanation", "difficulty", "point", "module", "tags")
    for label in QUESTION_HEADERS[field]
    if not label.isascii() and label not in ("类型", "依据")
} | {"答": "answer", "题干": "stem", "大题题干": "shared_stem"}
_ANY_LABEL = "|".join(sorted(_LABELS, key=len, reverse=True))
_LABEL = re.compile(rf"(?:【\s*({_ANY_LABEL})\s*】\s*[:：]?|({_ANY_LABEL})\s*[:：])[^\S\n]*")
# After a short field another may follow in the same line; in brackets, after any.
_NEXT_BRACKETED = re.compile(rf"【\s*(?:{_ANY_LABEL})\s*】")
_NEXT = re.compile(rf"【\s*(?:{_ANY_LABEL})\s*】|(?<=\s)(?:{_ANY_LABEL})\s*[:：]")
_START = re.compile(
    r"(?:(?P<word>第\s*(\d{1,5})\s*题)\s*[.．、:：]?|(?P<paren>[（(]\s*(\d{1,5})\s*[)）])\s*[.．、]?"
    r"|(?P<point>(\d{1,5})\s*(?:[.．](?!\d)|[、)）]))|(?P<colon>(\d{1,5})\s*[:：](?!\d)))\s*(?P<text>.*)",
    re.DOTALL,
)
# Blanks are counted, so that a line of nothing else is not searched from each of its places to its end.
_OPTION = re.compile(r"[（(]?\s{0,8}([A-ZＡ-Ｚ])\s{0,8}(?:[)）]\s{0,8}[.．、:：]?|[.．、:：])\s*")
_LATER_OPTION = re.compile(r"(?<=[\s,，;；、。])" + _OPTION.pattern)
_OPTION_IN_STEM = re.compile(r"(?<=[\s？?。）)：:_])[（(]?\s{0,8}[AＡ]\s{0,8}(?:[)）]\s{0,8}[.．、:：]?|[.．、:：])")
_HEADING_NUMBER = re.compile(
    r"(?:[（(]?[一二三四五六七八九十]{1,3}[)）]?\s*[、.．:：]?|第[一二三四五六七八九十\d]{1,3}(?:部分|章|节|编|大题)\s*[、:：.]?"
    r"|模块[一二三四五六七八九十\d]{0,3}\s*[、:：.]?|#{1,6})\s*"
)
_ASIDE = re.compile(r"[（(][^（()）]*[)）]|，?(?:共|每)\s*[\d一二三四五六七八九十]+\s*[题小道分].*$")
_ANSWERS_HEAD = re.compile(
    r"[【\[]?\s*(?:试题|题库)?\s*(?:参考|正确|标准)?\s*答案\s*(?:[及与和]?\s*(?:解析|详解))?\s*(?:部分)?\s*[】\]]?\s*[:：]?"
)
_ONE = r"(?:[A-HＡ-Ｈ]{1,8}|√|×|✓|✗|正确|错误|对|错|[TF])"
_RANGE = re.compile(
    rf"(\d{{1,5}})\s*[-–—~～至到]{{1,2}}\s*(\d{{1,5}})\s*(?:题)?\s*[:：.．、]?\s*((?:{_ONE}[\s,，、;；]*+)++)(?=\d|$)"
)
_NUMBERED = re.compile(rf"(\d{{1,5}})\s*[.．、:：)）]?\s*({_ONE})(?=[\s,，;；、。.]|\d|$)[\s,，;；、。.]*")


@dataclass(frozen=True, slots=True)
class Start:
    """The first line of a question: its number, the form the number has, and what follows it."""

    number: int
    form: str
    text: str


def question_start(line: str) -> Start | None:
    """Return a line's beginning of a question (`1.`, `1、`, `（1）`, `第1题`), or None."""
    found = _START.match(line)
    if found is None or not found["text"]:
        return None
    form = next(name for name in ("word", "paren", "point", "colon") if found[name])
    number = re.search(r"\d+", found[form])
    assert number is not None
    return Start(int(number[0]), form, found["text"])


def options(line: str) -> list[tuple[str, str]] | None:
    """Return the options of a line that begins with one, as (letter, text); more on it follow letter by letter."""
    found = _OPTION.match(line)
    if found is None:
        return None
    read: list[tuple[str, str]] = []
    letter, start = _letter(found), found.end()
    for later in _LATER_OPTION.finditer(line, start):
        if _letter(later) == chr(ord(letter) + 1):
            read.append((letter, line[start : later.start()].strip().rstrip(",，;；、").rstrip()))
            letter, start = _letter(later), later.end()
    read.append((letter, line[start:].strip()))
    return read


def options_in_stem(line: str, following: str) -> int | None:
    """Return where the options begin in a line that is stem before them, or None."""
    for found in _OPTION_IN_STEM.finditer(line):
        read = options(line[found.start() :].lstrip())
        after = options(following)
        if read and (len(read) > 1 or (after and after[0][0] == "B")):
            return found.start()
    return None


def labels(line: str) -> list[tuple[str, str]]:
    """Return the labelled fields of a line (`答案：A 解析：…`, `【答案】A【解析】…`), empty when it has none."""
    found = _LABEL.match(line)
    read: list[tuple[str, str]] = []
    while found is not None:
        field = _LABELS[found[1] or found[2]]
        long = field in ("explanation", "stem", "shared_stem")
        after = (_NEXT_BRACKETED if long else _NEXT).search(line, found.end())
        end = after.start() if after else len(line)
        read.append((field, line[found.end() : end].strip()))
        found = _LABEL.match(line, end) if after else None
    return read


def heading(line: str) -> tuple[QuestionType | None, str | None] | None:
    """Return the type or the module that a heading names (`一、单选题（每题 1 分）`, `第一章 社会保险`), or None."""
    if len(line) > 60:
        return None
    numbered = _HEADING_NUMBER.match(line)
    bracketed = line.startswith(("【", "[")) and line.endswith(("】", "]"))
    if numbered is None and not bracketed and "题" not in line:
        return None
    rest = line[numbered.end() :] if numbered else line
    plain = re.sub(r"[\s:：。.【】\[\]]", "", _ASIDE.sub("", rest))
    type_ = answers.exact_type(plain)
    if type_ is not None and (numbered or bracketed or plain.endswith("题")):
        return type_, None
    module = answers.read_module(plain)
    return (None, module) if module is not None and (numbered or bracketed) else None


def is_answers_head(line: str) -> bool:
    """Whether a line says no more than that answers follow (`参考答案`, `【答案】`, `三、答案与解析`)."""
    numbered = _HEADING_NUMBER.match(line)
    return _ANSWERS_HEAD.fullmatch(line[numbered.end() :] if numbered else line) is not None


def grouped(line: str) -> list[tuple[int, list[str], int]] | None:
    """Return the answers of a line that holds nothing else (`1-5 ABCDE 6.AB`), as (first, answers, expected).

    `expected` is how many answers the numbers ask for. None when anything else is on the line.
    """
    at = 0
    read: list[tuple[int, list[str], int]] = []
    text = unicodedata.normalize("NFKC", line).replace("✔", "√").replace("✘", "×").strip()
    while at < len(text):
        found = _RANGE.match(text, at)
        if found:
            first, last = int(found[1]), int(found[2])
            read.append((first, list(_each(found[3], last - first + 1)), last - first + 1))
        else:
            found = _NUMBERED.match(text, at)
            if found is None:
                return None
            read.append((int(found[1]), [found[2]], 1))
        at = found.end()
        while at < len(text) and text[at] in " \t,;、。.":
            at += 1
    return read or None


def bracketed_answer(stem: str) -> tuple[str, str] | None:
    """Return an answer written into the stem (`……（ AB ）。`, `……（√）`) and the stem without it, or None."""
    if len(stem) > MAX_STEM:
        return None
    found = list(re.finditer(r"[（(]\s*([A-HＡ-Ｈ](?:[\s,，、;；]*[A-HＡ-Ｈ]){0,7})\s*[)）]", stem))
    if len(found) == 1:
        return found[0][1], stem[: found[0].start()] + "（ ）" + stem[found[0].end() :]
    last = re.search(r"\s*[（(]\s*([√×✓✗✔✘对错]|正确|错误)\s*[)）]\s*([。.]?)$", stem)
    if last is not None:
        return last[1], stem[: last.start()] + last[2]
    return None


def _each(text: str, count: int) -> Iterator[str]:
    """One answer of each, by blanks where they part as many as are asked for, else by sign."""
    parts = [part for part in re.split(r"[\s,，、;；]+", text) if part]
    if len(parts) == count:
        yield from parts
    else:
        yield from re.findall(r"正确|错误|\S", "".join(parts))


def _letter(found: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", found[1])
