"""The README's tables, from the code. ``python tests/readme_tables.py`` writes them."""

from __future__ import annotations

from pathlib import Path

from reading_kit.testing.readme_tables import fill, markdown_table, settings_table
from tap_csv.config_schema import CONFIG_SCHEMA
from tap_csv.known_inputs import KNOWN_INPUTS

README = Path(__file__).parents[1] / "README.md"


def inputs_table() -> str:
    rows = [
        (
            f"`{name}`",
            layout.about,
            ", ".join(f"`{key}`" for key in layout.keys),
            ", ".join(
                f"`{column.name}`" + ("" if column.is_needed else "?")
                for column in layout.columns.values()
                if column.name not in layout.keys
            ),
        )
        for name, layout in KNOWN_INPUTS.items()
    ]
    header = ("file", "a row is", "key", "other columns (?: may lack or be empty)")
    return markdown_table(header, rows)


def filled(text: str) -> str:
    """Put the tables of the code between the README's marks."""
    tables = {"settings": settings_table(CONFIG_SCHEMA), "inputs": inputs_table()}
    return fill(text, tables)


if __name__ == "__main__":
    README.write_text(filled(README.read_text("utf-8")), "utf-8")
