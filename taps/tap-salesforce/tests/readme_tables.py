"""Writes the tables of README.md from the code; ``python tests/readme_tables.py``."""

from __future__ import annotations

from pathlib import Path

from reading_kit.testing.readme_tables import fill, markdown_table, settings_table
from tap_salesforce.config_schema import CONFIG_SCHEMA
from tap_salesforce.objects import BULK_REFUSED, DEFAULT_STREAMS, SMALL_TABLES

README = Path(__file__).parents[1] / "README.md"


def streams_table() -> str:
    names = sorted(DEFAULT_STREAMS | BULK_REFUSED | SMALL_TABLES)
    rows = [
        (
            name,
            "yes" if name in DEFAULT_STREAMS else "no",
            "REST" if name in BULK_REFUSED | SMALL_TABLES else "Bulk API 2.0",
        )
        for name in names
    ]
    rows += [
        ("DeletedRecord", "with `detect_hard_deletes`", "REST"),
        ("every other object, custom ones too", "no", "Bulk API 2.0"),
    ]
    return markdown_table(("stream", "selected by default", "read through"), rows)


def filled(text: str) -> str:
    """Put the tables of the code between the README's marks."""
    tables = {"settings": settings_table(CONFIG_SCHEMA), "streams": streams_table()}
    return fill(text, tables)


if __name__ == "__main__":
    README.write_text(filled(README.read_text("utf-8")), "utf-8")
