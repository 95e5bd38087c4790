"""The wire as documents for other programs, made from the messages themselves.

`messages_schema()` is JSON Schema 2020-12, `asyncapi()` AsyncAPI 3.0, `golden_frames()` the frames to check an
implementation against. All three are plain values in a fixed order; `leitai.wire.publish` writes them down.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, get_args

import msgspec

from leitai.wire import messages as m
from leitai.wire.codec import encode
from leitai.wire.examples import BODY_EXAMPLES, CLIENT_EXAMPLES, SERVER_EXAMPLES, Example

Json = dict[str, Any]
MADE_BY = "Made by `python -m leitai.wire.publish` from server/leitai/wire; do not edit."
JSON_FORM = (
    "On the wire a message is MessagePack. This schema describes its JSON form, the same map with every byte string "
    "(`contentEncoding: base64`) as a base64 text; on the wire those members are MessagePack `bin`."
)

CLIENT_STRUCTS: tuple[type[msgspec.Struct], ...] = get_args(m.ClientMessage)
SERVER_STRUCTS: tuple[type[msgspec.Struct], ...] = get_args(m.ServerMessage)
FEED_STRUCTS: tuple[type[msgspec.Struct], ...] = get_args(m.FeedEntry)
_TYPES = (*CLIENT_STRUCTS, *SERVER_STRUCTS, m.ItemContent, m.SealedPaper)


def wire_name(struct: type[msgspec.Struct]) -> str:
    """Return the value of `type` on the wire for a message's struct."""
    return str(struct.__struct_config__.tag)


def messages_schema() -> Json:
    """Return the JSON Schema of every message, of the sealed paper and of an item's content."""
    unions = {"ClientMessage": CLIENT_STRUCTS, "ServerMessage": SERVER_STRUCTS, "FeedEntry": FEED_STRUCTS}
    return schema_document("Leitai wire messages", definitions_of(_TYPES, "#/$defs/{name}"), unions)


def schema_document(title: str, definitions: Json, unions: Mapping[str, Sequence[type[msgspec.Struct]]]) -> Json:
    """Return a JSON Schema of messages: those of clients, the first union, and of the server, the second."""
    for union, structs in unions.items():
        definitions[union] = {"title": union, "oneOf": [{"$ref": f"#/$defs/{struct.__name__}"} for struct in structs]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": MADE_BY,
        "title": title,
        "description": JSON_FORM,
        "oneOf": [{"$ref": f"#/$defs/{union}"} for union in list(unions)[:2]],
        "$defs": definitions,
    }


def golden_frames() -> Json:
    """Return every example as name, direction, struct, hex of its bytes and JSON form."""
    directions = (("client", CLIENT_EXAMPLES), ("server", SERVER_EXAMPLES), ("http", BODY_EXAMPLES))
    return {
        "$comment": MADE_BY,
        "description": "`hex` is the frame as sent, `json` the same map with every byte string as a base64 text.",
        "frames": [
            {
                "name": example.name,
                "direction": direction,
                "struct": type(example.message).__name__,
                "hex": encode(example.message).hex(),
                "json": json_form(example.message),
            }
            for direction, examples in directions
            for example in examples
        ],
    }


def asyncapi(version: str) -> Json:
    """Return the AsyncAPI 3.0 document of the socket, `version` being the protocol's own version."""
    channel = "#/channels/live"
    messages = {
        struct.__name__: {"$ref": f"#/components/messages/{struct.__name__}"}
        for struct in (*CLIENT_STRUCTS, *SERVER_STRUCTS)
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Leitai live socket",
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
            "live": {
                "address": "/live",
                "title": "A contestant's or viewer's one connection",
                "description": f"Subprotocol `{m.SUBPROTOCOL}`, no extensions; one message per binary frame.",
                "servers": [{"$ref": "#/servers/contest"}],
                "messages": messages,
                "bindings": {"ws": {"method": "GET", "bindingVersion": "0.1.0"}},
            },
            "board": {
                "address": "/live/board",
                "title": "The connection of whoever only watches",
                "description": "The same conversation as at `/live`, which lets viewers in too. A process of its own"
                " may serve them here, where they take no time from contestants.",
                "servers": [{"$ref": "#/servers/contest"}],
                "messages": messages,
                "bindings": {"ws": {"method": "GET", "bindingVersion": "0.1.0"}},
            },
        },
        "operations": {
            "receiveFromClient": operation_document("receive", "What a client sends", channel, CLIENT_STRUCTS),
            "sendToClient": operation_document("send", "What the server sends", channel, SERVER_STRUCTS),
        },
        "components": {
            "messages": {
                **{
                    struct.__name__: message_document(struct, _of(struct, CLIENT_EXAMPLES)) for struct in CLIENT_STRUCTS
                },
                **{
                    struct.__name__: message_document(struct, _of(struct, SERVER_EXAMPLES)) for struct in SERVER_STRUCTS
                },
            },
            "schemas": as_draft_07(definitions_of(_TYPES, "#/components/schemas/{name}")),
        },
    }


def json_form(message: msgspec.Struct) -> Any:
    """Return a message as JSON values, byte strings in base64."""
    return json.loads(msgspec.json.encode(message))


def definitions_of(types: Sequence[type[msgspec.Struct]], ref_template: str) -> Json:
    """Return the JSON Schemas of structs and of all that they name, descriptions without the source's marks."""
    _, definitions = msgspec.json.schema_components(types, ref_template=ref_template)
    for definition in definitions.values():
        if "description" in definition:
            definition["description"] = plain(definition["description"])
    return definitions


def _of(struct: type[msgspec.Struct], examples: Sequence[Example]) -> list[Example]:
    return [example for example in examples if type(example.message) is struct]


def operation_document(action: str, title: str, channel: str, structs: Sequence[type[msgspec.Struct]]) -> Json:
    """Return AsyncAPI's description of one direction of a channel."""
    return {
        "action": action,
        "title": title,
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{struct.__name__}"} for struct in structs],
    }


def message_document(struct: type[msgspec.Struct], examples: Sequence[tuple[str, msgspec.Struct]]) -> Json:
    """Return AsyncAPI's description of a message with its own examples."""
    return {
        "name": wire_name(struct),
        "title": struct.__name__,
        "summary": plain(struct.__doc__ or "").split("\n\n")[0],
        "contentType": "application/msgpack",
        "payload": {"$ref": f"#/components/schemas/{struct.__name__}"},
        "examples": [{"name": name, "payload": json_form(message)} for name, message in examples],
    }


def plain(text: str) -> str:
    """Return a docstring with the line breaks inside its paragraphs taken out."""
    return "\n\n".join(" ".join(part.split()) for part in re.split(r"\n\s*\n", text.strip()))


def as_draft_07(value: Any) -> Any:
    """AsyncAPI's own schemas follow JSON Schema draft 07, where a tuple is spelled `items`."""
    if isinstance(value, dict):
        return {("items" if key == "prefixItems" else key): as_draft_07(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_draft_07(inner) for inner in value]
    return value
