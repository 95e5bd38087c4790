"""Reading what people write as answers, options, types and difficulties (DOMAIN, Question files)."""

import re
import unicodedata
from collections.abc import Sequence

from leitai.office.bank import MAX_OPTIONS, MODULES, REGIONAL_MODULE
from leitai.rules.values import QuestionType

LETTERS = "ABCDEFGH"

_TYPES: dict[str, QuestionType] = {
    **dict.fromkeys(("单选", "单项选择", "单选题", "single", "singlechoice"), QuestionType.SINGLE),
    **dict.fromkeys(("多选", "多项选择", "multiple", "multiplechoice"), QuestionType.MULTIPLE),
    **dict.fromkeys(("不定项", "不定项选择", "任选", "indeterminate"), QuestionType.INDETERMINATE),
    **dict.fromkeys(("判断", "是非", "正误", "truefalse", "judge"), QuestionType.TRUE_FALSE),
    **dict.fromkeys(("填空", "fillin", "blank"), QuestionType.FILL_IN),
    **dict.fromkeys(("简答", "问答", "论述", "名词解释", "shortanswer", "essay"), QuestionType.SHORT_ANSWER),
    **dict.fromkeys(("案例", "案例分析", "材料分析", "综合分析", "case"), QuestionType.CASE),
}
_RIGHT = frozenset(("√", "✓", "✔", "☑", "对", "正确", "是", "t", "true", "y", "yes", "1"))
_WRONG = frozenset(("×", "✗", "✘", "☒", "x", "错", "错误", "不对", "不正确", "否", "f", "false", "n", "no", "0"))
_DIFFICULTIES: dict[str, int] = {
    **dict.fromkeys(("1", "易", "容易", "简单", "低", "easy", "★"), 1),
    **dict.fromkeys(("2", "较易", "较容易", "偏易", "★★"), 2),
    **dict.fromkeys(("3", "中", "中等", "一般", "适中", "普通", "medium", "★★★"), 3),
    **dict.fromkeys(("4", "较难", "偏难", "★★★★"), 4),
    **dict.fromkeys(("5", "难", "困难", "高", "很难", "hard", "★★★★★"), 5),
}
_ANSWER_LABEL = re.compile(r"^(?:【\s*(?:正确|参考)?答案\s*】|(?:正确|参考)?答案\s*[::])\s*")
_LABELS = ("答案", "正确答案", "参考答案")
_BETWEEN_LETTERS = re.compile(r"[\s,;、/|和及&+.。()（）]+")
# Blanks are counted: a cell of nothing else must not be searched from each of its places to its end.
_OPTION_MARK = r"[（(]?\s{0,8}{letter}\s{0,8}(?:[)）]\s{0,8}[.．、:：]?|[.．、:：])\s*"
_SPECIAL = re.compile(r"([\\;；|｜])")
_ESCAPED = re.compile(r"\\([\\;；|｜])")
BLANK = re.compile(r"_{2,}|＿{2,}|（[\s　]*）|\([\s　]*\)|【[\s　]*】")
"""A blank in a stem: ____ or （ ）."""


def read_type(text: str) -> QuestionType | None:
    """Return the type that a cell or the name of a sheet says, or None.

    >>> read_type("一、单项选择题")
    <QuestionType.SINGLE: 'single'>
    """
    plain = _plain_type(text)
    if plain in _TYPES:
        return _TYPES[plain]
    # 不定项选择 holds 项选择 as the others do: the longest word found decides.
    held = [word for word in _TYPES if not word.isascii() and word in plain]
    return _TYPES[max(held, key=len)] if held else None


def exact_type(text: str) -> QuestionType | None:
    """Return the type that a text names and says nothing beside, or None."""
    return _TYPES.get(_plain_type(text))


def infer_type(answer: str, has_options: bool, stem: str) -> QuestionType | None:
    """Return the type that an answer lets see where none is stated, or None."""
    letters = read_letters(answer)
    if has_options and letters:
        return QuestionType.SINGLE if len(letters) == 1 else QuestionType.MULTIPLE
    if not has_options and read_truth(answer) is not None:
        return QuestionType.TRUE_FALSE
    if not has_options and answer and BLANK.search(stem):
        return QuestionType.FILL_IN
    return None


def read_letters(text: str) -> list[str] | None:
    """Return the letters of a choice answer in order (`AB`, `A,B`, `A、B`, `【答案】A;B`), or None when it is none."""
    plain = unicodedata.normalize("NFKC", _ANSWER_LABEL.sub("", unicodedata.normalize("NFKC", text))).upper()
    letters = _BETWEEN_LETTERS.sub("", plain)
    if not letters or any(letter not in LETTERS for letter in letters):
        return None
    return sorted(set(letters))


def read_truth(text: str) -> bool | None:
    """Return what a true-false answer says, or None when it says neither."""
    plain = _ANSWER_LABEL.sub("", unicodedata.normalize("NFKC", text)).strip(" \n.。()（）").casefold()
    if plain in _RIGHT:
        return True
    return False if plain in _WRONG else None


def read_blanks(text: str) -> tuple[tuple[str, ...], ...]:
    """Return the alternatives of each blank: blanks are split by `|`, alternatives by `;`.

    A backslash before one of them, or before another backslash, takes it as text (`write_blanks`).
    """
    plain = read_reference(text)
    return tuple(
        tuple(part for raw in _split(blank, ";；") if (part := _ESCAPED.sub(r"\1", raw.strip())))
        for blank in _split(plain, "|｜")
    )


def write_blanks(blanks: Sequence[Sequence[str]]) -> str:
    """Return blanks as `read_blanks` reads them."""
    return write_reference("|".join(";".join(_SPECIAL.sub(r"\\\1", part) for part in blank) for blank in blanks))


def _split(text: str, marks: str) -> list[str]:
    parts = [""]
    for piece in re.findall(r"\\[\\;；|｜]|.", text, re.DOTALL):
        if piece in marks:
            parts.append("")
        else:
            parts[-1] += piece
    return parts


def read_reference(text: str) -> str:
    """Return a reference answer without its label."""
    return _ANSWER_LABEL.sub("", text.replace("：", ":", 1) if text.startswith(_LABELS) else text).strip()


def write_reference(text: str) -> str:
    """Return a reference answer as `read_reference` reads it."""
    return text if read_reference(text) == text else f"参考答案：{text}"


def split_options(text: str) -> list[str] | None:
    """Return the texts of one 选项 cell (`A. x,B. y`, lines, `(A) x (B) y`), or None when they cannot be told apart.

    Letters must come in order, so that an “A.” within a text starts nothing.
    """
    starts: list[tuple[int, int]] = []
    position = 0
    for letter in LETTERS[:MAX_OPTIONS]:
        either = f"[{letter}{chr(ord(letter) + 0xFEE0)}]"
        before = r"(?:^|(?<=[\s,，;；、。|]))" if starts else r"^\s*"
        mark = re.compile(before + _OPTION_MARK.replace("{letter}", either)).search(text, position)
        if mark is None:
            break
        starts.append((mark.start(), mark.end()))
        position = mark.end()
    if starts:
        ends = [start for start, _ in starts[1:]] + [len(text)]
        return [
            text[start:end].strip().rstrip(",，;；、|").strip() for (_, start), end in zip(starts, ends, strict=True)
        ]
    lines = [line.strip() for line in re.split(r"[\n|｜]", text) if line.strip()]
    return lines if 2 <= len(lines) <= MAX_OPTIONS else None


def read_difficulty(text: str) -> int | None:
    """Return a difficulty from 1 (easy) to 5 (hard), 3 where nothing is said, None when it is not understood."""
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    return _DIFFICULTIES.get(plain.removesuffix("题")) if plain else 3


def read_module(text: str) -> str | None:
    """Return the module that a category names, alone or as the first of a path (`社会保险/工伤保险`), or None."""
    first = re.split(r"[/／>\\|\n]|--|——", text.strip())[0]
    plain = re.sub(r"[\s、,，和与及]", "", first)
    for module in (*MODULES, REGIONAL_MODULE):
        if plain == module or plain == module + "类" or plain == module + "模块":
            return module
    aliases = {
        "党的路线方针政策": 0,
        "党的理论": 0,
        "就业": 1,
        "创业就业": 1,
        "社保": 2,
        "人事人才": 3,
        "劳动关系和维权": 4,
    }
    aliases |= {"综合服务": 5, "服务规范": 5, "综合服务标准规范": 5}
    return MODULES[aliases[plain]] if plain in aliases else None


def _plain_type(text: str) -> str:
    return re.sub(r"[\s_-]|题$|试题$", "", unicodedata.normalize("NFKC", text).casefold())
