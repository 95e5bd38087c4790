"""Write the published wire under schema/, or check that what lies there is fresh.

    python -m leitai.wire.publish [--check] [FOLDER]

FOLDER is the schema folder of the checkout unless given. With `--check` nothing is written, stale files are named and
the exit code is 1 when there is one.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from leitai.wire.feed_schema import feed_schema
from leitai.wire.match_schema import MATCH_SOCKET
from leitai.wire.messages import SUBPROTOCOL
from leitai.wire.schema import asyncapi, golden_frames, messages_schema
from leitai.wire.socket_schema import SocketDocuments
from leitai.wire.stage_schema import STAGE_SOCKET

SCHEMA_FOLDER = Path(__file__).resolve().parents[3] / "schema"
_NOT_TEXT_IN_YAML = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))


def published() -> dict[str, str]:
    """Return the text of every published file by its path under the schema folder."""
    version = SUBPROTOCOL.removeprefix("leitai.v") + ".0.0"
    return {
        "wire/messages.schema.json": _json(messages_schema()),
        "wire/asyncapi.yaml": as_yaml(asyncapi(version)),
        "feed/feed.schema.json": _json(feed_schema()),
        "examples/frames.json": _json(golden_frames()),
        **_socket(STAGE_SOCKET, version),
        **_socket(MATCH_SOCKET, version),
    }


def _socket(socket: SocketDocuments, version: str) -> dict[str, str]:
    return {
        f"wire/{socket.name}.schema.json": _json(socket.schema()),
        f"wire/{socket.name}.asyncapi.yaml": as_yaml(socket.asyncapi(version)),
        f"examples/{socket.name}-frames.json": _json(socket.frames()),
    }


def stale(folder: Path) -> list[str]:
    """Return the published files that are missing under `folder` or differ from what the messages give."""
    return [name for name, text in published().items() if not _same(folder / name, text)]


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m leitai.wire.publish", description="Publish the wire.")
    parser.add_argument("folder", nargs="?", type=Path, default=SCHEMA_FOLDER)
    parser.add_argument("--check", action="store_true", help="name stale files instead of writing")
    options = parser.parse_args(arguments)
    folder: Path = options.folder
    if options.check:
        names = stale(folder)
        for name in names:
            sys.stderr.write(f"stale: {folder / name}; run python -m leitai.wire.publish\n")
        return 1 if names else 0
    for name, text in published().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


def _same(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def as_yaml(value: dict[str, Any]) -> str:
    """Return block YAML; scalars in their JSON spelling, which is YAML too."""
    return "\n".join(_yaml_lines(value)) + "\n"


def _yaml_lines(value: Any) -> list[str]:
    lines: list[str] = []
    pairs = (
        [(f"{_key(key)}:", inner) for key, inner in value.items()]
        if isinstance(value, dict)
        else [("-", inner) for inner in value]
    )
    for head, inner in pairs:
        if isinstance(inner, (dict, list)) and inner:
            nested = _yaml_lines(inner)
            if head == "-":
                lines += [f"- {nested[0]}", *(f"  {line}" for line in nested[1:])]
            else:
                lines += [head, *(f"  {line}" for line in nested)]
        else:
            lines.append(f"{head} {json.dumps(inner, ensure_ascii=False)}")
    return lines


def _key(key: str) -> str:
    return key if key.isidentifier() and key.lower() not in _NOT_TEXT_IN_YAML else json.dumps(key)


if __name__ == "__main__":
    sys.exit(main())
