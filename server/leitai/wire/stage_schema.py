"""A stage's sockets as documents: JSON Schema, AsyncAPI, and golden frames, made from `wire.stage_messages`."""

from typing import Any, get_args

import msgspec

from leitai.wire import messages as m
from leitai.wire import stage_messages as s
from leitai.wire.codec import encode
from leitai.wire.schema import (
    JSON_FORM,
    MADE_BY,
    as_draft_07,
    definitions_of,
    json_form,
    message_document,
    operation_document,
    schema_document,
)

Json = dict[str, Any]
STAGE_CLIENT_STRUCTS: tuple[type[msgspec.Struct], ...] = get_args(s.StageClientMessage)
STAGE_SERVER_STRUCTS: tuple[type[msgspec.Struct], ...] = get_args(s.StageServerMessage)
_TYPES = (*STAGE_CLIENT_STRUCTS, *STAGE_SERVER_STRUCTS)
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


def stage_schema() -> Json:
    """Return the JSON Schema of every message of a stage's sockets."""
    unions = {"StageClientMessage": STAGE_CLIENT_STRUCTS, "StageServerMessage": STAGE_SERVER_STRUCTS}
    return schema_document("Leitai stage messages", definitions_of(_TYPES, "#/$defs/{name}"), unions)


def stage_frames() -> Json:
    """Return every example as name, direction, struct, hex of its bytes and JSON form."""
    directions = (("client", STAGE_CLIENT_EXAMPLES), ("server", STAGE_SERVER_EXAMPLES))
    return {
        "$comment": MADE_BY,
        "frames": [
            {
                "name": name,
                "direction": direction,
                "struct": type(message).__name__,
                "hex": encode(message).hex(),
                "json": json_form(message),
            }
            for direction, examples in directions
            for name, message in examples
        ],
    }


def stage_asyncapi(version: str) -> Json:
    """Return the AsyncAPI 3.0 document of a stage's sockets."""
    channel = "#/channels/stage"
    structs = (*STAGE_CLIENT_STRUCTS, *STAGE_SERVER_STRUCTS)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Leitai stage socket",
            "version": version,
            "description": f"{MADE_BY} The conversation is told in docs/wire.md. {JSON_FORM}",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/msgpack",
        "servers": {
            "contest": {
                "host": "{host}",
                "protocol": "ws",
                "description": "The server's only port; `wss` behind a terminator of TLS.",
                "variables": {"host": {"default": "127.0.0.1:8780", "description": "Host and port of a gateway."}},
            }
        },
        "channels": {
            "stage": {
                "address": "/live/stage",
                "title": "A desk's or a screen's one connection",
                "description": f"Subprotocol `{m.SUBPROTOCOL}`, no extensions; one message per binary frame.",
                "servers": [{"$ref": "#/servers/contest"}],
                "messages": {
                    struct.__name__: {"$ref": f"#/components/messages/{struct.__name__}"} for struct in structs
                },
                "bindings": {"ws": {"method": "GET", "bindingVersion": "0.1.0"}},
            }
        },
        "operations": {
            "receiveFromDevice": operation_document(
                "receive", "What a desk or a screen sends", channel, STAGE_CLIENT_STRUCTS
            ),
            "sendToDevice": operation_document("send", "What the server sends", channel, STAGE_SERVER_STRUCTS),
        },
        "components": {
            "messages": {
                struct.__name__: message_document(
                    struct,
                    [
                        (name, message)
                        for name, message in (*STAGE_CLIENT_EXAMPLES, *STAGE_SERVER_EXAMPLES)
                        if type(message) is struct
                    ],
                )
                for struct in structs
            },
            "schemas": as_draft_07(definitions_of(_TYPES, "#/components/schemas/{name}")),
        },
    }
