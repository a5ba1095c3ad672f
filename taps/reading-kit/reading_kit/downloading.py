"""Large answers, kept in a file as they come; a broken transfer is resumed."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reading_kit.errors import ApiError, IncompleteDataError, UnreachableError
from reading_kit.pages import keep, keeping
from reading_kit.retrying import TRIES, plan_pause
from reading_kit.sending import (
    PASSING_ERRORS,
    Call,
    HttpSender,
    MalformedAnswerError,
    describe_trouble,
)
from reading_kit.unpacking import unpack

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import requests

    from reading_kit.clock import Clock

logger = logging.getLogger(__name__)

_CHUNK_BYTES = 1 << 16
_GZIP_MAGIC = b"\x1f\x8b"


@dataclass(slots=True)
class _Transfer:
    """A transfer under way: what is there, and what tells it is the same file."""

    path: Path
    kept_bytes: int = 0
    etag: str = ""
    trouble: Exception | None = None

    def headers(self) -> dict[str, str]:
        """Give the headers of the next try; no transfer is compressed on the way."""
        headers = {"Accept-Encoding": "identity"}
        if self.kept_bytes:
            headers["Range"] = f"bytes={self.kept_bytes}-"
            if self.etag:
                headers["If-Range"] = self.etag
        return headers

    def take(self, response: requests.Response) -> bool:
        """Keep what comes; gives False when the transfer breaks after some bytes."""
        is_part = response.status_code == 206
        if is_part and _range_start(response) != self.kept_bytes:
            raise MalformedAnswerError("another byte range came than was asked for")
        if not is_part:
            self.kept_bytes = 0
        etag = response.headers.get("ETag", "")
        self.etag = "" if etag.startswith("W/") else etag
        before = self.kept_bytes
        expected = response.headers.get("Content-Length", "")
        with keeping(self.path, mode="ab" if is_part else "wb") as file:
            try:
                # read1 gives what has come: a full chunk that breaks would be lost.
                while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=True):
                    keep(file, chunk)
                    self.kept_bytes += len(chunk)
            except PASSING_ERRORS as error:
                if self.kept_bytes == before:
                    raise
                self.trouble = error
                return False
        is_plain = "Content-Encoding" not in response.headers
        got = self.kept_bytes - before
        if is_plain and expected.isdigit() and got < int(expected):
            self.trouble = MalformedAnswerError("the transfer ended early")
            return False
        return True


def download(
    sender: HttpSender,
    call: Call,
    path: Path,
    *,
    clock: Clock,
    announced_bytes: int | None = None,
    is_resumable: bool = True,
) -> int:
    """Load an answer's body into a file and give its size in bytes.

    A transfer that breaks goes on where it stopped, by a ``Range`` request (RFC 9110
    section 14), under the server's ``ETag`` where it has one. A server that knows no
    ranges sends all again.

    Args:
        sender: Sends the requests; its own rules of repeating hold for each of them.
        call: The request.
        path: Where the body is kept.
        clock: Where waiting happens.
        announced_bytes: Size the service told beforehand, if any.
        is_resumable: False for services whose ranges are not to be trusted.

    Raises:
        IncompleteDataError: the file has another size than announced.
        SpoolError: the disk does not take it.
        UnreachableError: it broke again and again.
        TapError: as ``HttpSender.send`` tells.
    """
    transfer = _Transfer(path)
    for breaks in range(1, TRIES + 1):
        if _is_whole(sender, call, transfer):
            break
        if not is_resumable:
            transfer.kept_bytes = 0
        trouble = describe_trouble(transfer.trouble or MalformedAnswerError("cut"))
        logger.info("%s after %d bytes; going on", trouble, transfer.kept_bytes)
        pause = plan_pause(failures=breaks, retry_after_s=None, longest_s=10)
        clock.sleep(clock.jitter(pause.jitter_s))
    else:
        msg = f"a download broke {TRIES} times, at last after {transfer.kept_bytes} B"
        raise UnreachableError(msg)
    if announced_bytes is not None and transfer.kept_bytes != announced_bytes:
        msg = f"a file has {transfer.kept_bytes} bytes, announced {announced_bytes}"
        raise IncompleteDataError(msg)
    return transfer.kept_bytes


def _is_whole(sender: HttpSender, call: Call, transfer: _Transfer) -> bool:
    try:
        headers = {**call.headers, **transfer.headers()}
        return sender.send(replace(call, headers=headers), transfer.take)
    except ApiError as error:
        # Nothing lies beyond what is there, or the file has changed: all again.
        if error.problem.status != 416 or not transfer.kept_bytes:
            raise
        transfer.kept_bytes = 0
        return False


def _range_start(response: requests.Response) -> int | None:
    text = response.headers.get("Content-Range", "")
    start = text.removeprefix("bytes ").partition("-")[0]
    return int(start) if text.startswith("bytes ") and start.isdigit() else None


def open_chunks(path: Path) -> Iterator[bytes]:
    """Give a file's bytes in pieces, unpacked where it is gzip.

    Raises:
        IncompleteDataError: gzip that is cut or damaged.
    """
    with path.open("rb") as file:
        is_packed = file.read(2) == _GZIP_MAGIC
        file.seek(0)
        chunks = iter(lambda: file.read(_CHUNK_BYTES), b"")
        yield from unpack(chunks) if is_packed else chunks
