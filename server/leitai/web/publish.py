"""Write the published HTTP contract under schema/, or check that what lies there is fresh.

    python -m leitai.web.publish [--check] [FOLDER]

FOLDER is the schema folder of the checkout unless given. With `--check` nothing is written and the exit code is 1 when
a file is stale.
"""

import argparse
import sys
from pathlib import Path

from leitai.web.openapi import CONTEST, PRACTICE, STAFF, openapi
from leitai.wire.publish import SCHEMA_FOLDER, as_yaml

NAMES = {"http/openapi.yaml": CONTEST, "http/office.yaml": STAFF, "http/practice.yaml": PRACTICE}


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m leitai.web.publish", description="Publish the HTTP contract.")
    parser.add_argument("folder", nargs="?", type=Path, default=SCHEMA_FOLDER)
    parser.add_argument("--check", action="store_true", help="name stale files instead of writing")
    options = parser.parse_args(arguments)
    stale = 0
    for name, document in NAMES.items():
        path: Path = options.folder / name
        text = as_yaml(openapi(document))
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        if options.check:
            stale = 1
            sys.stderr.write(f"stale: {path}; run python -m leitai.web.publish\n")
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return stale


if __name__ == "__main__":
    sys.exit(main())
