"""The README's tables are the code's; ``python tests/test_readme.py`` writes them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from reading_kit.testing.readme_tables import Readme, markdown_table, settings_table
from tap_gitlab.config_schema import CONFIG_SCHEMA
from tap_gitlab.stream_table import STREAMS

if TYPE_CHECKING:
    from tap_gitlab.stream_spec import StreamSpec


def method_of(spec: StreamSpec) -> str:
    if spec.replication_key is not None:
        return f"INCREMENTAL by `{spec.replication_key}`"
    return "INCREMENTAL" if spec.is_appended else "FULL_TABLE"


def choice_of(spec: StreamSpec) -> str:
    if spec.flag is not None:
        return f"with `{spec.flag}`"
    return "on" if spec.is_default else "off"


def streams_table() -> str:
    rows = [
        (
            f"`{spec.name}`",
            ", ".join(f"`{key}`" for key in spec.keys),
            method_of(spec),
            spec.where.value,
            choice_of(spec),
        )
        for spec in STREAMS
    ]
    header = ("stream", "key", "replication", "read by", "selected")
    return markdown_table(header, rows)


README = Readme(
    Path(__file__).parents[1] / "README.md",
    {"settings": settings_table(CONFIG_SCHEMA), "streams": streams_table()},
)


def test_the_tables_of_the_readme_are_those_of_the_code():
    README.check()


if __name__ == "__main__":
    README.write()
