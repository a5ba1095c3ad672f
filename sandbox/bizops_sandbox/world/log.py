"""The event log as JSON lines."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from bizops_sandbox.world.events import Event

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_ENCODER = msgspec.json.Encoder(decimal_format="string")
_DECODER = msgspec.json.Decoder(Event)


def encode_event(event: Event) -> bytes:
    """One event as one line of JSON, without the newline."""
    return _ENCODER.encode(event)


def write_log(events: Iterable[Event], path: Path) -> None:
    """Write the log, one event a line, always the same bytes for the same events."""
    with path.open("wb") as file:
        for event in events:
            file.write(encode_event(event))
            file.write(b"\n")


def read_log(path: Path) -> Iterator[Event]:
    """Read a log that `write_log` wrote.

    Raises:
        ValueError: A line is no event; the message names file and line.
    """
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                yield _DECODER.decode(line)
            except msgspec.MsgspecError as error:
                raise ValueError(f"{path}:{number}: {error}") from error


def events_until(events: Iterable[Event], moment: datetime) -> Iterator[Event]:
    """The events up to and with `moment`, of a log in time order."""
    limit = moment.astimezone(UTC)
    for event in events:
        if event.at > limit:
            return
        yield event
