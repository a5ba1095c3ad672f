"""The README's tables are the code's; ``python tests/test_readme.py`` writes them."""

from __future__ import annotations

from pathlib import Path

from reading_kit.testing.readme_tables import Readme, markdown_table, settings_table
from tap_zuora.config_schema import CONFIG_SCHEMA
from tap_zuora.objects import (
    DEFAULT_STREAMS,
    LATE_LOOKBACK_DAYS,
    OPTIONAL_STREAMS,
    PERSONAL_FIELDS,
    SETTLEMENT_STREAMS,
    WITHOUT_DELETION,
)


def describe_stream(name: str) -> tuple[str, str, str, str, str]:
    default = "yes" if name in DEFAULT_STREAMS else "no"
    if name in SETTLEMENT_STREAMS:
        default = "yes, with Invoice Settlement"
    if name in PERSONAL_FIELDS:
        default += f", without {', '.join(sorted(PERSONAL_FIELDS[name]))}"
    days = LATE_LOOKBACK_DAYS.get(name)
    return (
        name,
        "`Id`",
        default,
        "no" if name in WITHOUT_DELETION else "yes",
        f"{days} days" if days else "",
    )


def streams_table() -> str:
    names = [*DEFAULT_STREAMS, *OPTIONAL_STREAMS]
    others = sorted({*LATE_LOOKBACK_DAYS, *WITHOUT_DELETION} - set(names))
    rows = [describe_stream(name) for name in (*names, *others)]
    rows.append(("every other object of describe", "`Id`", "no", "yes", ""))
    header = ("stream", "key", "on by default", "deletions", "longer lookback")
    return markdown_table(header, rows)


README = Readme(
    Path(__file__).parents[1] / "README.md",
    {"settings": settings_table(CONFIG_SCHEMA), "streams": streams_table()},
)


def test_the_tables_of_the_readme_are_those_of_the_code():
    README.check()


if __name__ == "__main__":
    README.write()
