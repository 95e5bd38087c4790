"""What is published of a stage's sockets, made from `wire.stage_messages`."""

from typing import get_args

import msgspec

from leitai.wire import messages as m
from leitai.wire import stage_messages as s
from leitai.wire.socket_schema import SocketDocuments

_AT_US = 1_767_229_200_000_000
_TEAMS = [s.StageTeam(1, "甲队", 10_000, 2, 0, True), s.StageTeam(2, "乙队", 11_000, 1, 0, False)]
_ROUND = s.StageRound(2, "buzzer", "抢答题", 6, 1, 0, 0, 0, [1, 2])
_QUESTION = s.StageQuestion(
    question=5,
    team=0,
    stake=0,
    type="single",
    stem="劳动合同期限三个月以上不满一年的，试用期不得超过多久？",
    options=[m.ItemOption("A", "一个月"), m.ItemOption("B", "二个月")],
    parts=[],
    opens_at_us=_AT_US,
    closes_at_us=_AT_US + 10_000_000,
    presses=[s.StagePress(2, _AT_US + 412_007, 0)],
    false_starts=[1],
    answering=2,
    verdicts=[],
    over=False,
    revealed=False,
    media=[
        m.ItemMedia("pQm3xVbL0d6nYw8sKj2RtA", "image/png", 1200, 480, "参保登记流程图"),
        m.ItemMedia("Xh1cUe5oTz9gWf4iMk7BaQ", "video/mp4", 0, 0, "窗口服务实录"),
    ],
    film=s.StageFilm(2, True, _AT_US, 0),
)
STAGE_CLIENT_EXAMPLES: tuple[tuple[str, msgspec.Struct], ...] = (
    ("stage hello: a desk or a screen by its ticket", m.ClientHello(ticket="Zk4xT0y0d2Vsa29tbWVu")),
    ("stage probe", m.ClientProbe(id=1)),
    ("press: the button of a desk", s.ClientPress(question=5, seq=1)),
)
STAGE_SERVER_EXAMPLES: tuple[tuple[str, msgspec.Struct], ...] = (
    ("stage_welcome: of the second team's desk", s.ServerStageWelcome(7, 2, _AT_US, 200)),
    ("stage: before it begins", s.ServerStage(1, "waiting", "", [])),
    (
        "stage: the second team was first, the first team started falsely",
        s.ServerStage(
            9,
            "running",
            "全省决赛",
            _TEAMS,
            round=_ROUND,
            question=_QUESTION,
            vote=s.StageVote(1, "最佳风采", ["甲队", "乙队"], [3, 4], True, "K7M2QX"),
            last=s.StageLast(8, 1, -1_000, "false_start"),
        ),
    ),
    ("go: the buzzer is open", s.ServerGo(5)),
    ("pressed: recorded", s.ServerPressed(5, 1, _AT_US + 412_007, 411_820)),
    ("stage clock", m.ServerClock(id=1, server_us=_AT_US)),
    ("stage error: too late", m.ServerError(code="stage-press-late", message="本题已经结束。", seq=1)),
    ("stage bye: another device took over", m.ServerBye("superseded", "已在别处打开。", 0)),
)


STAGE_SOCKET = SocketDocuments(
    name="stage",
    client=get_args(s.StageClientMessage),
    server=get_args(s.StageServerMessage),
    client_examples=STAGE_CLIENT_EXAMPLES,
    server_examples=STAGE_SERVER_EXAMPLES,
    address="/live/stage",
    title="A desk's or a screen's one connection",
    device="Device",
    sends="What a desk or a screen sends",
    door="contest",
    place="The server's only port;",
    default_host="127.0.0.1:8780",
    default_says="Host and port of a gateway.",
)
