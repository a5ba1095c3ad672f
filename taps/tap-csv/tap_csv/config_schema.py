"""The settings, for ``--about`` and for the check of configs."""

from __future__ import annotations

from typing import Any

from singer_sdk import typing as th

from reading_kit.settings_schema import switch, text
from tap_csv.cells import READERS

_FILE = th.ObjectType(
    th.Property("path", th.StringType, required=True),
    th.Property("entity", th.StringType),
    th.Property("keys", th.ArrayType(th.StringType)),
    th.Property("delimiter", th.StringType),
    th.Property("encoding", th.StringType),
    th.Property("quotechar", th.StringType),
    th.Property("escapechar", th.StringType),
    th.Property("doublequote", th.BooleanType),
    th.Property("skipinitialspace", th.BooleanType),
    th.Property("strict", th.BooleanType),
)
_STREAM = th.ObjectType(
    th.Property("keys", th.ArrayType(th.StringType)),
    th.Property(
        "columns",
        th.ObjectType(
            additional_properties=th.StringType(
                allowed_values=[kind for kind in READERS if kind != "month"]
            )
        ),
    ),
)

CONFIG_SCHEMA: dict[str, Any] = th.PropertiesList(
    th.Property(
        "files",
        th.ArrayType(th.OneOf(th.StringType, _FILE)),
        default=[],
        description=(
            "Folders, files and patterns (`exports/*.csv`) to read. An entry may be an "
            "object: `path` and, as needed, `entity` (name of the one stream all its "
            "files make), `keys`, `delimiter`, `encoding`, `quotechar`, `escapechar`, "
            "`doublequote`, `skipinitialspace`."
        ),
    ),
    text("csv_files_definition", "A JSON file with a list of such entries."),
    text(
        "delimiter",
        "What divides cells. By default a comma, in files called `.tsv` a tab.",
    ),
    text(
        "encoding",
        "Encoding of the files; a byte order mark of UTF-16 counts for more.",
        default="utf-8",
    ),
    th.Property(
        "schema",
        th.ObjectType(additional_properties=_STREAM),
        description=(
            "By stream: `columns`, an object of a column's name and its type ("
            "`text`, `number`, `integer`, `boolean`, `date`, `timestamp`), and `keys`, "
            "the columns that tell rows apart. What it does not name is text."
        ),
    ),
    switch(
        "known_inputs",
        "Read files that are called as an input of BizOps as that input. Without it "
        "they are files like any other.",
        default=True,
    ),
).to_dict()
#: Settings of the public tap that change nothing: every row tells where it is from.
IGNORED_SETTINGS = frozenset({"add_metadata_columns"})
