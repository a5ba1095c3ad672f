"""The tap: its command line, its streams, and one run over all of them."""

from __future__ import annotations

import contextlib
import copy
import logging
import os
import signal
import sys
import threading
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ClassVar, NoReturn

import click
from singer_sdk import Tap
from singer_sdk.configuration._dict_config import parse_environment_config
from singer_sdk.helpers._classproperty import classproperty
from singer_sdk.helpers.capabilities import PluginCapabilities, TapCapabilities
from singer_sdk.plugin_base import _ConfigInput

from tap_salesforce.bulk import BulkApi
from tap_salesforce.client import SalesforceClient
from tap_salesforce.clock import SystemClock
from tap_salesforce.config_schema import CONFIG_SCHEMA
from tap_salesforce.config_validation import check_config
from tap_salesforce.deleted_records import STREAM_NAME, DeletedRecordStream
from tap_salesforce.discovering import describe_objects, discover
from tap_salesforce.errors import (
    SettingsError,
    TapError,
    Terminated,
)
from tap_salesforce.json_files import parse_json_object, read_json_object
from tap_salesforce.rest import RestApi
from tap_salesforce.running import Run
from tap_salesforce.settings import (
    Settings,
    find_unknown_settings,
    normalize_config,
    parse_settings,
)
from tap_salesforce.spool import Workshop
from tap_salesforce.streams import SalesforceStream
from tap_salesforce.submitting import JobBoard
from tap_salesforce.writing import BlockWriter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    from singer_sdk.helpers.capabilities import CapabilitiesEnum
    from singer_sdk.singerlib.encoding.base import GenericSingerWriter

    from tap_salesforce.org_stream import OrgStream

logger = logging.getLogger(__name__)

_OWN_SETTINGS = frozenset(CONFIG_SCHEMA["properties"])


class TapSalesforce(Tap):
    """Singer tap for Salesforce, on Bulk API 2.0 and REST."""

    name = "tap-salesforce"
    package_name = "bizops-tap-salesforce"
    config_jsonschema = CONFIG_SCHEMA
    dynamic_catalog = True
    message_writer_class: type[GenericSingerWriter[Any, Any]] = BlockWriter
    capabilities: ClassVar[list[CapabilitiesEnum]] = [
        TapCapabilities.CATALOG,
        TapCapabilities.STATE,
        TapCapabilities.DISCOVER,
        TapCapabilities.ACTIVATE_VERSION,
        PluginCapabilities.ABOUT,
        PluginCapabilities.STREAM_MAPS,
        PluginCapabilities.FLATTENING,
        PluginCapabilities.BATCH,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - the SDK's own
        self.is_bulk_exhausted = False
        self._stopping = threading.Event()
        self._signum: int | None = None
        self._missing: list[str] = []
        super().__init__(**kwargs)

    # Parts

    @cached_property
    def settings(self) -> Settings:
        """Give the checked settings."""
        return parse_settings(self.config, version=self.plugin_version)

    @cached_property
    def client(self) -> SalesforceClient:
        """Give the connection to the org; nothing is asked before its first use."""
        return SalesforceClient(self.settings, clock=SystemClock(self._stopping))

    @cached_property
    def bulk(self) -> BulkApi:
        """Give the org's bulk jobs."""
        return BulkApi(self.client)

    @cached_property
    def rest(self) -> RestApi:
        """Give the org's queries."""
        return RestApi(self.client)

    @cached_property
    def workshop(self) -> Workshop:
        """Give the threads that load pages."""
        return Workshop(self.settings.max_workers)

    @cached_property
    def board(self) -> JobBoard:
        """Give the jobs submitted ahead."""
        return JobBoard(self.workshop, limit=self.settings.max_workers)

    @property
    def block_writer(self) -> BlockWriter:
        """Give the writer of all messages."""
        writer = self.message_writer
        if not isinstance(writer, BlockWriter):
            msg = "tap-salesforce writes through its own BlockWriter only"
            raise TypeError(msg)
        return writer

    # Configuration and catalog

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        """Check the config without ever quoting a value."""
        self._config = normalize_config(self._config)
        self.append_builtin_config(self.config_jsonschema)
        errors = check_config(self._config, self.config_jsonschema)
        if errors and raise_errors:
            raise SettingsError("; ".join(errors))
        if not errors:
            for name, near in find_unknown_settings(
                self._config, self.config_jsonschema
            ).items():
                hint = f" (did you mean {near}?)" if near else ""
                self.logger.warning("Setting %s is not known%s", name, hint)
        return errors

    def discover_streams(self) -> Sequence[OrgStream]:
        """Ask the org: for the catalog's selected streams, or else for all."""
        catalog = self.input_catalog
        if catalog is None:
            specs = discover(self.client, self.rest)
        else:
            names = [
                entry.tap_stream_id
                for entry in catalog.streams
                if entry.tap_stream_id != STREAM_NAME
                and entry.metadata.resolve_selection().get((), True)
            ]
            specs = describe_objects(self.client, self.rest, names)
            self._missing = sorted(set(names) - {spec.name for spec in specs})
        streams: list[OrgStream] = [SalesforceStream(self, spec) for spec in specs]
        if self.settings.are_hard_deletes_detected:
            streams.append(DeletedRecordStream(self))
        return streams

    def deletable_objects(self) -> list[str]:
        """Give the selected objects whose deletions Salesforce tells."""
        return [
            stream.name
            for stream in self.streams.values()
            if isinstance(stream, SalesforceStream)
            and stream.selected
            and stream.spec.is_replicateable
            and "Id" in stream.primary_keys
        ]

    def setup_mapper(self) -> None:
        """Register the schemas as they will be written, not as catalogs have them."""
        super().setup_mapper()
        for stream in self.streams.values():
            if isinstance(stream, SalesforceStream) and stream.selected:
                stream.warn_about_changes()
                self.mapper.register_raw_stream_schema(
                    stream.name, stream.emitted_schema(), stream.primary_keys
                )

    def load_state(self, state: dict[str, Any]) -> None:
        """Take a state over whole, with the bookmarks of streams not selected.

        Raises:
            SettingsError: it is not a state.
        """
        bookmarks: object = state.get("bookmarks", {})
        if not isinstance(bookmarks, dict) or not all(
            isinstance(entry, dict) for entry in bookmarks.values()
        ):
            msg = "state: expected an object with bookmarks by stream"
            raise SettingsError(msg)
        self._state.update(copy.deepcopy(state))  # type: ignore[typeddict-item] # whatever else it holds is kept

    # The run

    def sync_all(self) -> None:  # type: ignore[misc] # the SDK's stops at the first failure
        """Sync all selected streams; a failed one does not stop the others.

        Raises:
            StreamsFailedError: at the end, when some streams are not complete.
            TapError: when going on makes no sense.
        """
        if self.state:
            self.state_writer.write_state(self.state)
        Run(self, missing=self._missing).sync()
        self.block_writer.flush()

    def close(self, *, is_waiting: bool = False) -> None:
        """Stop threads, once they are done if ``is_waiting``; remove spooled pages."""
        if not is_waiting:
            self._stopping.set()
        if "workshop" in self.__dict__:
            self.workshop.close(is_waiting=is_waiting)

    # Signals and command line

    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Stop between two writes; a second signal stops at once."""
        is_second = self._signum is not None
        self._signum = signum
        self._stopping.set()
        writer = getattr(self, "message_writer", None)
        if isinstance(writer, BlockWriter) and writer.is_writing and not is_second:
            writer.after_write = self._stop_now
            return
        self._stop_now()

    def _stop_now(self) -> NoReturn:
        raise Terminated(self._signum or signal.SIGTERM)

    @classproperty
    def _env_var_config(cls) -> dict[str, Any]:  # noqa: N805 - a class property
        """Read settings from the environment as text; the config check converts."""
        cls.append_builtin_config(cls.config_jsonschema)
        properties = {
            name: {"type": ["string", "null"]} if name in _OWN_SETTINGS else spec
            for name, spec in cls.config_jsonschema["properties"].items()
        }
        return parse_environment_config({"properties": properties}, cls._env_var_prefix)

    @classmethod
    def cb_config(
        cls,
        ctx: click.Context,
        param: click.Option,
        value: tuple[str, ...],
    ) -> _ConfigInput:
        """Read the config files.

        Raises:
            SettingsError: one is missing or is not a JSON object.
        """
        for path in value:
            if path != "ENV":
                read_json_object(Path(path), option="--config")
        return super().cb_config(ctx, param, value)

    @classmethod
    def invoke(  # type: ignore[override] # like the SDK's own
        cls,
        *,
        about: bool = False,
        about_format: str | None = None,
        config: _ConfigInput | None = None,
        state: IO[str] | None = None,
        catalog: IO[str] | None = None,
    ) -> None:
        """Run the command: show the settings, or sync."""
        super(Tap, cls).invoke(about=about, about_format=about_format)
        cls.print_version(print_fn=cls.logger.info)
        config = config or _ConfigInput()
        tap = cls(
            config=config.config,
            state=None if state is None else parse_json_object(state, option="--state"),
            catalog=None
            if catalog is None
            else parse_json_object(catalog, option="--catalog"),
            parse_env_config=config.parse_env,
        )
        is_done = False
        try:
            tap.sync_all()
            is_done = True
        finally:
            tap.close(is_waiting=is_done)


def run(arguments: Sequence[str]) -> int:
    """Run the command line and give the exit status; messages go to stderr."""
    try:
        status = TapSalesforce.cli.main(
            list(arguments), prog_name=TapSalesforce.name, standalone_mode=False
        )
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return 128 + signal.SIGINT
    except Terminated as stop:
        logger.error("stopped by %s", stop)  # noqa: TRY400 - no traceback
        return stop.exit_code
    except TapError as error:
        logger.error("%s", error)  # noqa: TRY400
        return error.exit_code
    return status if isinstance(status, int) else 0


def main() -> NoReturn:
    """Run as a process."""
    status = run(sys.argv[1:])
    if status == 0:
        sys.exit(0)
    logging.shutdown()
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
    # Threads may still wait for an answer nobody needs any more.
    os._exit(status)


if __name__ == "__main__":
    main()
