"""Writes the tables of README.md from the code; ``python tests/readme_tables.py``."""

from __future__ import annotations

from pathlib import Path

from reading_kit.testing.readme_tables import fill, markdown_table, settings_table
from tap_facebook_ads.config_schema import CONFIG_SCHEMA
from tap_facebook_ads.objects import OBJECTS
from tap_facebook_ads.reports import make_reports

README = Path(__file__).parents[1] / "README.md"


def streams_table() -> str:
    rows = [
        (
            f"`{spec.stream}`",
            "`id`",
            f"`{spec.replication_key}`" if spec.replication_key else "all each time",
            "yes" if spec.is_default else "no",
            f"`{{{spec.parent.value}}}/{spec.edge}`" if spec.edge else "`{account}`",
        )
        for spec in OBJECTS
    ]
    rows += [
        (
            f"`{report.stream}`",
            ", ".join(f"`{name}`" for name in report.key_properties),
            "`date_start`",
            "yes" if report.is_default else "no",
            "`{account}/insights`",
        )
        for report in make_reports([], lookback_days=None)
    ]
    header = ("stream", "key", "read from", "selected by default", "asked of")
    return markdown_table(header, rows)


def filled(text: str) -> str:
    """Put the tables of the code between the README's marks."""
    tables = {"settings": settings_table(CONFIG_SCHEMA), "streams": streams_table()}
    return fill(text, tables)


if __name__ == "__main__":
    README.write_text(filled(README.read_text("utf-8")), "utf-8")
