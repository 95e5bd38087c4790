"""What a simulated contestant answers, and when.

Nobody here is told a right answer by the server. Who has studied (`Options.studied`, from a published bank) knows some;
else the crowd leans towards one option of each item (drawn from the item's content), the
more so the greater the skill, so that boards spread out as in a real contest.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

WORDS = (
    "十五日", "三十日", "六十日", "一年", "二年", "三倍", "双倍工资",
    "劳动合同", "集体合同", "用人单位", "劳动者", "工伤认定", "劳动能力鉴定", "失业保险金",
    "社会保险费", "经济补偿", "试用期", "服务期", "竞业限制", "人民法院",
)  # fmt: skip

_KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Temper:
    """How one contestant goes about it, drawn once from the seed."""

    skill: float
    """0 to 1: how often the choice follows the crowd's, and how quickly."""
    haste: float
    """0 to 1: where in the window answers tend to fall, early to late."""


@dataclass(frozen=True, slots=True)
class Move:
    """A response to be given so many seconds after the item appeared."""

    after_s: float
    response: list[str]


Plan = Callable[[dict[str, Any], int, Temper, Random, float], list[Move]]
"""What to do about an item, given its content, the crowd's lean, who one is, chance, and the seconds left for it."""


def temper(random: Random) -> Temper:
    """Draw a contestant's temper."""
    return Temper(skill=random.betavariate(4, 2), haste=random.random())


def favourite(content: dict[str, Any]) -> int:
    """Return the number that decides what the crowd leans towards in an item, the same for everyone."""
    return int.from_bytes(hashlib.sha256(content["stem"].encode()).digest()[:8], "big")


def study(content: dict[str, Any], studied: dict[str, list[str]]) -> None:
    """Note beside an item what those who studied its question know."""
    if known := studied.get(content["stem"]):
        content[_KNOWN] = known


def respond(content: dict[str, Any], lean: int, person: Temper, random: Random) -> list[str]:
    """Return one plausible response to an item of any type."""
    known: list[str] | None = content.get(_KNOWN)
    if known is not None and random.random() < 0.2 + 0.8 * person.skill:
        return known
    follows = random.random() < person.skill
    choice = lean if follows else random.getrandbits(32)
    kind = content["type"]
    if kind == "true_false":
        return ["T"] if choice & 1 else ["F"]
    if kind == "fill_in":
        return [WORDS[(choice >> (5 * blank)) % len(WORDS)] for blank in range(content["blanks"])]
    if kind in ("short_answer", "case"):
        return ["，".join(random.choices(WORDS, k=30)) + "。" for _ in range(content["blanks"])]
    ids = [str(option["id"]) for option in content["options"]]
    if kind == "single":
        return [ids[choice % len(ids)]]
    least = 2 if kind == "multiple" else 1
    picked = [option for at, option in enumerate(ids) if choice >> at & 1]
    missing = [option for option in ids if option not in picked]
    return sorted(picked + missing[: max(0, least - len(picked))])


def _latest(seconds: float) -> float:
    """Return when whoever keeps well inside a window of so many seconds answers at the latest.

    A third of it, but 2 s at most and 0.7 s at least, is left for a machine that stands still and a gateway that goes.
    """
    return max(0.05, seconds - min(2.0, max(0.7, seconds / 3)))


def plan_streamed(content: dict[str, Any], lean: int, person: Temper, random: Random, seconds: float) -> list[Move]:
    """Return the one answer to a streamed item, well inside its window; now and then none."""
    if random.random() < 0.01 * (1 - person.skill):
        return []
    latest = _latest(seconds)
    middle = 0.15 + 0.6 * person.haste
    after = random.triangular(min(0.6, latest / 4), latest, middle * latest)
    return [Move(after, respond(content, lean, person, random))]


def plan_paper(content: dict[str, Any], lean: int, person: Temper, random: Random, seconds: float) -> list[Move]:
    """Return the answers to an item of a paper at random moments of its window; one in five is changed later."""
    latest = _latest(seconds)
    moments = sorted(random.uniform(0.02, latest) for _ in range(2 if random.random() < 0.2 else 1))
    return [Move(moment, respond(content, lean, person, random)) for moment in moments]


def plan_at_once(content: dict[str, Any], lean: int, person: Temper, random: Random, seconds: float) -> list[Move]:
    """Return the one answer to a streamed item, as soon as it is seen."""
    return [Move(random.uniform(0.0, min(0.2, seconds / 4)), respond(content, lean, person, random))]


def plan_last_moment(content: dict[str, Any], lean: int, person: Temper, random: Random, seconds: float) -> list[Move]:
    """Return the one answer to a streamed item, in the last moments of its window; a few come too late."""
    return [Move(max(0.0, seconds - random.uniform(0.0, 0.5)), respond(content, lean, person, random))]


def plan_unfinished(content: dict[str, Any], lean: int, person: Temper, random: Random, seconds: float) -> list[Move]:
    """Return the answers to an item of a paper: one in twelve is changed once more in the last moments."""
    moves = plan_paper(content, lean, person, random, seconds)
    if random.random() < 1 / 12:
        moves.append(Move(max(0.0, seconds - random.uniform(0.0, 1.0)), respond(content, lean, person, random)))
    return sorted(moves, key=lambda move: move.after_s)
