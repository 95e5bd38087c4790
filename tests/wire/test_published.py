"""The published wire is fresh, and another implementation agrees with it frame by frame."""

import base64
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import given
from jsonschema import Draft202012Validator

from leitai.wire import messages, publish
from leitai.wire.codec import encode
from leitai.wire.schema import CLIENT_STRUCTS, SERVER_STRUCTS, json_form, wire_name
from tests.support.packing import pack, unpack
from tests.support.strategies import client_messages, messages_of, server_messages

SCHEMA = Path(__file__).parents[2] / "schema"
FRAMES: list[dict[str, Any]] = json.loads((SCHEMA / "examples/frames.json").read_text("utf-8"))["frames"]
MESSAGES_SCHEMA: dict[str, Any] = json.loads((SCHEMA / "wire/messages.schema.json").read_text("utf-8"))
ASYNCAPI: dict[str, Any] = yaml.safe_load((SCHEMA / "wire/asyncapi.yaml").read_text("utf-8"))
every_frame = pytest.mark.parametrize("frame", FRAMES, ids=[frame["name"] for frame in FRAMES])


def _validator(definition: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"#/$defs/{definition}", "$defs": MESSAGES_SCHEMA["$defs"]})


def test_published_files_are_fresh() -> None:
    assert publish.main(["--check", str(SCHEMA)]) == 0


def test_check_names_what_is_stale_and_publishing_mends_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert publish.main([str(tmp_path)]) == 0
    (tmp_path / "wire/asyncapi.yaml").write_text("asyncapi: 2.0.0\n")
    (tmp_path / "examples/frames.json").unlink()
    assert publish.main(["--check", str(tmp_path)]) == 1
    told = capsys.readouterr().err
    assert "asyncapi.yaml" in told
    assert "frames.json" in told
    assert "messages.schema.json" not in told
    publish.main([str(tmp_path)])
    assert publish.main(["--check", str(tmp_path)]) == 0


@every_frame
def test_golden_frames_decode_and_encode_to_the_same_bytes(frame: dict[str, Any]) -> None:
    struct = getattr(messages, frame["struct"])
    raw = bytes.fromhex(frame["hex"])
    value = msgspec.msgpack.decode(raw, type=struct)
    assert encode(value) == raw
    assert json_form(value) == frame["json"]


@every_frame
def test_msgpack_agrees_on_golden_frames(frame: dict[str, Any]) -> None:
    raw = bytes.fromhex(frame["hex"])
    value = unpack(raw)
    assert _with_base64(value) == frame["json"]
    assert pack(value) == raw


@every_frame
def test_golden_frames_follow_the_schema(frame: dict[str, Any]) -> None:
    _validator(frame["struct"]).validate(frame["json"])
    if frame["direction"] != "http":
        _validator(f"{frame['direction'].capitalize()}Message").validate(frame["json"])


def test_every_message_has_a_golden_frame() -> None:
    assert {frame["struct"] for frame in FRAMES} >= {struct.__name__ for struct in (*CLIENT_STRUCTS, *SERVER_STRUCTS)}
    assert len({frame["name"] for frame in FRAMES}) == len(FRAMES)


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(MESSAGES_SCHEMA)
    assert "base64" in MESSAGES_SCHEMA["description"]


CLIENT = _validator("ClientMessage")
SERVER = _validator("ServerMessage")
CONTENT = _validator("ItemContent")
PAPER = _validator("SealedPaper")


@given(client_messages())
def test_client_messages_follow_the_schema(message: Any) -> None:
    CLIENT.validate(json_form(message))


@given(server_messages())
def test_server_messages_follow_the_schema(message: Any) -> None:
    SERVER.validate(json_form(message))


@given(messages_of(messages.ItemContent), messages_of(messages.SealedPaper))
def test_bodies_follow_the_schema(content: Any, paper: Any) -> None:
    CONTENT.validate(json_form(content))
    PAPER.validate(json_form(paper))


@pytest.mark.parametrize(
    "value",
    [
        {"type": "answer", "item": 0, "seq": 1, "response": []},
        {"type": "answer", "item": 1, "seq": 1, "response": "A"},
        {"type": "answer", "item": 1, "response": []},
        {"type": "unheard-of"},
    ],
    ids=repr,
)
def test_the_schema_refuses_what_the_codec_refuses(value: dict[str, Any]) -> None:
    assert not CLIENT.is_valid(value)


def test_asyncapi_has_the_shape_of_version_3() -> None:
    assert ASYNCAPI["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= ASYNCAPI["info"].keys()
    assert all({"host", "protocol"} <= server.keys() for server in ASYNCAPI["servers"].values())
    assert {name: channel["address"] for name, channel in ASYNCAPI["channels"].items()} == {
        "live": "/live",
        "board": "/live/board",
    }
    assert {operation["action"] for operation in ASYNCAPI["operations"].values()} == {"send", "receive"}
    for pointer in _references(ASYNCAPI):
        assert _at(ASYNCAPI, pointer) is not None


@pytest.mark.parametrize(
    ("operation", "structs"), [("receiveFromClient", CLIENT_STRUCTS), ("sendToClient", SERVER_STRUCTS)]
)
def test_asyncapi_tells_every_message(operation: str, structs: tuple[type, ...]) -> None:
    told = [_follow(reference) for reference in ASYNCAPI["operations"][operation]["messages"]]
    assert [message["title"] for message in told] == [struct.__name__ for struct in structs]
    for message, struct in zip(told, structs, strict=True):
        assert message["name"] == wire_name(struct)
        assert message["contentType"] == "application/msgpack"
        assert message["summary"]
        assert message["examples"]
        assert _follow(message["payload"])["properties"]["type"] == {"enum": [message["name"]]}


def _with_base64(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {key: _with_base64(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_base64(inner) for inner in value]
    return value


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [found for inner in value.values() for found in _references(inner)]
    if isinstance(value, list):
        return [found for inner in value for found in _references(inner)]
    return []


def _at(document: Any, pointer: str) -> Any:
    assert pointer.startswith("#/"), pointer
    for part in pointer[2:].split("/"):
        document = document[part]
    return document


def _follow(value: Any) -> Any:
    while "$ref" in value:
        value = _at(ASYNCAPI, value["$ref"])
    return value
