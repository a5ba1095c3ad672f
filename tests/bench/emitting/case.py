"""One comparison of emission: the same source, written by a tap and by the SDK."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from singer_sdk import Tap

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from singer_sdk import Stream


@dataclass(frozen=True, slots=True)
class Case:
    """What is written of one kind of rows.

    Attributes:
        tap: The tap it belongs to.
        what: The rows, in words.
        prepare: Makes the source of so many rows in a folder, as the service sends it.
        write_ours: Writes all rows to stdout the way the tap does: parsed, counted,
            converted, spooled.
        make_sdk_stream: Gives a stream as a tap on the SDK usually has it: dicts, typed
            by hand, one by one.
    """

    tap: str
    what: str
    prepare: Callable[[Path, int], Any]
    write_ours: Callable[[Any, Path], None]
    make_sdk_stream: Callable[[Tap, Any], Stream]

    def write_by_sdk(self, source: Any, folder: Path) -> None:
        """Write all rows the way the SDK does by default."""
        del folder
        make_stream = self.make_sdk_stream

        class SdkTap(Tap):
            name = "tap-bench"

            def discover_streams(self) -> list[Stream]:
                return [make_stream(self, source)]

        SdkTap(config={}).sync_all()
