"""One or more examples of every message: the golden frames that other implementations check themselves against.

The values are those of an invented session, 7, whose contest has two items. Keys and receipts are plain byte patterns,
so that a mistake of order or length shows in the hex.
"""

from typing import NamedTuple

from msgspec import Struct

from leitai.wire import messages as m

_START_US = 1_767_229_200_000_000
_EPOCH = "5e1f0b"
_RECEIPT = bytes(range(16, 32))
_KEY = bytes(range(32))


class Example(NamedTuple):
    """A message with a name that says what is particular about it."""

    name: str
    message: Struct


_WINDOWS = [
    m.ItemWindow(item=1, opens_at_us=_START_US, closes_at_us=_START_US + 20_000_000),
    m.ItemWindow(item=2, opens_at_us=_START_US + 23_000_000, closes_at_us=_START_US + 53_000_000),
]
_ACK = m.ServerAck(
    item=1,
    seq=3,
    status=m.AckStatus.ACCEPTED,
    stamp_us=_START_US + 4_210_337,
    elapsed_us=4_208_911,
    offset=1_204,
    receipt=_RECEIPT,
)
_ANNOUNCEMENT = m.ServerAnnouncement(offset=3, id=1, at_us=_START_US - 60_000_000, text="比赛将于一分钟后开始。")
_RECEIPTED = m.Receipted(
    item=_ACK.item,
    seq=_ACK.seq,
    response=["A", "C"],
    status=_ACK.status,
    stamp_us=_ACK.stamp_us,
    elapsed_us=_ACK.elapsed_us,
    offset=_ACK.offset,
    receipt=_ACK.receipt,
)

CLIENT_EXAMPLES: tuple[Example, ...] = (
    Example("hello: first of a contestant", m.ClientHello(ticket="Zk4xT0y0d2Vsa29tbWVu")),
    Example(
        "hello: resuming with one answer unacknowledged",
        m.ClientHello(
            ticket="Zk4xT0y0d2Vsa29tbWVu",
            epoch=_EPOCH,
            offset=4,
            unacked=[m.Answered(item=1, seq=3, response=["A", "C"])],
        ),
    ),
    Example("hello: public viewer", m.ClientHello(session=7)),
    Example("answer: multiple choice", m.ClientAnswer(item=1, seq=3, response=["A", "C"])),
    Example("answer: true or false", m.ClientAnswer(item=2, seq=4, response=["T"])),
    Example("answer: fill-in of two blanks", m.ClientAnswer(item=1, seq=5, response=["十五日", "劳动合同"])),
    Example(
        "answer: a case of two sub-items",
        m.ClientAnswer(item=1, seq=6, response=["用人单位未依法缴费。\n应当补缴。", ""]),
    ),
    Example("answer: cleared", m.ClientAnswer(item=1, seq=2_147_483_647, response=[])),
    Example("probe", m.ClientProbe(id=1)),
    Example("check_in", m.ClientCheckIn(round_trip_us=18_250, clock_offset_us=-431_002, browser="Chromium 86")),
    Example("conduct: left", m.ClientConduct(kind=m.ConductKind.LEFT)),
    Example("conduct: returned", m.ClientConduct(kind=m.ConductKind.RETURNED)),
    Example("begin", m.ClientBegin()),
    Example("question: about an item", m.ClientQuestion(text="第 1 题的选项显示不全。", item=1)),
    Example("question: about none", m.ClientQuestion(text="可以去洗手间吗？")),
    Example("watch: first page of individuals", m.ClientWatch(view=m.View.INDIVIDUALS)),
    Example("watch: one province", m.ClientWatch(view=m.View.PROVINCE, page=2, delegation="220000")),
    Example("watch: nothing", m.ClientWatch(view=m.View.NONE)),
    Example("receipts", m.ClientReceipts(receipts=[_RECEIPTED])),
)

SERVER_EXAMPLES: tuple[Example, ...] = (
    Example(
        "welcome: contestant",
        m.ServerWelcome(
            session=7,
            sitting=1_042,
            epoch=_EPOCH,
            offset=4,
            recovered=False,
            server_us=_START_US - 30_000_000,
            order_seed=bytes(range(32, 48)),
        ),
    ),
    Example(
        "welcome: recovered, receipts wanted",
        m.ServerWelcome(
            session=7,
            sitting=1_042,
            epoch="5e1f0c",
            offset=0,
            recovered=True,
            server_us=_START_US + 6_000_000,
            order_seed=bytes(range(32, 48)),
            resume_min_ms=2_000,
            present_receipts=True,
        ),
    ),
    Example(
        "welcome: viewer",
        m.ServerWelcome(session=7, sitting=0, epoch=_EPOCH, offset=4, recovered=False, server_us=_START_US),
    ),
    Example(
        "snapshot",
        m.ServerSnapshot(
            offset=4,
            phase="running",
            start_us=_START_US,
            timeline_version=1,
            windows=_WINDOWS,
            announcements=[_ANNOUNCEMENT],
            answers=[_ACK],
            responses=[m.Answered(item=1, seq=3, response=["A", "C"])],
        ),
    ),
    Example("phase", m.ServerPhase(offset=1, phase="lobby", start_us=_START_US)),
    Example("timeline", m.ServerTimeline(offset=2, version=1, windows=_WINDOWS)),
    Example("announcement", _ANNOUNCEMENT),
    Example("closed: right answer shown", m.ServerClosed(offset=5, item=1, key=["A", "C"])),
    Example("closed: right answer kept", m.ServerClosed(offset=6, item=2)),
    Example("open", m.ServerOpen(item=1, key=_KEY)),
    Example("ack: accepted", _ACK),
    Example(
        "ack: late, of a resend",
        m.ServerAck(
            item=1,
            seq=3,
            status=m.AckStatus.LATE,
            stamp_us=_START_US + 20_000_000,
            elapsed_us=19_998_574,
            offset=1_901,
            receipt=_RECEIPT,
            duplicate=True,
            code="too-late",
        ),
    ),
    Example("ack: early", m.ServerAck(item=2, seq=4, status=m.AckStatus.EARLY, offset=1_205, code="too-early")),
    Example("ack: rejected", m.ServerAck(item=9, seq=6, status=m.AckStatus.REJECTED, code="unknown-item")),
    Example("clock", m.ServerClock(id=1, server_us=_START_US)),
    Example("checked_in", m.ServerCheckedIn(at_us=_START_US - 600_000_000)),
    Example("begun", m.ServerBegun(begun_us=_START_US + 6_000_000, closes_at_us=_START_US + 606_000_000)),
    Example("conduct_count", m.ServerConduct(left=2, limit=5)),
    Example("asked", m.ServerAsked(at_us=_START_US + 6_000_000, left=9)),
    Example(
        "note: to a room",
        m.ServerNote(id="a3", at_us=_START_US, text="本考场请更换备用线路。", to=m.Audience.ROOM),
    ),
    Example(
        "note: the answer to a question",
        m.ServerNote(
            id="c5", at_us=_START_US, text="请刷新页面。", to=m.Audience.SITTING, question="第 1 题的选项显示不全。"
        ),
    ),
    Example("own", m.ServerOwn(version=12, centipoints=250, rank=17, of=1_600, elapsed_us=4_208_911)),
    Example(
        "board",
        m.ServerBoard(
            view=m.View.INDIVIDUALS,
            page=1,
            delegation="",
            number=3,
            version=12,
            total=1_600,
            frozen=False,
            rows=[
                m.BoardRow(1_042, 1, 1, 250, 4_208, "王建国", "220000"),
                m.BoardRow(7, 2, 1, 250, 4_208, "古丽", "650000"),
            ],
        ),
    ),
    Example(
        "moves",
        m.ServerMoves(
            number=3,
            version=13,
            base=12,
            order=[1, -1],
            entrants=[m.BoardEntrant(311, "李明", 0, 54)],
            gain=250,
            centipoints=[0, -50],
            elapsed_ms=[3_917, 1_204],
            rank=1,
        ),
    ),
    Example("moves: a correction", m.ServerMoves(number=3, version=14, base=13, centipoints=[0, 250], tied=[1])),
    Example("progress", m.ServerProgress(item=1, answered=1_288, connected=1_597, total=1_600)),
    Example("error", m.ServerError(code="frame-invalid", message="消息内容不符合约定。")),
    Example("bye", m.ServerBye(code="moved", message="服务器正在切换，即将自动重连。", resume_after_ms=1_500)),
)

BODY_EXAMPLES: tuple[Example, ...] = (
    Example(
        "item content",
        m.ItemContent(
            type="multiple",
            stem="下列哪些情形，用人单位应当支付经济补偿？",
            options=[m.ItemOption("A", "协商一致解除"), m.ItemOption("B", "试用期不合格"), m.ItemOption("C", "裁员")],
            blanks=0,
            centipoints=200,
        ),
    ),
    Example(
        "item content: with a picture",
        m.ItemContent(
            type="true_false",
            stem="图中的办理流程是否正确？",
            options=[m.ItemOption("T", "正确"), m.ItemOption("F", "错误")],
            blanks=0,
            centipoints=100,
            media=[m.ItemMedia("Zk3vQ0x9s1uYc7Tn5bWg2A", "image/png", 1280, 720, "参保登记流程图")],
        ),
    ),
    Example(
        "item content: a case of two sub-items",
        m.ItemContent(
            type="case",
            stem="职工王某在上班途中发生交通事故，本人负次要责任。",
            options=[],
            blanks=2,
            centipoints=1_000,
            parts=["王某是否应当认定为工伤？", "用人单位应当在多少日内提出申请？"],
        ),
    ),
    Example(
        "sealed paper",
        m.SealedPaper(
            session=7,
            pacing="streamed",
            items=[m.SealedItem(item=1, seconds=20, sealed=bytes(range(48)), commitment=bytes(range(64, 96)))],
        ),
    ),
)
"""Bodies that travel over HTTP or inside a seal; they have no `type`."""
