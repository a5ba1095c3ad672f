"""The README's tables are the code's; ``python tests/test_readme.py`` writes them."""

from __future__ import annotations

from pathlib import Path

from reading_kit.testing.readme_tables import Readme, markdown_table, settings_table
from tap_facebook_ads.config_schema import CONFIG_SCHEMA
from tap_facebook_ads.objects import OBJECTS
from tap_facebook_ads.reports import make_reports


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


README = Readme(
    Path(__file__).parents[1] / "README.md",
    {"settings": settings_table(CONFIG_SCHEMA), "streams": streams_table()},
)


def test_the_tables_of_the_readme_are_those_of_the_code():
    README.check()


if __name__ == "__main__":
    README.write()
