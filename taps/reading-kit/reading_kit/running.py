"""One run over the selected streams, whatever becomes of single ones."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from reading_kit.errors import (
    CredentialsError,
    HostUnreachableError,
    QuotaError,
    ReaderGoneError,
    SettingsError,
    SpoolError,
    StreamsFailedError,
    TapError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from singer_sdk import Stream

logger = logging.getLogger(__name__)

#: Troubles that every further stream would meet too.
FATAL = (
    CredentialsError,
    HostUnreachableError,
    QuotaError,
    ReaderGoneError,
    SettingsError,
    SpoolError,
)


def sync_streams(
    streams: Iterable[Stream],
    *,
    missing: Iterable[str] = (),
    on_end: Callable[[Stream], None] = lambda _: None,
) -> dict[str, TapError]:
    """Sync stream after stream and give what failed, by the name of the stream.

    Args:
        streams: The selected streams, in their order.
        missing: Names of selected streams that cannot be read at all.
        on_end: Is told each stream that has ended, well or not.

    Raises:
        TapError: one of ``FATAL``: going on makes no sense.
    """
    failures: dict[str, TapError] = {
        name: TapError("gone, or not readable with these credentials")
        for name in missing
    }
    for stream in streams:
        try:
            stream.sync()
        except FATAL:
            raise
        except TapError as error:
            logger.error("%s failed: %s", stream.name, error)  # noqa: TRY400
            failures[stream.name] = error
        finally:
            on_end(stream)
    return failures


def combine_failures(failures: dict[str, TapError]) -> StreamsFailedError:
    """List what failed; where all failed with one status it is theirs, else 1."""
    listed = "; ".join(f"{name}: {error}" for name, error in failures.items())
    statuses = {error.exit_code for error in failures.values()}
    exit_code = statuses.pop() if len(statuses) == 1 else TapError.exit_code
    return StreamsFailedError(
        f"{len(failures)} of the streams not complete: {listed}", exit_code=exit_code
    )
