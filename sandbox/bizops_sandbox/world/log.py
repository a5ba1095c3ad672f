"""The event log as JSON lines."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from bizops_sandbox.world.events import Event

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

_ENCODER = msgspec.json.Encoder(decimal_format="string")
_DECODER = msgspec.json.Decoder(Event)
_TAG_AT = len(b'{"type":"')


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


class StoredLog:
    """A log in a file: read anew each time it is gone through, and never held."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __iter__(self) -> Iterator[Event]:
        return read_log(self.path)

    def of(self, kinds: Collection[type[Event]]) -> Iterator[Event]:
        """The events of some kinds; the others are not even decoded."""
        wanted = {kind.__name__.encode() for kind in kinds}
        with self.path.open("rb") as file:
            for line in file:
                # `type` is an event's first key: {"type":"LeadCreated","at":...
                if line[_TAG_AT : line.index(b'"', _TAG_AT)] in wanted:
                    yield _DECODER.decode(line)


class LogUntil:
    """The part of a log until a moment, to be gone through as often as needed."""

    def __init__(self, events: Iterable[Event], moment: datetime) -> None:
        self._events = events
        self._moment = moment

    def __iter__(self) -> Iterator[Event]:
        return events_until(self._events, self._moment)


def events_until(
    events: Iterable[Event], moment: datetime, *kinds: type[Event]
) -> Iterator[Event]:
    """The events up to and with `moment`, of a log in time order.

    Args:
        events: The log.
        moment: Aware, in any zone.
        kinds: The kinds of events that matter; all when there are none.
    """
    limit = moment.astimezone(UTC)
    if kinds and isinstance(events, StoredLog):
        events = events.of(kinds)
    for event in events:
        if event.at > limit:
            return
        if not kinds or type(event) in kinds:
            yield event
