"""What all streams of the kit change about the SDK's stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from singer_sdk import Stream
from singer_sdk.helpers.conform import TypeConformanceLevel

if TYPE_CHECKING:
    from collections.abc import Generator
    from datetime import datetime

    from singer_sdk.helpers import types
    from singer_sdk.helpers._batch import BatchConfig
    from singer_sdk.singerlib import RecordMessage

    from reading_kit.personal import PersonalClass


class RecordStream(Stream):
    """A stream that keeps its own state and stamps records with the server's time.

    Its records are dicts, given by ``get_records``, for streams of few rows. What
    follows a ``yield`` there knows the record is written, so ``write_state`` may be
    called.

    Attributes:
        time_extracted: The server's time the records now read are as of.
    """

    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE

    time_extracted: datetime | None = None
    _is_batching = False

    def personal_class(self, name: str) -> PersonalClass | None:  # noqa: ARG002
        """Tell what a field says about a person, if anything."""
        return None

    def write_state(self) -> None:
        """Write the state, unless the rows it covers wait for their BATCH message."""
        if not self._is_batching:
            self._tap.state_writer.write_state(self.tap_state)

    def _sync_batches(
        self, batch_config: BatchConfig, context: types.Context | None = None
    ) -> None:
        self._is_batching = True
        super()._sync_batches(batch_config, context)
        self._is_batching = False
        self.write_state()

    @property
    def emit_activate_version_messages(self) -> bool:
        """Keep the SDK from activating a version before its rows have come."""
        return False

    def get_replication_key_signpost(
        self,
        context: types.Context | None = None,  # noqa: ARG002
    ) -> None:
        """Give none: keys are bounded by the server's clock."""
        return

    def _write_starting_replication_value(self, context: types.Context | None) -> None:
        """Write nothing: the state is kept by what reads."""

    def _increment_stream_state(
        self, latest_record: types.Record, *, context: types.Context | None = None
    ) -> None:
        """Change nothing: the state is kept by what reads."""

    def _finalize_state(self, state: dict[str, Any] | None = None) -> None:
        """Change nothing: the state is kept by what reads."""

    def _generate_record_messages(
        self, record: types.Record
    ) -> Generator[RecordMessage, None, None]:
        for message in super()._generate_record_messages(record):
            message.time_extracted = self.time_extracted
            yield message
