"""Rows in the files of a BATCH message, which itself does not say how many."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast
from urllib.parse import unquote, urlsplit

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHUNK_BYTES = 1024 * 1024
_GZIP = b"\x1f\x8b"


class _Batch(msgspec.Struct):
    manifest: list[str] = []


def count_batch_rows(message: bytes) -> int:
    """Return how many lines the local files of a BATCH message have.

    To be called before the target is told of the files, because it removes them. A
    file elsewhere, or one that cannot be read, counts as none: the target will say
    what is wrong with it.
    """
    try:
        batch = msgspec.json.decode(message, type=_Batch)
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError):
        return 0
    return sum(_count_lines(url) for url in batch.manifest)


def _count_lines(url: str) -> int:
    parts = urlsplit(url)
    if parts.scheme not in {"", "file"}:
        return 0
    rows, last = 0, b"\n"
    try:
        for chunk in _chunks(Path(unquote(parts.path))):
            rows += chunk.count(b"\n")
            last = chunk
    except (OSError, EOFError, ValueError):
        return 0
    return rows + (not last.endswith(b"\n"))


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        is_gzip = file.read(2) == _GZIP
        file.seek(0)
        opened = cast("IO[bytes]", gzip.GzipFile(fileobj=file) if is_gzip else file)
        while chunk := opened.read(_CHUNK_BYTES):
            yield chunk
