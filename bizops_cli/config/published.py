"""The JSON Schema of bizops.yml where editors find it."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from bizops_cli.files import make_directory, write_atomically

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA_NAME = "bizops.schema.json"


def schema_text() -> str:
    """Return the JSON Schema as it is published."""
    return (
        resources.files("bizops_cli.config").joinpath("schema.json").read_text("utf-8")
    )


def publish_schema(directory: Path) -> Path:
    """Write the schema into a folder, if what is there differs; return the file.

    Raises:
        BizopsError: It cannot be written.
    """
    file = directory / SCHEMA_NAME
    data = schema_text().encode()
    if not file.is_file() or file.read_bytes() != data:
        make_directory(directory)
        write_atomically(file, data)
    return file
