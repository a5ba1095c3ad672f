"""The workload on disk: messages, CSV, JSON lines and COPY text of the same rows."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Literal

from tests.bench.shape import KEY, json_schema
from tests.bench.workload import (
    Edition,
    Workload,
    copy_rows,
    csv_rows,
    expected_facts,
    pools,
    records,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path
    from typing import TextIO

    from tests.bench.workload import ColumnFacts, Pool

Form = Literal["singer", "csv", "jsonl", "pgcopy"]
FORMS: tuple[Form, ...] = ("singer", "csv", "jsonl", "pgcopy")
_LINES_AT_ONCE = 1_000
_EXTRACTED_AT = "2025-06-01T00:00:00.000000Z"


@dataclass(frozen=True, slots=True)
class WorkloadFiles:
    """One edition of a workload; those of its files are there that were asked for.

    Attributes:
        singer: All streams as Singer messages.
        csv: One file for each stream, with a header.
        json_lines: One file for each stream.
        copy: One file for each stream, of format pgcopy.
        facts: For each stream, what its table must hold.
    """

    singer: Path
    csv: Mapping[str, Path]
    json_lines: Mapping[str, Path]
    copy: Mapping[str, Path]
    facts: Mapping[str, Mapping[str, ColumnFacts]]

    @property
    def size_bytes(self) -> int:
        """Return the size of the Singer file."""
        return self.singer.stat().st_size


def write_files(
    workload: Workload,
    edition: Edition,
    cache: Path,
    *,
    forms: Iterable[Form] = FORMS,
) -> WorkloadFiles:
    """Write an edition below the cache folder, in the forms that are not there yet.

    Args:
        workload: The rows.
        edition: Which of their values.
        cache: The folder.
        forms: What is needed: ten million rows of one form have seven gigabytes.
    """
    folder = cache / f"{workload.name}-e{edition}"
    names = workload.stream_names
    drawn = pools(workload, edition)
    for form in forms:
        _write_form(workload, drawn, folder, form=form)
    return WorkloadFiles(
        singer=folder / "singer" / "singer.jsonl",
        csv={name: folder / "csv" / f"{name}.csv" for name in names},
        json_lines={name: folder / "jsonl" / f"{name}.jsonl" for name in names},
        copy={name: folder / "pgcopy" / f"{name}.pgcopy" for name in names},
        facts=_facts(workload, drawn),
    )


def _write_form(
    workload: Workload, drawn: tuple[Pool, ...], folder: Path, *, form: Form
) -> None:
    if (folder / form).exists():
        return
    unfinished = folder / f"{form}.{os.getpid()}"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    if form == "singer":
        with (unfinished / "singer.jsonl").open("w", encoding="utf-8") as file:
            for index in range(workload.streams):
                _write_lines(file, _messages(workload, index, drawn))
    else:
        for index, name in enumerate(workload.stream_names):
            with (unfinished / f"{name}.{form}").open("w", encoding="utf-8") as file:
                _write_lines(file, _lines(workload, index, drawn, form=form))
    unfinished.rename(folder / form)


def _lines(
    workload: Workload, index: int, drawn: tuple[Pool, ...], *, form: Form
) -> Iterator[str]:
    """Give the lines of one stream's file."""
    names = [column.name for column in workload.columns]
    if form == "csv":
        yield ",".join(names)
        yield from csv_rows(workload, index, drawn)
    elif form == "pgcopy":
        yield "\t".join(names)
        yield from copy_rows(workload, index, drawn)
    else:
        yield from map("{{{}}}".format, records(workload, index, drawn))


def _facts(
    workload: Workload, drawn: tuple[Pool, ...]
) -> dict[str, Mapping[str, ColumnFacts]]:
    return {
        name: expected_facts(workload, index, drawn)
        for index, name in enumerate(workload.stream_names)
    }


def _write_lines(file: TextIO, lines: Iterable[str]) -> None:
    remaining = iter(lines)
    while block := list(islice(remaining, _LINES_AT_ONCE)):
        file.write("\n".join(block) + "\n")


def _messages(
    workload: Workload, stream_index: int, drawn: tuple[Pool, ...]
) -> Iterator[str]:
    stream = workload.stream_names[stream_index]
    yield json.dumps(
        {
            "type": "SCHEMA",
            "stream": stream,
            "schema": json_schema(workload.columns),
            "key_properties": [KEY.name],
        }
    )
    before = f'{{"type": "RECORD", "stream": "{stream}", "record": {{'
    after = f'}}, "time_extracted": "{_EXTRACTED_AT}"}}'
    remaining = records(workload, stream_index, drawn)
    count = 0
    while block := list(islice(remaining, workload.state_every)):
        for record in block:
            yield f"{before}{record}{after}"
        count += len(block)
        yield _state(workload, stream_index, count)


def _state(workload: Workload, stream_index: int, count: int) -> str:
    done = {
        key: {"rows": workload.rows_per_stream}
        for key in workload.stream_names[:stream_index]
    }
    current = {workload.stream_names[stream_index]: {"rows": count}}
    return json.dumps({"type": "STATE", "value": {"bookmarks": done | current}})
