"""The files for playouts: the OGraf manifest against the published schema, and the archive."""

import json
import os
import zipfile
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource

SCHEMAS = Path(__file__).parents[3] / "shared/reference/ograf"
MANIFEST = "leitai.ograf.json"


def test_the_package_is_what_the_schema_says(built_client: Path) -> None:
    if not SCHEMAS.is_dir():
        assert os.environ.get("CI") != "true", f"{SCHEMAS} is missing"
        pytest.skip(f"OGraf's published schemas are not here ({SCHEMAS})")
    schemas = [json.loads(path.read_text("utf-8")) for path in SCHEMAS.rglob("*.json")]
    registry: Registry[Any] = Registry().with_resources(
        [(schema["$id"], Resource.from_contents(schema)) for schema in schemas]
    )
    graphic = next(one for one in schemas if one["$id"].endswith("/graphics/schema.json"))
    validator = jsonschema.Draft202012Validator(graphic, registry=registry)
    manifest = json.loads((built_client / "broadcast/ograf" / MANIFEST).read_text("utf-8"))
    validator.validate(manifest)
    assert not validator.is_valid({**manifest, "supportsRealTime": "yes"})
    assert not validator.is_valid({**manifest, "schema": {"type": "object", "properties": 7}})


def test_the_archive_is_the_folder(built_client: Path) -> None:
    folder = built_client / "broadcast/ograf"
    with zipfile.ZipFile(built_client / "broadcast/leitai-ograf.zip") as archive:
        assert set(archive.namelist()) == {MANIFEST, "leitai.mjs"}
        assert archive.read("leitai.mjs") == (folder / "leitai.mjs").read_bytes()
        manifest = json.loads(archive.read(MANIFEST))
    assert manifest["main"] == "leitai.mjs"
    assert "/" not in manifest["id"]
    assert (manifest["supportsRealTime"], manifest["supportsNonRealTime"]) == (True, False)
