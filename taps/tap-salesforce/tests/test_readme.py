"""The README's tables are the code's; ``python tests/test_readme.py`` writes them."""

from __future__ import annotations

from pathlib import Path

from reading_kit.testing.readme_tables import Readme, markdown_table, settings_table
from tap_salesforce.config_schema import CONFIG_SCHEMA
from tap_salesforce.objects import BULK_REFUSED, DEFAULT_STREAMS, SMALL_TABLES


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


README = Readme(
    Path(__file__).parents[1] / "README.md",
    {"settings": settings_table(CONFIG_SCHEMA), "streams": streams_table()},
)


def test_the_tables_of_the_readme_are_those_of_the_code():
    README.check()


if __name__ == "__main__":
    README.write()
