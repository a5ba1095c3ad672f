"""Our target, from the checkout, with all it has switched on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.programs.program import Program
from tests.bench.programs.singer import target_command
from tests.bench.shape import KEY, json_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.bench.measuring import Command
    from tests.bench.programs.program import LoadJob

CHECKOUT = Path(__file__).parents[3]


def _command(job: LoadJob) -> Command:
    return target_command(
        job,
        {
            "url": job.database.url,
            "default_target_schema": job.schema,
            "state_id": f"bench:{job.schema}:tap",
            "run_id": f"bench-{job.mode}",
        },
    )


def _batch_command(job: LoadJob) -> Command:
    """Give the records as files of JSON lines."""
    return _files_command(job, job.files.json_lines, form="jsonl")


def _copy_command(job: LoadJob) -> Command:
    """Give the records as files of COPY text: what our taps and our target agree on."""
    return _files_command(job, job.files.copy, form="pgcopy")


def _files_command(job: LoadJob, files: Mapping[str, Path], *, form: str) -> Command:
    messages = job.directory / "messages.jsonl"
    with messages.open("w", encoding="utf-8") as file:
        for stream, path in files.items():
            schema = {"schema": json_schema(job.workload.columns)}
            keys = {"key_properties": [KEY.name]}
            batch = {
                "encoding": {"format": form, "compression": "none"},
                "manifest": [path.absolute().as_uri()],
            }
            state = {"bookmarks": {stream: {"rows": job.workload.rows_per_stream}}}
            for message in (
                {"type": "SCHEMA", "stream": stream, **schema, **keys},
                {"type": "BATCH", "stream": stream, **batch},
                {"type": "STATE", "value": state},
            ):
                file.write(json.dumps(message) + "\n")
    return replace(_command(job), stdin=messages)


BIZOPS = Program(
    name="bizops",
    title="bizops-target-postgres, state in the warehouse",
    role="ours",
    requirements=(str(CHECKOUT / "targets" / "target-postgres"),),
    distribution="bizops-target-postgres",
    form="singer",
    command=_command,
)
BIZOPS_BATCH = replace(
    BIZOPS,
    name="bizops-batch",
    title="bizops-target-postgres, BATCH of JSON lines",
    form="jsonl",
    command=_batch_command,
)
BIZOPS_COPY = replace(
    BIZOPS,
    name="bizops-copy",
    title="bizops-target-postgres, BATCH of COPY text",
    form="pgcopy",
    command=_copy_command,
)
