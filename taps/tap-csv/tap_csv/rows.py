"""Rows of one file: decoded, split into cells, with the line each begins in."""

from __future__ import annotations

import csv
import hashlib
import sys
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from reading_kit.errors import IncompleteDataError, TapError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from os import stat_result

    from tap_csv.finding import SourceFile

_CHUNK_BYTES = 1 << 20
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")

csv.field_size_limit(min(sys.maxsize, 2**31 - 1))


class FileError(TapError):
    """A file cannot be read as it is written."""


@contextmanager
def reading(file: SourceFile) -> Iterator[None]:
    """Name the file where the system or the CSV reader refuse it.

    Raises:
        FileError: they do.
    """
    try:
        yield
    except OSError as error:
        raise FileError(f"{file.label}: {error.strerror}") from None
    except csv.Error as error:
        msg = f"{file.label}: not CSV: {error}; a quote that is not closed?"
        raise FileError(msg) from None
    except UnicodeError:
        raise FileError(_explain_encoding(file)) from None


def find_fingerprint(file: SourceFile) -> str:
    """Give the SHA-256 of a file's bytes.

    Raises:
        FileError: it cannot be read.
    """
    with reading(file), file.path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def read_header(file: SourceFile) -> list[str]:
    """Give the cells of the first line that holds any; none of a file without one.

    Raises:
        FileError: the file cannot be read.
    """
    return next((cells for _, cells in read_rows(file)), [])


def read_rows(file: SourceFile) -> Generator[tuple[int, list[str]], None, None]:
    """Give the rows that hold anything, each with the number of its first line.

    Raises:
        FileError: the file cannot be read, or is not CSV.
        IncompleteDataError: it was written while it was read.
    """
    dialect = file.dialect
    with reading(file), _open(file) as lines:
        before = file.path.stat()
        rows = csv.reader(
            lines,
            delimiter=dialect.delimiter or ",",
            quotechar=dialect.quotechar,
            escapechar=dialect.escapechar,
            doublequote=dialect.doublequote,
            skipinitialspace=dialect.skipinitialspace,
            strict=True,
        )
        line = 1
        for cells in rows:
            if any(cells):
                yield line, cells
            line = rows.line_num + 1
        if _traits(before) != _traits(file.path.stat()):
            msg = f"{file.label} was written while it was read; run again"
            raise IncompleteDataError(msg)


def _open(file: SourceFile) -> IO[str]:
    encoding = _encoding_of(file)
    return file.path.open(encoding=encoding, newline="")


def _encoding_of(file: SourceFile) -> str:
    with file.path.open("rb") as content:
        if content.read(2) in _UTF16_MARKS:
            return "utf-16"
    name = file.dialect.encoding
    return "utf-8-sig" if name.lower().replace("_", "-") in {"utf-8", "utf8"} else name


def _traits(found: stat_result) -> tuple[int, int]:
    return found.st_mtime_ns, found.st_size


def _explain_encoding(file: SourceFile) -> str:
    encoding = _encoding_of(file)
    with file.path.open("rb") as content:
        number = next(
            (
                number
                for number, line in enumerate(content, start=1)
                if not _is_decodable(line, encoding)
            ),
            1,
        )
    name = file.dialect.encoding
    return (
        f"{file.label}, line {number}: not {name}; save the file as UTF-8, or set "
        "`encoding` (Excel often writes cp1252)"
    )


def _is_decodable(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeError:
        return False
    return True
