"""Downloads export files: in ranges, resumed where they break, checked when whole."""

from __future__ import annotations

import hashlib
import logging
import shutil
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from reading_kit.errors import (
    ApiError,
    IncompleteDataError,
    SpoolError,
    UnreachableError,
)
from reading_kit.pages import keep, keeping
from reading_kit.retrying import plan_pause
from reading_kit.sending import (
    PASSING_ERRORS,
    MalformedAnswerError,
    ProblemAnswerError,
    decode_json,
)
from tap_marketo.errors import FileGoneError
from tap_marketo.exports import file_path
from tap_marketo.judging import Envelope, read_envelope

if TYPE_CHECKING:
    from pathlib import Path

    import requests

    from tap_marketo.client import MarketoClient
    from tap_marketo.exports import JobStatus

logger = logging.getLogger(__name__)

RANGE_BYTES = 16 * 1024 * 1024
#: Tries of a range that brings nothing new.
RANGE_TRIES = 5
_CHUNK_BYTES = 1 << 16


@dataclass(slots=True)
class _Transfer:
    """A file as far as it is there."""

    file: IO[bytes]
    size_bytes: int | None
    kept_bytes: int = 0
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    @property
    def is_whole(self) -> bool:
        """Tell whether all bytes are there."""
        return self.size_bytes is not None and self.kept_bytes >= self.size_bytes

    def headers(self) -> dict[str, str]:
        """Give the headers that ask for the next range, not compressed."""
        last = self.kept_bytes + RANGE_BYTES
        if self.size_bytes is not None:
            last = min(last, self.size_bytes)
        return {
            "Accept": "text/csv, application/json",
            "Accept-Encoding": "identity",
            "Range": f"bytes={self.kept_bytes}-{last - 1}",
        }

    def take(self, response: requests.Response) -> None:
        """Keep what comes; a transfer that breaks keeps what came before.

        Raises:
            ProblemAnswerError: the service sends an error in the place of the file.
            MalformedAnswerError: another range came than was asked for.
        """
        chunks = response.iter_content(_CHUNK_BYTES)
        before = self.kept_bytes
        try:
            first = next(chunks, b"")
            _refuse_json(response, first)
            self._place(response)
            before = self.kept_bytes
            self._keep(first)
            for chunk in chunks:
                self._keep(chunk)
        except PASSING_ERRORS:
            if self.kept_bytes == before:
                raise

    def _place(self, response: requests.Response) -> None:
        if response.status_code == 206:
            start, total = _read_range(response.headers.get("Content-Range", ""))
            if start != self.kept_bytes:
                raise MalformedAnswerError("another byte range came than asked for")
            self.size_bytes = self.size_bytes or total
            return
        # A server that knows no ranges sends all: begin anew.
        self.restart()
        length = response.headers.get("Content-Length", "")
        if self.size_bytes is None and length.isdigit():
            self.size_bytes = int(length)

    def restart(self) -> None:
        """Forget what is there."""
        self.file.seek(0)
        self.file.truncate()
        self.kept_bytes = 0
        self.digest = hashlib.sha256()

    def _keep(self, chunk: bytes) -> None:
        keep(self.file, chunk)
        self.digest.update(chunk)
        self.kept_bytes += len(chunk)


def _refuse_json(response: requests.Response, first: bytes) -> None:
    """Keep an error written as JSON from passing for rows."""
    is_json = "json" in response.headers.get("Content-Type", "").lower()
    looks_so = first.lstrip().startswith(b"{") and b'"success"' in first
    if not (is_json or looks_so):
        return
    rest = b"".join(response.iter_content(_CHUNK_BYTES))
    response._content = first + rest  # noqa: SLF001 - what requests itself would set
    try:
        answer = read_envelope(decode_json(response))
    except ValueError:
        raise MalformedAnswerError("JSON in the place of a file") from None
    if isinstance(answer, Envelope):
        raise MalformedAnswerError("JSON in the place of a file")
    raise ProblemAnswerError(answer)


def _read_range(text: str) -> tuple[int | None, int | None]:
    """Read ``bytes 725-999/1000``: where the range begins, and the size of all."""
    span, _, total = text.removeprefix("bytes ").partition("/")
    start = span.partition("-")[0]
    return (
        int(start) if start.isdigit() else None,
        int(total) if total.isdigit() else None,
    )


class FileLoader:
    """Loads the files of finished jobs; may be used by several threads."""

    def __init__(self, client: MarketoClient) -> None:
        self._client = client

    def load(self, kind: str, status: JobStatus, path: Path) -> None:
        """Load a job's file and check its size and SHA-256.

        Raises:
            FileGoneError: there is no file.
            IncompleteDataError: it is not what was announced, twice.
            SpoolError: the disk does not take it.
            TapError: as ``MarketoClient.exchange`` tells.
        """
        _check_room(path.parent, status.size_bytes or 0)
        with keeping(path) as file:
            for _ in range(2):
                transfer = _Transfer(file, status.size_bytes)
                transfer.restart()
                self._load_ranges(kind, status, transfer)
                problem = _find_difference(transfer, status)
                if problem is None:
                    return
                logger.warning("export %s: %s", status.job_id, problem)
        raise IncompleteDataError(f"export {status.job_id}: {problem}, twice")

    def _load_ranges(self, kind: str, status: JobStatus, transfer: _Transfer) -> None:
        target = file_path(kind, status.job_id)
        failures = 0
        while not transfer.is_whole:
            before = transfer.kept_bytes
            try:
                self._client.exchange(
                    "GET", target, transfer.take, headers=transfer.headers()
                )
            except ApiError as error:
                if error.problem.status in {404, 410}:
                    msg = f"export {status.job_id} has no file"
                    raise FileGoneError(msg) from None
                raise
            if transfer.size_bytes is None:
                return
            failures = failures + 1 if transfer.kept_bytes <= before else 0
            if failures >= RANGE_TRIES:
                msg = f"export {status.job_id} broke again and again"
                raise UnreachableError(msg)
            is_cut = transfer.kept_bytes - before < RANGE_BYTES
            if is_cut and transfer.kept_bytes < transfer.size_bytes:
                self._rest(failures + 1, transfer.kept_bytes)

    def _rest(self, failures: int, kept_bytes: int) -> None:
        logger.info("a download broke after %d bytes; going on", kept_bytes)
        longest_s = self._client.settings.retry_delay_max_s
        pause = plan_pause(failures=failures, retry_after_s=None, longest_s=longest_s)
        self._client.clock.sleep(self._client.clock.jitter(pause.jitter_s))


def _find_difference(transfer: _Transfer, status: JobStatus) -> str | None:
    if status.size_bytes is not None and transfer.kept_bytes != status.size_bytes:
        return f"{transfer.kept_bytes} bytes where {status.size_bytes} were announced"
    digest = transfer.digest.hexdigest()
    if status.checksum is not None and digest != status.checksum:
        return "the SHA-256 of the file is not the one announced"
    return None


def _check_room(folder: Path, size_bytes: int) -> None:
    try:
        free_bytes = shutil.disk_usage(folder).free
    except OSError as error:
        raise SpoolError(f"{folder}: {error.strerror}") from None
    if size_bytes > free_bytes:
        msg = (
            f"{folder} has {free_bytes} bytes free, an export file has {size_bytes}; "
            "set temp_dir to a folder with more room"
        )
        raise SpoolError(msg)
