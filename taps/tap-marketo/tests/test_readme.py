"""The README's tables are the code's; ``python tests/test_readme.py`` writes them."""

from __future__ import annotations

from pathlib import Path

from reading_kit.testing.readme_tables import Readme, markdown_table, settings_table
from tap_marketo.config_schema import CONFIG_SCHEMA
from tap_marketo.describing import DEFAULT_ACTIVITIES
from tap_marketo.naming import clean_name
from tap_marketo.rest_specs import (
    LIST_MEMBERSHIPS,
    PROGRAM_TOKENS,
    REST_SPECS,
    Filtering,
)

HOW = {
    Filtering.NONE: "REST, whole",
    Filtering.SERVER: "REST, what has changed",
    Filtering.CLIENT: "REST, all pages; writes what has changed",
}


def streams_table() -> str:
    rows = [
        ("leads", "id", "updatedAt", "bulk export, by windows", "yes"),
        (
            "activities_…",
            "marketoGUID",
            "activityDate",
            "bulk export, one for all types",
            "the types below",
        ),
        ("activities_delete_lead", "marketoGUID", "activityDate", "REST log", "yes"),
        (
            "program_members",
            "programId, leadId",
            "updatedAt",
            "bulk export, ten programs each",
            "no",
        ),
    ]
    for spec in REST_SPECS:
        key = spec.replication_key or ""
        default = "yes" if spec.is_default else "no"
        rows.append(
            (spec.name, ", ".join(spec.keys), key, HOW[spec.filtering], default)
        )
    for spec, parent in ((LIST_MEMBERSHIPS, "list"), (PROGRAM_TOKENS, "program")):
        how = f"REST, a call for each {parent}"
        rows.append((spec.name, ", ".join(spec.keys), "", how, "no"))
    header = ("stream", "key", "replication key", "read through", "by default")
    return markdown_table(header, rows)


def activities_table() -> str:
    rows = [
        (name, f"`activities_{clean_name(name)}`")
        for name in sorted(DEFAULT_ACTIVITIES)
    ]
    return markdown_table(("type of activity", "stream"), rows)


README = Readme(
    Path(__file__).parents[1] / "README.md",
    {
        "settings": settings_table(CONFIG_SCHEMA),
        "streams": streams_table(),
        "activities": activities_table(),
    },
)


def test_the_tables_of_the_readme_are_those_of_the_code():
    README.check()


if __name__ == "__main__":
    README.write()
