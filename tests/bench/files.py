"""The workload on disk: messages, CSV, JSON lines and COPY text of the same rows."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

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

_LINES_AT_ONCE = 1_000
# Of what is written; folders of an earlier one are left alone.
_VERSION = 2
_EXTRACTED_AT = "2025-06-01T00:00:00.000000Z"


@dataclass(frozen=True, slots=True)
class WorkloadFiles:
    """One edition of a workload, written down.

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


def write_files(workload: Workload, edition: Edition, cache: Path) -> WorkloadFiles:
    """Write an edition below the cache folder, unless it is there already."""
    folder = cache / f"{workload.name}-e{edition}-v{_VERSION}"
    names = workload.stream_names
    files = WorkloadFiles(
        singer=folder / "singer.jsonl",
        csv={name: folder / f"{name}.csv" for name in names},
        json_lines={name: folder / f"{name}.jsonl" for name in names},
        copy={name: folder / f"{name}.pgcopy" for name in names},
        facts=_facts(workload, pools(workload, edition)),
    )
    if not folder.exists():
        unfinished = folder.with_suffix(f".{os.getpid()}")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        _write(workload, pools(workload, edition), unfinished)
        unfinished.rename(folder)
    return files


def _facts(
    workload: Workload, drawn: tuple[Pool, ...]
) -> dict[str, Mapping[str, ColumnFacts]]:
    return {
        name: expected_facts(workload, index, drawn)
        for index, name in enumerate(workload.stream_names)
    }


def _write(workload: Workload, drawn: tuple[Pool, ...], folder: Path) -> None:
    header = ",".join(column.name for column in workload.columns)
    with (folder / "singer.jsonl").open("w", encoding="utf-8") as singer:
        for index, name in enumerate(workload.stream_names):
            with (folder / f"{name}.csv").open("w", encoding="utf-8") as csv:
                csv.write(f"{header}\n")
                _write_lines(csv, csv_rows(workload, index, drawn))
            with (folder / f"{name}.jsonl").open("w", encoding="utf-8") as lines:
                _write_lines(
                    lines, map("{{{}}}".format, records(workload, index, drawn))
                )
            with (folder / f"{name}.pgcopy").open("w", encoding="utf-8") as copy:
                copy.write(header.replace(",", "\t") + "\n")
                _write_lines(copy, copy_rows(workload, index, drawn))
            _write_lines(singer, _messages(workload, index, drawn))


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
