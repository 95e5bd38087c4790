"""Draws for tests: one over small lists, the example of schema/examples, and the vectors that both verifiers share.

`python -m tests.support.draws` writes the example and the vectors anew.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from leitai.office.importing.people import read_people_file
from leitai.office.people_ports import DelegationName
from leitai.resources import shipped
from leitai.rules.draw import NominationList, commitment, draw_province, read_value
from leitai.rules.draw_protocol import Draw, DrawAct, Event, Notice, announce, take
from leitai.rules.selection import Algorithm
from leitai.rules.transcript import Earlier, Transcript, canonical, transcript_of
from leitai.rules.values import ActorId, DelegationCode, Micros

TITLE, YEAR = "2022年度全国人社窗口单位业务技能练兵比武", 2022
PARTIES = ("赛务组（示例）", "公证处（示例）")
SEEDS = ("c25b941a88acc176861036f46ffaf67e", "5a63400cb3a525402cecc21dbc4089f4")
VALUE = "3 8 14 19 22 27 5"
ANNOUNCED_US = Micros(1_662_001_200_000_000)
"""2022-09-01 11:00 in China."""
KNOWN_US = Micros(1_662_124_500_000_000)
"""2022-09-02 21:15 in China."""
HOUR_US = 3_600_000_000
VECTORS = 10_000


def lists(provinces: int = 3, nominated: int = 100) -> tuple[NominationList, ...]:
    """Small provinces."""
    codes = ("110000", "650000", "660000", "120000")[:provinces]
    return tuple(
        NominationList(
            DelegationCode(code), f"省{code[:2]}", tuple(f"{no:03d} 人{code[:2]}{no}" for no in range(1, nominated + 1))
        )
        for code in sorted(codes)
    )


def notice(listed: Sequence[NominationList] | None = None, **changes: Any) -> Notice:
    """What the example announces, over some lists, with changes."""
    made = Notice(
        1,
        "",
        PARTIES,
        "中国福利彩票“双色球”2022年9月4日开奖号码（示例）",
        "numbers",
        KNOWN_US,
        35,
        tuple(listed) if listed is not None else lists(),
    )
    return replace(made, **changes)


def events() -> list[Event]:
    """What is done after the announcement, until it is drawn."""
    ministry, notary = ActorId("example-operator"), ActorId("example-notary")
    return [
        Event(DrawAct.COMMIT, ministry, _later(1), 1, commitment(bytes.fromhex(SEEDS[0]))),
        Event(DrawAct.COMMIT, notary, _later(2), 2, commitment(bytes.fromhex(SEEDS[1]))),
        Event(DrawAct.ENTER_VALUE, ministry, _known(1), 0, VALUE),
        Event(DrawAct.CONFIRM_VALUE, notary, _known(2), 0, VALUE),
        Event(DrawAct.DISCLOSE, ministry, _known(3), 1, SEEDS[0]),
        Event(DrawAct.DISCLOSE, notary, _known(4), 2, SEEDS[1]),
        Event(DrawAct.DRAW, ministry, _known(5)),
    ]


def announced(made: Notice | None = None, earlier: Sequence[Draw] = ()) -> Draw:
    return announce(made or notice(), ActorId("example-operator"), ANNOUNCED_US, earlier)


def played(upto: int = 7, made: Notice | None = None) -> Draw:
    """The draw after some of its events."""
    draw = announced(made)
    for event in events()[:upto]:
        draw = take(draw, event)
    return draw


def record(made: Notice | None = None, earlier: Sequence[Earlier] = ()) -> Transcript:
    """The record of a draw that was drawn."""
    return transcript_of(TITLE, YEAR, played(made=made), earlier)


def example_lists(delegations: Sequence[DelegationName]) -> tuple[NominationList, ...]:
    """The lists of schema/examples/nominations.xlsx."""
    data = (shipped("examples") / "nominations.xlsx").read_bytes()
    quotas = {"named": 15, "nominated": 100}
    file = read_people_file("nominations.xlsx", data, delegations, quotas=quotas, places=None)
    ids: defaultdict[DelegationCode, list[tuple[int, str]]] = defaultdict(list)
    for entry in file.accepted:
        if entry.origin == "nominated":
            ids[entry.person.delegation].append((entry.no, f"{entry.no:03d} {entry.person.name}"))
    names = {one.code: one.name for one in delegations}
    return tuple(NominationList(code, names[code], tuple(one for _, one in sorted(ids[code]))) for code in sorted(ids))


def vector_lines() -> Iterator[str]:
    """The lines of docs/draw.md, Vectors."""
    for index in range(VECTORS):
        h = hashlib.sha256(f"leitai draw vector {index}".encode()).digest()
        pool = 1 + (h[0] * 256 + h[1]) % 120
        count = h[2] % (min(pool, 8) + 1)
        ids = tuple(f"{no:03d} {h.hex()[:6]}" for no in range(1, pool + 1))
        listed = NominationList(DelegationCode(str(100000 + h[4] * 256 + h[5])), "", ids)
        written = h[7:11].hex() if h[6] & 1 else f"{h[7]} {h[8] * 256 + h[9]} {h[10]}"
        value = read_value("text" if h[6] & 1 else "numbers", written)
        algorithm = Algorithm.MD5 if h[3] & 1 else Algorithm.SHA256
        drawn = draw_province(listed, count, seed=h, public_value=value, algorithm=algorithm)
        yield f"{index} {drawn.key} {','.join(str(step.place) for step in drawn.steps)}\n"


def vector_digests() -> list[str]:
    """The digest of each 100 lines in turn."""
    lines = list(vector_lines())
    return [hashlib.sha256("".join(lines[at : at + 100]).encode()).hexdigest() for at in range(0, VECTORS, 100)]


def _later(hours: int) -> Micros:
    return Micros(ANNOUNCED_US + hours * HOUR_US)


def _known(hours: int) -> Micros:
    return Micros(KNOWN_US + hours * HOUR_US // 6)


def main() -> None:
    """Write schema/examples/draw.json and draw-vectors.json."""
    folder = Path(__file__).parents[2] / "schema/examples"
    (folder / "draw-vectors.json").write_bytes(canonical({"count": VECTORS, "digests": vector_digests()}) + b"\n")
    sql = (Path(__file__).parents[2] / "schema/sql/0001_contest.sql").read_text("utf-8")
    found = re.findall(r"\('(\d{6})', '([^']+)', '([^']+)'\)", sql)
    delegations = [DelegationName(DelegationCode(code), name, short) for code, name, short in found]
    (folder / "draw.json").write_bytes(record(notice(example_lists(delegations))).to_json())


if __name__ == "__main__":
    main()
