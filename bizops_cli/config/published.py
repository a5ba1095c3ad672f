"""The JSON Schemas of bizops.yml and of what it includes, where editors find them."""

from __future__ import annotations

import json
from importlib import resources
from typing import TYPE_CHECKING

from bizops_cli.files import make_directory, write_atomically

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA_NAME = "bizops.schema.json"
INCLUDED_NAME = "included.schema.json"


def schema_text() -> str:
    """Return the JSON Schema of bizops.yml as it is published."""
    return (
        resources.files("bizops_cli.config").joinpath("schema.json").read_text("utf-8")
    )


def included_schema_text() -> str:
    """Return the JSON Schema of a file that bizops.yml includes."""
    whole = json.loads(schema_text())
    schema = {
        "$schema": whole["$schema"],
        "$id": INCLUDED_NAME,
        "$ref": "#/$defs/included",
        "$defs": whole["$defs"],
    }
    return json.dumps(schema, indent=2) + "\n"


def publish_schemas(directory: Path) -> list[Path]:
    """Write the schemas into a folder, if what is there differs; return the files.

    Raises:
        BizopsError: They cannot be written.
    """
    texts = {SCHEMA_NAME: schema_text(), INCLUDED_NAME: included_schema_text()}
    for name, text in texts.items():
        file, data = directory / name, text.encode()
        if not file.is_file() or file.read_bytes() != data:
            make_directory(directory)
            write_atomically(file, data)
    return [directory / name for name in texts]
