"""What streams read through export jobs share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reading_kit.errors import TapError
from tap_marketo.errors import BulkQuotaError
from tap_marketo.jobs import list_saved
from tap_marketo.marketo_stream import MarketoStream

if TYPE_CHECKING:
    from collections.abc import Iterable

    from singer_sdk.helpers import types

    from tap_marketo.jobs import SavedExport


class ExportingStream(MarketoStream):
    """A stream whose jobs are made ahead and whose exports the state remembers."""

    def plan(self) -> None:
        """Hand the jobs of this run to the board, before any stream is read."""
        raise NotImplementedError

    def sync(self, context: types.Context | None = None) -> None:  # type: ignore[misc] # what ends it is told apart
        """Sync; a spent quota is no failure where the settings say so.

        Raises:
            TapError: what the stream could not read.
        """
        try:
            super().sync(context)
        except BulkQuotaError as error:
            self._let_go(error)
            if self.settings.is_bulk_quota_failure:
                raise
            self.logger.warning("%s: stopped: %s", self.name, error)
        except TapError as error:
            self._let_go(error)
            raise

    def _let_go(self, error: TapError) -> None:
        """Free the places in the queue; finished exports stay in the state."""
        self.instance.board.drop(self.name, because=error)
        self.keep_exports(self.exports_to_keep())
        self.write_state()

    def exports_to_keep(self) -> list[SavedExport]:
        """Give the exports the next run could use."""
        return self.instance.board.saved(self.name)

    def saved_exports(self) -> list[SavedExport]:
        """Give the exports the state remembers."""
        return list_saved(self.stream_state)

    def keep_exports(self, saved: Iterable[SavedExport]) -> None:
        """Put exports into the state in the place of those there."""
        kept = [each.to_dict() for each in saved]
        state = self.stream_state
        for name, value in (("export", kept[:1]), ("exports_ahead", kept[1:])):
            state.pop(name, None)
            if value:
                state[name] = value if name == "exports_ahead" else value[0]

    def note_exports(self) -> None:
        """Write a state that knows of the jobs under way, where there are new ones."""
        before = (self.stream_state.get("export"), self._ahead())
        self.keep_exports(self.exports_to_keep())
        if before != (self.stream_state.get("export"), self._ahead()):
            self.write_state()

    def _ahead(self) -> Any:  # noqa: ANN401 - JSON
        return self.stream_state.get("exports_ahead")
