"""States of a tap: read before its run, kept after what the target commits."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bizops_cli.errors import ConfigError
from bizops_cli.singer.states import is_state, merged_text

if TYPE_CHECKING:
    from bizops_cli.ids import StateKey

_INTERVAL_S = 5.0


def read_state_of(key: StateKey, url: str) -> str | None:
    """Return the state as exact JSON text; None when there is none yet.

    Waits until no target that outlived its run still writes it.

    Raises:
        ConfigError: The state is damaged: no JSON object.
        LockedError: A target of another run holds it.
        UnreachableError: The warehouse does not answer.
    """
    from bizops_cli.locks.postgres import await_state_lock
    from bizops_cli.state.postgres import read_state_text
    from bizops_cli.warehouse.refusals import connected

    with connected(url, application_name="bizops state") as connection:
        await_state_lock(connection, key)
        text = read_state_text(connection, key)
    if text is not None and not is_state(text):
        raise ConfigError(
            f"the state {key} is damaged: it is no JSON object",
            f"Look at it with `bizops state show {key.tap}`; nothing was read, so that "
            "nothing is loaded twice.",
        )
    return text


@dataclass(slots=True)
class StateKeeper:
    """Takes the states a target prints, which are those it has committed.

    For a target that keeps states itself this only follows; for any other it writes
    them to the warehouse, merged, every few seconds and at the end.

    Attributes:
        key: Which state.
        url: The warehouse.
        run_id: This run.
        stored: The state before the run, as JSON text.
        writes: Whether to write.
        kept: The state after what was taken so far; None before the first.
    """

    key: StateKey
    url: str
    run_id: str
    stored: str | None
    writes: bool
    kept: str | None = None
    _written: str | None = None
    _written_s: float = 0.0
    _connection: Any = field(default=None, repr=False)

    def take(self, line: bytes) -> None:
        """Take a line of the target's stdout; one that is no state is passed over.

        Raises:
            BizopsError: The state cannot be written.
        """
        text = line.decode("utf-8", "replace").strip()
        if not is_state(text):
            return
        self.kept = merged_text(self.kept or self.stored, text)
        if self.writes and time.monotonic() - self._written_s >= _INTERVAL_S:
            self._write()

    def close(self) -> None:
        """Write what has not been written yet.

        Raises:
            BizopsError: The state cannot be written.
        """
        try:
            if self.writes and self.kept != self._written:
                self._write()
        finally:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _write(self) -> None:
        from bizops_cli.state.postgres import write_state
        from bizops_cli.warehouse.connect import connect
        from bizops_cli.warehouse.refusals import translated_errors

        if self.kept is None:
            return
        if self._connection is None:
            self._connection = connect(self.url, application_name="bizops state")
        with translated_errors():
            write_state(self._connection, self.key, self.kept, run_id=self.run_id)
        self._written, self._written_s = self.kept, time.monotonic()
