"""`leitai verify-draw FILE`: checks the published record of a draw, without a database or a network.

Exit status 0: every check holds; 1: one does not; 2: the file cannot be read.
"""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from leitai.rules.draw_check import CHECKS, Examined, examine
from leitai.rules.draw_protocol import DrawAct

app = App(name="verify-draw", help="核验抽签记录 · Verify the record of a draw")

MAX_BYTES = 64 << 20
_WORDS = {
    "file": "文件格式 · the file's form",
    "digest": "记录摘要 · the record's digest",
    "lists": "推荐名单及摘要 · lists and their digests",
    "order": "步骤、时间、承诺与种子 · steps, times, commitments and seeds",
    "earlier": "抽签次数与历次记录 · number and earlier draws",
    "keys": "密钥串 · keys",
    "steps": "抽签过程与结果 · steps and outcome",
}
Published = Annotated[str, Parameter(help="as it was published elsewhere")]


@app.default
def verify_draw(
    file: Path,
    *,
    sha256: Published = "",
    lists: Published = "",
    commitment: Annotated[tuple[str, ...], Parameter(help="as published before the draw; once for each party")] = (),
) -> None:
    """Check FILE, the record of a draw (docs/draw.md), and what was published elsewhere against it."""
    try:
        with file.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
    except OSError as error:
        _say(f"无法读取 · Cannot read {file}: {error.strerror}")
        raise SystemExit(2) from None
    if len(data) > MAX_BYTES:
        _say(f"文件过大 · Too large: {file}")
        raise SystemExit(2)
    examined = examine(data)
    found = {one.check: one for one in examined.findings}
    for check in CHECKS:
        one = found.get(check)
        if one is None:
            _say(f"  –  {_WORDS[check]}：未检查 · not reached")
        elif one.passed:
            _say(f"  ✓  {_WORDS[check]}")
        else:
            _say(f"  ✗  {_WORDS[check]}：{one.where or '—'}")
    told = _compared(examined, sha256, lists, commitment)
    for line in told:
        _say(f"  ✗  {line}")
    if not examined.sound or told:
        _say("核验不通过 · The record does not hold.")
        raise SystemExit(1)
    _summary(examined)


def _compared(examined: Examined, sha256: str, lists: str, commitments: tuple[str, ...]) -> list[str]:
    if examined.record is None:
        return []
    draw = examined.record.transcript.draw
    committed = {one.content for one in draw.events if one.act is DrawAct.COMMIT}
    told: list[str] = []
    if sha256 and sha256.strip().lower() != examined.record.whole:
        told.append("记录摘要与此前公布的不一致 · not the digest that was published")
    if lists and lists.strip().lower() != examined.record.all_lists:
        told.append("名单摘要与此前公布的不一致 · not the lists that were published")
    told += [f"没有此承诺值 · no such commitment: {one}" for one in commitments if one.strip().lower() not in committed]
    return told


def _summary(examined: Examined) -> None:
    assert examined.record is not None
    transcript = examined.record.transcript
    notice = transcript.draw.notice
    _say(f"{transcript.title}（{transcript.year}） 第 {notice.number} 次抽签 · draw {notice.number}")
    if examined.ended == "abandoned":
        _say(f"本次抽签已作废 · abandoned: {transcript.draw.events[-1].content}")
    else:
        nominated = sum(len(one.ids) for one in notice.lists)
        drawn = sum(len(one.drawn) for one in transcript.provinces)
        _say(
            f"{len(notice.lists)} 个省份，{nominated} 人中抽取 {drawn} 人 · "
            f"{drawn} of {nominated} people drawn in {len(notice.lists)} provinces"
        )
    _say(f"记录摘要 · digest {examined.record.whole}")
    _say("核验通过 · Everything holds.")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
