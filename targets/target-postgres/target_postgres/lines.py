"""Lines of the input, in chunks, bounded in length, with a look at the clock."""

from __future__ import annotations

import os
import select
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from target_postgres.errors import BadInputError, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHUNK_BYTES = 256 * 1024
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_TEXT_CHUNK_LINES = 1000


@dataclass(frozen=True, slots=True)
class Lines:
    """Some whole lines of the input, without their ends.

    Attributes:
        first_number: Line number of the first, from 1.
        lines: The lines; none when the wait was over and nothing had come.
    """

    first_number: int
    lines: list[bytes]


def read_lines(
    descriptor: int, *, max_line_bytes: int, wait_s: float, wakeup: int | None = None
) -> Iterator[Lines]:
    """Read lines from a file descriptor.

    Args:
        descriptor: A pipe, a socket, a terminal or a file.
        max_line_bytes: Longest line taken.
        wait_s: After this long without input an empty `Lines` is given.
        wakeup: A descriptor that becomes readable when waiting shall end at once.

    Raises:
        BadInputError: If a line is too long.
    """
    number = 1
    rest: list[bytes] = []
    rest_bytes = 0
    watched = [descriptor] if wakeup is None else [descriptor, wakeup]
    while True:
        if descriptor not in select.select(watched, [], [], wait_s)[0]:
            yield Lines(number, [])
            continue
        chunk = os.read(descriptor, _CHUNK_BYTES)
        if not chunk:
            break
        end = chunk.rfind(b"\n")
        if end < 0:
            rest.append(chunk)
            rest_bytes += len(chunk)
            _check_length(rest_bytes, max_line_bytes, number)
            continue
        lines = b"".join([*rest, chunk[:end]]).split(b"\n")
        if rest_bytes + end > max_line_bytes:
            for index, line in enumerate(lines):
                _check_length(len(line), max_line_bytes, number + index)
        rest = [chunk[end + 1 :]]
        rest_bytes = len(rest[0])
        yield Lines(number, _without_mark(lines) if number == 1 else lines)
        number += len(lines)
    last = b"".join(rest)
    if last:
        yield Lines(number, _without_mark([last]) if number == 1 else [last])


def _check_length(size_bytes: int, max_line_bytes: int, number: int) -> None:
    if size_bytes > max_line_bytes:
        raise BadInputError(
            f"a line longer than {max_line_bytes} bytes", Place(line=number)
        )


def _without_mark(lines: list[bytes]) -> list[bytes]:
    return [lines[0].removeprefix(_BYTE_ORDER_MARK), *lines[1:]]


def read_text_lines(file: IO[str], *, max_line_bytes: int) -> Iterator[Lines]:
    """Read lines from a text file object, such as a test's.

    Raises:
        BadInputError: If a line is too long.
    """
    number = 1
    held: list[bytes] = []
    for text in file:
        line = text.rstrip("\n").encode("utf-8", "surrogatepass")
        _check_length(len(line), max_line_bytes, number + len(held))
        held.append(line)
        if len(held) >= _TEXT_CHUNK_LINES:
            yield Lines(number, held)
            number += len(held)
            held = []
    if held:
        yield Lines(number, _without_mark(held) if number == 1 else held)
