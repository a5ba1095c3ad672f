"""The files of BATCH messages: found by their URL, read piece by piece.

Taken are local files, plain or gzip: of JSON lines, one bare record a line, as taps of
Meltano's Singer SDK write them; or of COPY text (`copy_files`).
"""

from __future__ import annotations

import contextlib
import gzip
import logging
import zlib
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from target_postgres import copy_files
from target_postgres.errors import BadInputError
from target_postgres.lines import Lines, split_chunks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from target_postgres.errors import Place
    from target_postgres.messages import Encoding

logger = logging.getLogger("target-postgres")

_CHUNK_BYTES = 256 * 1024
FORMATS = ("jsonl", copy_files.FORMAT)
COMPRESSIONS = (None, "none", "gzip")


def check_encoding(encoding: Encoding, place: Place) -> None:
    """Refuse what cannot be read here.

    Raises:
        BadInputError: Naming what can.
    """
    if encoding.format not in FORMATS or encoding.compression not in COMPRESSIONS:
        raise BadInputError(
            f"BATCH files of format {encoding.format!r} with compression"
            f" {encoding.compression!r} are not read here; {' or '.join(FORMATS)} with"
            " gzip or none is",
            place,
        )


def local_path(url: str, place: Place) -> Path:
    """Find the file of a URL.

    Raises:
        BadInputError: If it is not a file of this machine.
    """
    parts = urlsplit(url)
    if parts.scheme != "file" or parts.netloc not in {"", "localhost"}:
        raise BadInputError(
            f"BATCH files are read from file: URLs only, not from {parts.scheme!r}",
            place,
        )
    path = Path(unquote(parts.path))
    if "\0" in parts.path or not path.is_absolute():
        raise BadInputError("a file: URL without an absolute path", place)
    return path


def read_batch_lines(
    path: Path, encoding: Encoding, place: Place, *, max_line_bytes: int
) -> Iterator[Lines]:
    """Read a file's lines, numbered from 1.

    Args:
        path: The file.
        encoding: How it is written.
        place: Of the BATCH message.
        max_line_bytes: Longest line taken.

    Raises:
        BadInputError: If the file is not there, cannot be read, or its compressed
            content is cut short or damaged; names it.
    """
    opened: IO[bytes]
    try:
        with path.open("rb") as file:
            opened = file
            if encoding.compression == "gzip":
                opened = gzip.GzipFile(fileobj=file)  # type: ignore[assignment]
            chunks = iter(lambda: opened.read(_CHUNK_BYTES), b"")
            if encoding.format == copy_files.FORMAT:
                # What a line lacks at its end would not be missed.
                chunks = _whole_lines(chunks, path, place)
            yield from split_chunks(chunks, max_line_bytes=max_line_bytes)
    except OSError as error:
        # gzip.BadGzipFile is one too.
        reason = error.strerror or str(error)
        raise BadInputError(f"BATCH file {path}: {reason}", place) from None
    except (EOFError, zlib.error):
        raise BadInputError(
            f"BATCH file {path} is cut short or damaged", place
        ) from None


def _whole_lines(chunks: Iterable[bytes], path: Path, place: Place) -> Iterator[bytes]:
    last = b""
    for last in chunks:
        yield last
    if last and not last.endswith(b"\n"):
        raise BadInputError(f"BATCH file {path} ends within a line", place)


def remove_files(paths: Iterable[Path]) -> None:
    """Remove files that are done with; one that cannot be removed stays."""
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            try:
                path.unlink()
            except PermissionError:
                logger.warning("BATCH file %s could not be removed", path)
