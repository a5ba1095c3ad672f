"""Writes Singer messages to stdout in large blocks, always whole lines."""

from __future__ import annotations

import decimal
import errno
import io
import os
import sys
import time
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any

import msgspec
from singer_sdk.singerlib.encoding.base import GenericSingerWriter
from singer_sdk.singerlib.messages import Message, StateMessage

from reading_kit.errors import ReaderGoneError
from reading_kit.line_breaks import escape_in_bytes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reading_kit.pages import Page

_BLOCK_BYTES = 1 << 18
_LONGEST_WAIT_S = 1.0
_SENT_BYTES = 1 << 20
#: What a system says that does not copy from a file to this kind of output.
_CANNOT_SEND = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSOCK, errno.EOPNOTSUPP})


def _encode_other(value: Any) -> Any:  # noqa: ANN401 - whatever a message holds
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return value
    return str(value)


_ENCODER = msgspec.json.Encoder(enc_hook=_encode_other, decimal_format="number")


class BlockWriter(GenericSingerWriter[bytes, Message]):
    """Collects lines and hands them to stdout by the block, and at each STATE.

    Attributes:
        is_writing: True while bytes are being handed over, so that a signal does not
            tear a line.
    """

    def __init__(self) -> None:
        self._pending = bytearray()
        self._flushed_at_s = time.monotonic()
        self._can_send = hasattr(os, "sendfile")
        self.is_writing = False
        self.after_write: Callable[[], None] = lambda: None

    def serialize_message(self, message: Message) -> bytes:
        """Encode a message as JSON, decimals digit by digit."""
        return escape_in_bytes(_ENCODER.encode(message.to_dict()))

    def write_message(self, message: Message) -> None:
        """Write a message; a STATE takes everything before it along."""
        self._pending += self.serialize_message(message)
        self._pending += b"\n"
        is_due = time.monotonic() - self._flushed_at_s > _LONGEST_WAIT_S
        is_full = len(self._pending) >= _BLOCK_BYTES
        if is_due or is_full or isinstance(message, StateMessage):
            self.flush()

    def write_block(self, block: bytes) -> None:
        """Write a block of bytes as it is; the blocks of a page end with a line."""
        if self._pending:
            self._pending += block
            block = b""
        if len(self._pending) + len(block) >= _BLOCK_BYTES:
            self.flush(block)
        else:
            self._pending += block

    def write_page(self, page: Page) -> None:
        """Write the lines of a page, without reading them where the system allows.

        Raises:
            ReaderGoneError: the reader of stdout is gone.
        """
        if isinstance(page.content, bytes) or not self._is_sent(page.content):
            for chunk in page.chunks():
                self.write_block(chunk)

    def _is_sent(self, path: Path) -> bool:
        """Have the system copy a file to stdout; gives False where it cannot."""
        output = getattr(sys.stdout, "buffer", None)
        if not self._can_send or output is None:
            return False
        self.flush()
        self.is_writing = True
        try:
            with path.open("rb") as file:
                return self._send(file, output)
        finally:
            self.is_writing = False
            self._flushed_at_s = time.monotonic()
            self.after_write()

    def _send(self, source: IO[bytes], output: IO[bytes]) -> bool:
        sent_bytes = 0
        try:
            places = output.fileno(), source.fileno()
            while done := os.sendfile(*places, sent_bytes, _SENT_BYTES):
                sent_bytes += done
        except BrokenPipeError:
            raise ReaderGoneError("the reader of the output is gone") from None
        except OSError as error:
            has_place = not isinstance(error, io.UnsupportedOperation)
            if sent_bytes or (has_place and error.errno not in _CANNOT_SEND):
                raise
            self._can_send = False
            return False
        return True

    def flush(self, more: bytes = b"") -> None:
        """Hand everything over, then let a waiting signal through.

        Args:
            more: A block that follows nothing pending, spared a copy.

        Raises:
            ReaderGoneError: the reader of stdout is gone.
        """
        block = bytes(self._pending) if self._pending else more
        self._pending.clear()
        self.is_writing = True
        try:
            output = getattr(sys.stdout, "buffer", None)
            if output is None:
                sys.stdout.write(block.decode())
            else:
                output.write(block)
            sys.stdout.flush()
        except BrokenPipeError:
            raise ReaderGoneError("the reader of the output is gone") from None
        finally:
            self.is_writing = False
            self._flushed_at_s = time.monotonic()
        self.after_write()
