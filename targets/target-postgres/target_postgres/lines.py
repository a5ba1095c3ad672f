"""Lines of the input, in chunks, bounded in length, with a look at the clock."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
from dataclasses import dataclass, replace
from typing import IO, TYPE_CHECKING

from target_postgres.errors import BadInputError, Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_CHUNK_BYTES = 256 * 1024
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_TEXT_CHUNK_LINES = 1000


@dataclass(frozen=True, slots=True)
class Lines:
    """Some whole lines of the input, without their ends.

    Attributes:
        first_number: Line number of the first, from 1.
        count: How many; 0 when the wait was over and nothing had come.
        content: The lines, with line ends between them.
    """

    first_number: int
    count: int = 0
    content: bytes = b""

    @classmethod
    def of(cls, first_number: int, lines: list[bytes]) -> Lines:
        """Put lines together."""
        return cls(first_number, len(lines), b"\n".join(lines))

    def without_first(self) -> tuple[bytes, Lines]:
        """Take the first line off."""
        first, _, rest = self.content.partition(b"\n")
        return first, Lines(self.first_number + 1, self.count - 1, rest)

    def split(self) -> list[bytes]:
        """Take the lines apart."""
        return self.content.split(b"\n") if self.count else []


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
    watched = [descriptor] if wakeup is None else [descriptor, wakeup]
    _widen_pipe(descriptor)

    def chunks() -> Iterator[bytes | None]:
        while True:
            if descriptor not in select.select(watched, [], [], wait_s)[0]:
                yield None
                continue
            chunk = os.read(descriptor, _CHUNK_BYTES)
            if not chunk:
                return
            yield chunk

    return split_chunks(chunks(), max_line_bytes=max_line_bytes)


def _widen_pipe(descriptor: int) -> None:
    """Let a pipe hold as much as is read at once; where that can be asked for."""
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, _CHUNK_BYTES)


def split_chunks(
    chunks: Iterable[bytes | None], *, max_line_bytes: int
) -> Iterator[Lines]:
    """Put pieces of a byte stream together to whole lines.

    Args:
        chunks: The pieces, not empty; None gives an empty `Lines`.
        max_line_bytes: Longest line taken.

    Raises:
        BadInputError: If a line is too long.
    """
    number = 1
    rest: list[bytes] = []
    rest_bytes = 0
    for chunk in chunks:
        if chunk is None:
            yield Lines(number)
            continue
        end = chunk.rfind(b"\n")
        if end < 0:
            rest.append(chunk)
            rest_bytes += len(chunk)
            _check_length(rest_bytes, max_line_bytes, number)
            continue
        content = b"".join([*rest, chunk[:end]])
        if rest_bytes + end > max_line_bytes:
            for index, line in enumerate(content.split(b"\n")):
                _check_length(len(line), max_line_bytes, number + index)
        rest = [chunk[end + 1 :]]
        rest_bytes = len(rest[0])
        count = content.count(b"\n") + 1
        yield _without_mark(Lines(number, count, content))
        number += count
    last = b"".join(rest)
    if last:
        yield _without_mark(Lines(number, 1, last))


def _check_length(size_bytes: int, max_line_bytes: int, number: int) -> None:
    if size_bytes > max_line_bytes:
        raise BadInputError(
            f"a line longer than {max_line_bytes} bytes", Place(line=number)
        )


def _without_mark(lines: Lines) -> Lines:
    if lines.first_number > 1 or not lines.content.startswith(_BYTE_ORDER_MARK):
        return lines
    return replace(lines, content=lines.content.removeprefix(_BYTE_ORDER_MARK))


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
            yield _without_mark(Lines.of(number, held))
            number += len(held)
            held = []
    if held:
        yield _without_mark(Lines.of(number, held))
