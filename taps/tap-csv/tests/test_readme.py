"""The README's tables are the code's; ``python tests/test_readme.py`` writes them."""

from __future__ import annotations

from pathlib import Path

from reading_kit.testing.readme_tables import Readme, markdown_table, settings_table
from tap_csv.config_schema import CONFIG_SCHEMA
from tap_csv.known_inputs import KNOWN_INPUTS


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


README = Readme(
    Path(__file__).parents[1] / "README.md",
    {"settings": settings_table(CONFIG_SCHEMA), "inputs": inputs_table()},
)


def test_the_tables_of_the_readme_are_those_of_the_code():
    README.check()


if __name__ == "__main__":
    README.write()
