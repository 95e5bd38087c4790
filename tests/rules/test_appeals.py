import pytest

from leitai.rules.appeals import (
    APPEAL_PHASES,
    MAX_APPEAL_CHARS,
    Appeal,
    AppealRefused,
    AppealState,
    AppealWindow,
    decide,
    file,
)
from leitai.rules.effects import VoidItem
from leitai.rules.finalizing import Blocker, BlockerCode, blockers
from leitai.rules.rulings import ActKind, Judge, Ruling, RulingAct
from leitai.rules.values import ActorId, DelegationCode, ItemNo, Micros, Phase, SittingId
from tests.rules.builders import answer, item, plan

SESSION = plan([item(1), item(2)])
END, LENGTH = 1000, 500
WINDOW = AppealWindow(Micros(END), Micros(LENGTH))
HOME = DelegationCode("110000")
JUDGE = Judge(ActorId("anna"))


def filed(
    at_us: int = END,
    item_no: int | None = 1,
    text: str = "题干有歧义",
    *,
    phase: Phase = Phase.CLOSED,
    own: tuple[Appeal, ...] = (),
) -> Appeal:
    item_ = None if item_no is None else ItemNo(item_no)
    return file(1, SittingId(7), item_, text, Micros(at_us), window=WINDOW, plan=SESSION, phase=phase, own=own)


def ruling(*kinds: ActKind, ruling_id: int = 3) -> Ruling:
    acts = tuple(RulingAct(kind, ActorId(f"judge {no}"), Micros(no), "因") for no, kind in enumerate(kinds))
    return Ruling(ruling_id, VoidItem(ItemNo(1)), "据", acts)


def refused(code: str):
    return pytest.raises(AppealRefused, match=f"^{code}$")


@pytest.mark.parametrize(
    ("at_us", "code"),
    [(END - 1, "appeal-not-open"), (END, None), (END + LENGTH - 1, None), (END + LENGTH, "appeal-too-late")],
)
def test_an_appeal_is_filed_within_its_window(at_us: int, code: str | None) -> None:
    if code is None:
        assert filed(at_us).state is AppealState.FILED
        return
    with refused(code):
        filed(at_us)


@pytest.mark.parametrize("phase", Phase)
def test_an_appeal_is_filed_between_the_end_and_the_final_order(phase: Phase) -> None:
    if phase in APPEAL_PHASES:
        assert filed(phase=phase).decision is None
        return
    with refused("appeal-not-open"):
        filed(phase=phase)


def test_what_an_appeal_needs() -> None:
    assert filed(item_no=None).item_no is None
    assert filed(text=" 甲 ").text == "甲"
    with refused("appeal-unknown-item"):
        filed(item_no=9)
    with refused("appeal-text-missing"):
        filed(text=" \n")
    with refused("appeal-text-too-long"):
        filed(text="甲" * (MAX_APPEAL_CHARS + 1))
    first = filed()
    with refused("appeal-repeated"):
        filed(own=(first,))
    assert filed(item_no=2, own=(first,)).item_no == 2
    done = decide(first, JUDGE, Micros(END + 9), "无误", HOME)
    assert filed(own=(done,)).state is AppealState.FILED


def test_an_appeal_is_decided_once_with_a_reason_and_by_nobody_from_home() -> None:
    upheld = decide(filed(), JUDGE, Micros(END + 9), "见裁决", HOME, ruling(ActKind.PROPOSE, ActKind.APPROVE))
    assert upheld.state is AppealState.UPHELD
    assert upheld.decision is not None
    assert upheld.decision.ruling_id == 3
    refusal = decide(filed(), JUDGE, Micros(END + 9), "无误", HOME)
    assert refusal.state is AppealState.REFUSED
    for done in (upheld, refusal):
        with refused("appeal-decided"):
            decide(done, JUDGE, Micros(END + 10), "再议", HOME)
    with refused("appeal-reason-missing"):
        decide(filed(), JUDGE, Micros(END + 9), " ", HOME)
    with refused("appeal-conflict-of-interest"):
        decide(filed(), Judge(ActorId("local"), HOME), Micros(END + 9), "无误", HOME)
    for kinds in ((ActKind.PROPOSE,), (ActKind.PROPOSE, ActKind.DECLINE)):
        with refused("appeal-ruling-not-in-force"):
            decide(filed(), JUDGE, Micros(END + 9), "见裁决", HOME, ruling(*kinds))


def test_nothing_missing_lets_a_session_be_final() -> None:
    done = decide(filed(), JUDGE, Micros(END + 9), "无误", HOME)
    kinds = (ActKind.PROPOSE, ActKind.APPROVE)
    now = Micros(END + LENGTH)
    assert blockers(now, unmarked=[], rulings=[ruling(*kinds)], appeals=[done], window=WINDOW) == ()


def test_everything_missing_is_listed() -> None:
    half = [
        ruling(ActKind.PROPOSE, ruling_id=5),
        ruling(ActKind.PROPOSE, ActKind.APPROVE, ActKind.PROPOSE_WITHDRAWAL, ruling_id=6),
        ruling(ActKind.PROPOSE, ActKind.DECLINE, ruling_id=7),
    ]
    texts = [answer(2, ("文",), sitting=no) for no in (1, 2)]
    assert blockers(
        Micros(END + LENGTH - 1),
        unmarked=texts,
        rulings=half,
        appeals=[filed()],
        window=WINDOW,
        unreconciled=[SittingId(9), SittingId(4), SittingId(9)],
        unrecorded=12,
    ) == (
        Blocker(BlockerCode.UNRECORDED, 12),
        Blocker(BlockerCode.RECEIPT, 3, (4, 9)),
        Blocker(BlockerCode.UNMARKED, 2, (2,)),
        Blocker(BlockerCode.APPEALS_OPEN, 1),
        Blocker(BlockerCode.APPEAL, 1, (1,)),
        Blocker(BlockerCode.RULING, 2, (5, 6)),
    )
