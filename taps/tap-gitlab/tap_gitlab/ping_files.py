"""Saved Service Ping payloads: JSON files, e.g. those air-gapped customers send."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reading_kit.errors import SettingsError, TapError
from reading_kit.jsonlines import NotJsonError, decode_json_bytes
from tap_gitlab.service_ping import is_payload

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SUFFIXES = (".json", ".jsonl", ".ndjson")
_SETTING = "service_ping_files"


@dataclass(frozen=True, slots=True)
class PingFile:
    """One saved file."""

    path: Path

    def digest(self) -> str:
        """Give the SHA-256 of its content, by which a file read before is known.

        Raises:
            TapError: it cannot be read.
        """
        try:
            with self.path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise TapError(f"{self.path}: {error.strerror}") from None

    def payloads(self) -> Iterator[dict[str, Any]]:
        """Give its payloads: one object, a list of them, or one on each line.

        Raises:
            TapError: it cannot be read, or holds something else.
        """
        try:
            body = self.path.read_bytes()
        except OSError as error:
            raise TapError(f"{self.path}: {error.strerror}") from None
        body = body.removeprefix(b"\xef\xbb\xbf")
        for place, document in enumerate(_documents(body, self.path), start=1):
            if not is_payload(document):
                msg = (
                    f"{self.path}: entry {place} is no Service Ping payload: it lacks "
                    "uuid or recorded_at"
                )
                raise TapError(msg)
            yield document


def find_ping_files(names: Sequence[str]) -> tuple[PingFile, ...]:
    """Give the files that the setting names; of a folder, all JSON files in it.

    Raises:
        SettingsError: some are not there; all of them are listed.
    """
    missing = [name for name in names if not Path(name).exists()]
    if missing:
        msg = f"{_SETTING}: not found: {', '.join(missing)}"
        raise SettingsError(msg)
    found: dict[Path, None] = {}
    for name in names:
        path = Path(name)
        if path.is_dir():
            inside = (each for each in sorted(path.iterdir()) if each.is_file())
            found.update({p: None for p in inside if p.suffix.lower() in _SUFFIXES})
        else:
            found[path] = None
    return tuple(PingFile(path) for path in found)


def _documents(body: bytes, path: Path) -> Iterator[Any]:
    try:
        document = decode_json_bytes(body)
    except NotJsonError:
        yield from _lines(body, path)
        return
    yield from document if isinstance(document, list) else [document]


def _lines(body: bytes, path: Path) -> Iterator[Any]:
    for number, line in enumerate(body.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            yield decode_json_bytes(line)
        except NotJsonError:
            raise TapError(f"{path}:{number}: not JSON") from None
