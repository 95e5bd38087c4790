"""A socket beside the contest's own as documents: JSON Schema, AsyncAPI, and golden frames, made from its messages."""

from dataclasses import dataclass
from typing import Any

import msgspec

from leitai.wire import messages as m
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
Examples = tuple[tuple[str, msgspec.Struct], ...]


@dataclass(frozen=True, slots=True)
class SocketDocuments:
    """What is published of a socket.

    Attributes:
        name: of its channel; `Name` capitalised begins the unions of its messages.
        client: structs that clients send, `server`: that the server sends; each with its examples.
        address: its path.
        title: of the channel.
        device: what a client is called in the names of operations.
        sends: says what clients send.
        door: the server's name in the document, `port` its default, `place` what is said of it.
    """

    name: str
    client: tuple[type[msgspec.Struct], ...]
    server: tuple[type[msgspec.Struct], ...]
    client_examples: Examples
    server_examples: Examples
    address: str
    title: str
    device: str
    sends: str
    door: str
    place: str
    default_host: str
    default_says: str

    @property
    def structs(self) -> tuple[type[msgspec.Struct], ...]:
        """Every message."""
        return (*self.client, *self.server)

    def schema(self) -> Json:
        """Return the JSON Schema of every message."""
        name = self.name.capitalize()
        return schema_document(
            f"Leitai {self.name} messages",
            definitions_of(self.structs, "#/$defs/{name}"),
            {f"{name}ClientMessage": self.client, f"{name}ServerMessage": self.server},
        )

    def frames(self) -> Json:
        """Return every example as name, direction, struct, hex of its bytes and JSON form."""
        directions = (("client", self.client_examples), ("server", self.server_examples))
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

    def asyncapi(self, version: str) -> Json:
        """Return the AsyncAPI 3.0 document."""
        channel = f"#/channels/{self.name}"
        examples = (*self.client_examples, *self.server_examples)
        return {
            "asyncapi": "3.0.0",
            "info": {
                "title": f"Leitai {self.name} socket",
                "version": version,
                "description": f"{MADE_BY} The conversation is told in docs/wire.md. {JSON_FORM}",
                "license": {"name": "Apache-2.0"},
            },
            "defaultContentType": "application/msgpack",
            "servers": {
                self.door: {
                    "host": "{host}",
                    "protocol": "ws",
                    "description": f"{self.place} `wss` behind a terminator of TLS.",
                    "variables": {"host": {"default": self.default_host, "description": self.default_says}},
                }
            },
            "channels": {
                self.name: {
                    "address": self.address,
                    "title": self.title,
                    "description": f"Subprotocol `{m.SUBPROTOCOL}`, no extensions; one message per binary frame.",
                    "servers": [{"$ref": f"#/servers/{self.door}"}],
                    "messages": {
                        struct.__name__: {"$ref": f"#/components/messages/{struct.__name__}"} for struct in self.structs
                    },
                    "bindings": {"ws": {"method": "GET", "bindingVersion": "0.1.0"}},
                }
            },
            "operations": {
                f"receiveFrom{self.device}": operation_document("receive", self.sends, channel, self.client),
                f"sendTo{self.device}": operation_document("send", "What the server sends", channel, self.server),
            },
            "components": {
                "messages": {
                    struct.__name__: message_document(
                        struct, [(name, message) for name, message in examples if type(message) is struct]
                    )
                    for struct in self.structs
                },
                "schemas": as_draft_07(definitions_of(self.structs, "#/components/schemas/{name}")),
            },
        }
