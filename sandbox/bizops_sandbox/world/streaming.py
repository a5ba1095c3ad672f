"""The log of a large company, written without holding it in memory."""

from __future__ import annotations

import heapq
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from bizops_sandbox.world.books import book_events
from bizops_sandbox.world.events import Event
from bizops_sandbox.world.invariants import Checker
from bizops_sandbox.world.log import encode_event
from bizops_sandbox.world.planted import planted_events
from bizops_sandbox.world.simulate import begin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bizops_sandbox.world.parameters import Parameters

_DECODER = msgspec.json.Decoder(Event)
RUN_EVENTS = 200_000


@dataclass(slots=True)
class _Sorter:
    """Sorts more events than fit into memory: by moment, then by when they came.

    A line of a run is `moment TAB number TAB event`; JSON has no tab outside of
    strings and writes it as an escape inside, so the parts come apart again.
    """

    directory: Path
    most: int
    _lines: list[bytes] = field(default_factory=list)
    _runs: list[Path] = field(default_factory=list)
    _count: int = 0

    def add(self, events: Iterable[Event]) -> None:
        """Take events in."""
        for event in events:
            moment = event.at.strftime("%Y%m%d%H%M%S").encode()
            number = b"%012d" % self._count
            line = b"\t".join((moment, number, encode_event(event)))
            self._lines.append(line + b"\n")
            self._count += 1
            if len(self._lines) >= self.most:
                self._spill()

    def _spill(self) -> None:
        self._lines.sort()
        path = self.directory / f"run{len(self._runs)}"
        with path.open("wb") as file:
            file.writelines(self._lines)
        self._runs.append(path)
        self._lines.clear()

    def merged(self) -> Iterator[bytes]:
        """All lines in order; more events may be added afterwards."""
        self._lines.sort()
        with ExitStack() as stack:
            files: list[BinaryIO] = [
                stack.enter_context(path.open("rb")) for path in self._runs
            ]
            yield from heapq.merge(*files, self._lines)

    def events(self) -> Iterator[Event]:
        """All events in order, decoded again."""
        for line in self.merged():
            yield _DECODER.decode(line.split(b"\t", 2)[2])


def simulate_to(path: Path, params: Parameters, *, run_events: int = RUN_EVENTS) -> int:
    """Write the log that `simulate` gives, the same bytes; how many events it has.

    Args:
        path: The file to write; sorted pieces lie beside it until it is done.
        params: The parameters.
        run_events: How many events are held at most.

    Raises:
        InvariantError: the log cannot be; a mistake of this package.
    """
    telling = begin(params)
    count = 0
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".log-") as name:
        sorter = _Sorter(Path(name), run_events)
        for batch in telling.batches():
            sorter.add(telling.told(batch))
        sorter.add(telling.told(planted_events(params, sorter.events())))
        books = book_events(params, sorter.events(), telling.members)
        sorter.add(telling.told(books))
        checker = Checker(params)
        with path.open("wb") as file:
            for line in sorter.merged():
                told = line.split(b"\t", 2)[2]
                checker.take(_DECODER.decode(told), size_bytes=len(told))
                file.write(told)
                count += 1
        checker.finish()
    return count
