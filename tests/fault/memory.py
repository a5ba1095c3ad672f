"""F8: long streams, many streams and long lines in little memory."""

from __future__ import annotations

import resource
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from psycopg2 import sql

from tests.fault.running import start_target
from tests.fault.trial import TrialError, check_ended

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.fault.trial import Trial


_MIB = 2**20
_ADDRESS_SPACE_BYTES = 450 * _MIB
_MOST_HELD_BYTES = 250 * _MIB


def load_many_rows(trial: Trial, *, rows: int) -> str:
    """Load a long stream in little memory."""
    trial.workload = replace(trial.workload, rows=rows, keys=rows // 4)
    return _load_in_little_memory(trial, trial.workload.lines())


def load_many_streams(trial: Trial, *, streams: int) -> str:
    """Load many small streams in little memory."""

    def lines() -> Iterator[bytes]:
        for number in range(streams):
            yield (
                b'{"type":"SCHEMA","stream":"s%d","key_properties":["id"],"schema":'
                b'{"properties":{"id":{"type":"integer"}}}}\n' % number
            )
        for row in range(20):
            for number in range(streams):
                record = b'{"type":"RECORD","stream":"s%d","record":{"id":%d}}\n'
                yield record % (number, row)

    told = _load_in_little_memory(trial, lines())
    tables = [name for name in trial.place.tables() if name.startswith("s")]
    rows = sum(_count(trial, name) for name in tables if name[1:].isdigit())
    if rows != 20 * streams:
        raise TrialError(f"{rows} rows of {20 * streams}")
    return told


def load_long_line(trial: Trial, *, size_bytes: int) -> str:
    """Load one line of many megabytes."""

    def lines() -> Iterator[bytes]:
        yield (
            b'{"type":"SCHEMA","stream":"s1","key_properties":[],"schema":'
            b'{"properties":{"t":{"type":"string"}}}}\n'
        )
        yield b'{"type":"RECORD","stream":"s1","record":{"t":"'
        piece = b"x" * _MIB
        for _ in range(size_bytes // _MIB):
            yield piece
        yield b'"}}\n'

    told = _load_in_little_memory(trial, lines(), bound=10 * size_bytes)
    if _count(trial, "s1") != 1:
        raise TrialError("the line is not there")
    return told


def _count(trial: Trial, table: str) -> int:
    statement = sql.SQL("select count(*) from {}")
    name = sql.Identifier(trial.place.schema, table)
    return int(trial.place.query(statement.format(name))[0][0])


def _load_in_little_memory(
    trial: Trial, lines: Iterable[bytes], *, bound: int = 0
) -> str:
    space = max(_ADDRESS_SPACE_BYTES, bound)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (space, space))

    running = start_target(
        trial.place,
        trial.arena.directory,
        settings=trial.settings | {"batch_size_rows": 20_000},
        before_start=limit,
    )
    running.feed(lines, ends=False)
    running.wait_until_fed()
    held = _peak_bytes(running.process.pid)
    running.end_input()
    check_ended(running.wait(timeout_s=1800), 0)
    if held > max(_MOST_HELD_BYTES, bound):
        raise TrialError(f"{held / _MIB:.0f} MiB were held")
    return f"peak below {-(-held // (50 * _MIB)) * 50} MiB"


def _peak_bytes(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024
