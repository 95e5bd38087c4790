"""What is published of a match's sockets, made from `wire.match_messages`."""

from typing import get_args

import msgspec

from leitai.wire import match_messages as s
from leitai.wire import messages as m
from leitai.wire.socket_schema import SocketDocuments

_AT_US = 1_767_229_200_000_000
_PLAYERS = [
    s.MatchPlayer(1, "小麦", 0, True, 176, 2, 5_200_000, True, False),
    s.MatchPlayer(2, "阿青", 0, True, 90, 1, 9_100_000, False, False),
]
_CLOSED = s.MatchClosed(
    2,
    ["B"],
    "《劳动合同法》第十九条。",
    [s.MatchAnswer(1, ["B"], True, 88, 6_000_000), s.MatchAnswer(2, ["A"], False, 0, 4_100_000)],
)
MATCH_CLIENT_EXAMPLES: tuple[tuple[str, msgspec.Struct], ...] = (
    ("match hello: a player by a ticket", m.ClientHello(ticket="Zk4xT0y0d2Vsa29tbWVu")),
    ("match probe", m.ClientProbe(id=1)),
    ("match_answer", s.ClientMatchAnswer(question=3, response=["A", "C"])),
    ("match_leave", s.ClientMatchLeave()),
)
MATCH_SERVER_EXAMPLES: tuple[tuple[str, msgspec.Struct], ...] = (
    ("match_welcome", s.ServerMatchWelcome(4_201_883_501, 1, _AT_US, 200)),
    (
        "match: the third question is open, one has answered",
        s.ServerMatch(9, "open", 10, 3, _AT_US, _AT_US + 20_000_000, _PLAYERS, _CLOSED),
    ),
    ("match: ended", s.ServerMatch(31, "ended", 10, 10, _AT_US, _AT_US + 20_000_000, _PLAYERS, won=1, won_by="points")),
    ("match_sealed", s.ServerMatchSealed(m.SealedItem(3, 20, bytes(range(40)), bytes(32)))),
    ("match_key", s.ServerMatchKey(3, bytes(range(32)))),
    ("match_answered", s.ServerMatchAnswered(3, ["A", "C"], "accepted", _AT_US + 4_120_000, 4_119_300)),
    ("match clock", m.ServerClock(id=1, server_us=_AT_US)),
    ("match error: not open yet", m.ServerError(code="too-early", message="题目尚未开放，本次作答未计入。", item=3)),
    ("match bye: another device took over", m.ServerBye("superseded", "已在别处打开。", 0)),
)
MATCH_SOCKET = SocketDocuments(
    name="match",
    client=get_args(s.MatchClientMessage),
    server=get_args(s.MatchServerMessage),
    client_examples=MATCH_CLIENT_EXAMPLES,
    server_examples=MATCH_SERVER_EXAMPLES,
    address="/live/match",
    title="A player's one connection",
    device="Player",
    sends="What a player sends",
    door="practice",
    place="The practice's only port;",
    default_host="127.0.0.1:8782",
    default_says="Host and port of the practice.",
)
