"""Loads JSON lines by dlt; runs in dlt's environment, so it imports nothing of ours.

Arguments: a plan (schema, column types, a file for each table), and a working folder.
"""

from __future__ import annotations

import json
import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dlt  # type: ignore[import-not-found]
import orjson  # type: ignore[import-not-found]

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROWS_AT_ONCE = 1_000


def main() -> None:
    """Load every table of the plan in one run of a pipeline."""
    plan = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    pipeline = dlt.pipeline(
        pipeline_name="bench",
        pipelines_dir=sys.argv[2],
        destination="postgres",
        dataset_name=plan["schema"],
    )
    resources = [
        dlt.resource(
            rows(Path(path)),
            name=table,
            primary_key="id",
            write_disposition={"disposition": "merge", "strategy": "upsert"},
            columns=plan["columns"],
            max_table_nesting=0,
        )
        for table, path in plan["tables"].items()
    ]
    pipeline.run(resources, loader_file_format="csv").raise_on_failed_jobs()


def rows(path: Path) -> Iterator[list[dict[str, Any]]]:
    """Give the rows of a file, a thousand at a time."""
    with path.open("rb") as file:
        while block := [orjson.loads(line) for line in islice(file, _ROWS_AT_ONCE)]:
            yield block


if __name__ == "__main__":
    main()
