"""Whole lines from one pipe to another, counted, with constant memory."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, BinaryIO

from bizops_cli.errors import TapInputError

if TYPE_CHECKING:
    from collections.abc import Callable

CHUNK_BYTES = 256 * 1024
LINE_LIMIT_BYTES = 100 * 1024 * 1024
_F_SETPIPE_SZ = 1031  # linux/fcntl.h
_PIPE_BYTES = 1024 * 1024


def widen_pipe(pipe: BinaryIO) -> None:
    """Give a pipe a larger buffer where the system can; fewer switches then."""
    try:
        import fcntl

        fcntl.fcntl(pipe.fileno(), _F_SETPIPE_SZ, _PIPE_BYTES)
    except (ImportError, OSError):
        return


def relay_lines(
    source: BinaryIO,
    sink: BinaryIO,
    *,
    on_block: Callable[[bytes], object],
    ended_well: Callable[[], bool],
    change: Callable[[bytes], bytes] | None = None,
    line_limit_bytes: int = LINE_LIMIT_BYTES,
) -> None:
    """Copy until the source ends; a slow sink slows the source.

    Args:
        source: Pipe to read.
        sink: Pipe to write; not closed here.
        on_block: Called with each block of whole lines before it is written.
        change: Makes of whole lines those that are to be written.
        ended_well: Asked only when the source ends inside a line: is that line
            whole? The last line of a tap that failed is not passed on.
        line_limit_bytes: Longest line allowed (promise P13).

    Raises:
        BizopsError: A line is too long, or `change` or `on_block` says so.
        BrokenPipeError: The sink was closed at its other end.
    """

    def pass_on(lines: bytes) -> None:
        changed = lines if change is None else change(lines)
        on_block(changed)
        _write_all(sink, changed)

    parts: list[bytes] = []
    held_bytes = 0
    while chunk := os.read(source.fileno(), CHUNK_BYTES):
        end = chunk.rfind(b"\n") + 1
        if not end:
            parts.append(chunk)
            held_bytes += len(chunk)
            if held_bytes > line_limit_bytes:
                raise TapInputError(
                    f"a line of the tap's output is longer than "
                    f"{line_limit_bytes // 1024**2} MiB",
                    "Leave the field with the large values out: see `select`.",
                )
            continue
        whole = b"".join((*parts, chunk[:end])) if parts else chunk[:end]
        rest = chunk[end:]
        parts, held_bytes = ([rest], len(rest)) if rest else ([], 0)
        pass_on(whole)
    if parts and ended_well():
        pass_on(b"".join((*parts, b"\n")))


def _write_all(sink: BinaryIO, data: bytes) -> None:
    written = os.write(sink.fileno(), data) if data else 0
    while written < len(data):
        written += os.write(sink.fileno(), memoryview(data)[written:])
