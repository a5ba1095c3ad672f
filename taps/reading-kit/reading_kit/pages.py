"""One page of records: counted, and kept as RECORD lines until they are written."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from reading_kit.errors import SpoolError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CHUNK_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class Page:
    """Records ready to be written.

    Attributes:
        rows: How many.
        content: The lines, or the file that holds them.
        max_key: Highest trusted replication key among them, or empty.
        first_row: Hash of the first row, by which a page sent twice is noticed.
    """

    rows: int
    content: bytes | Path
    max_key: str = ""
    first_row: int = 0

    def chunks(self) -> Iterator[bytes]:
        """Give the lines in pieces that end with a line."""
        if isinstance(self.content, bytes):
            yield self.content
            return
        with self.content.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk + file.readline()

    def lines(self) -> Iterator[bytes]:
        """Give the lines one by one."""
        for chunk in self.chunks():
            yield from chunk.splitlines()

    def discard(self) -> None:
        """Remove the file, if there is one."""
        if not isinstance(self.content, bytes):
            self.content.unlink(missing_ok=True)


@contextmanager
def keeping(path: Path, *, mode: str = "wb") -> Iterator[IO[bytes]]:
    """Open a file to keep bytes in.

    Raises:
        SpoolError: it cannot be opened.
    """
    try:
        file: IO[bytes] = path.open(mode, buffering=0)
    except OSError as error:
        raise SpoolError(f"{path.parent}: {error.strerror}") from None
    with file:
        yield file


def keep(file: IO[bytes], content: bytes) -> None:
    """Write all of the bytes.

    Raises:
        SpoolError: the disk does not take them.
    """
    # Only the disk's errors: those of the connection are OSErrors too.
    rest = memoryview(content)
    try:
        while rest:
            rest = rest[file.write(rest) :]
    except OSError as error:
        raise SpoolError(f"pages cannot be kept: {error.strerror}") from None
