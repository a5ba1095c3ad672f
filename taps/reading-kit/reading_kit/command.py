"""A tap's command line and its run, but for what it reads."""

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

from reading_kit.call_metrics import CallMeter
from reading_kit.clock import SystemClock
from reading_kit.config_validation import (
    check_config,
    find_unknown_settings,
    normalize_config,
)
from reading_kit.errors import (
    SettingsError,
    StreamsFailedError,
    TapError,
    Terminated,
)
from reading_kit.json_files import parse_json_object, read_json_object
from reading_kit.personal import mark_personal
from reading_kit.record_stream import RecordStream
from reading_kit.running import combine_failures, sync_streams
from reading_kit.spool import Workshop
from reading_kit.stream import ReadingStream
from reading_kit.writing import BlockWriter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    from singer_sdk import Stream
    from singer_sdk.helpers.capabilities import CapabilitiesEnum
    from singer_sdk.singerlib.encoding.base import GenericSingerWriter

    from reading_kit.call_metrics import CallsMade

logger = logging.getLogger(__name__)


class ReadingTap(Tap):
    """A tap of the kit: it adds name, settings' schema and ``discover_streams``.

    Attributes:
        ignored_settings: Settings of other taps that are accepted in silence and
            change nothing.
        clock: Where all waiting happens; a signal cuts it short.
    """

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
    ignored_settings: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - the SDK's own
        self._stopping = threading.Event()
        self._signum: int | None = None
        self.clock = SystemClock(self._stopping)
        super().__init__(**kwargs)

    # What a tap says for itself

    def normalize(self, raw: dict[str, Any]) -> dict[str, Any]:
        """Bring a config into one form before it is checked."""
        return normalize_config(
            raw, self.config_jsonschema, ignored=self.ignored_settings
        )

    def worker_count(self) -> int:
        """Give how many threads load ahead."""
        return int(self.config.get("max_workers") or 4)

    def missing_streams(self) -> Sequence[str]:
        """Give the streams the catalog selects that cannot be read at all."""
        return ()

    def prepare_run(self, streams: Sequence[Stream]) -> None:
        """Do what comes before the first stream; ``streams`` are the selected ones."""

    def end_stream(self, stream: Stream) -> None:
        """Do what comes after a stream, whether it ended well or not."""

    def finish_run(self) -> None:
        """Do what comes after the last stream, e.g. tell the API calls made."""

    def calls_made(self) -> CallsMade | None:
        """Give the API calls so far; asked now and then, from another thread."""
        return None

    def abandon_run(self) -> None:
        """Clean up on the server when a signal or a fatal error ends the run."""

    # Parts

    @cached_property
    def workshop(self) -> Workshop:
        """Give the threads that load ahead, and the folder of what they load."""
        return Workshop(self.worker_count(), name=self.name)

    @property
    def block_writer(self) -> BlockWriter:
        """Give the writer of all messages."""
        writer = self.message_writer
        if not isinstance(writer, BlockWriter):
            msg = f"{self.name} writes through its own BlockWriter only"
            raise TypeError(msg)
        return writer

    # Configuration, catalog and state

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        """Check the config without ever quoting a value."""
        self.append_builtin_config(self.config_jsonschema)
        self._config = self.normalize(self._config)
        for name, spec in self.config_jsonschema["properties"].items():
            if (default := spec.get("default")) is not None:
                self._config.setdefault(name, copy.deepcopy(default))
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

    def setup_mapper(self) -> None:
        """Register the schemas as they will be written, not as catalogs have them."""
        super().setup_mapper()
        for stream in self.streams.values():
            if not isinstance(stream, ReadingStream):
                continue
            if stream.selected:
                stream.warn_about_changes()
                self.mapper.register_raw_stream_schema(
                    stream.name, stream.emitted_schema(), stream.primary_keys
                )
            elif self.input_catalog is None:
                # The SDK takes a stream that is off by default for one without columns.
                self.mapper.register_raw_stream_schema(
                    stream.name, stream.schema, stream.primary_keys
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

    @property
    def catalog_dict(self) -> dict[str, Any]:
        """Give the catalog, with what fields tell about persons."""
        catalog: dict[str, Any] = super().catalog_dict
        for entry in catalog["streams"]:
            stream, schema = self.streams[entry["tap_stream_id"]], entry["schema"]
            if isinstance(stream, RecordStream):
                schema["properties"] = mark_personal(
                    schema["properties"], stream.personal_class
                )
        return catalog

    # The run

    def sync_all(self) -> None:  # type: ignore[misc] # the SDK's stops at the first failure
        """Sync all selected streams; a failed one does not stop the others.

        Raises:
            StreamsFailedError: at the end, when some streams are not complete.
            TapError: when going on makes no sense.
        """
        if self.state:
            self.state_writer.write_state(self.state)
        streams = [stream for stream in self.streams.values() if stream.selected]
        with CallMeter(self.calls_made).telling():
            self.prepare_run(streams)
            failures = sync_streams(
                streams, missing=self.missing_streams(), on_end=self.end_stream
            )
            self.finish_run()
        # What ended well is handed over, whatever became of the others.
        self.block_writer.flush()
        if failures:
            raise combine_failures(failures)

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
            name: _as_text(spec)
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
        except StreamsFailedError:
            raise
        except BaseException:
            tap.abandon_run()
            raise
        finally:
            tap.close(is_waiting=is_done)


def _as_text(spec: dict[str, Any]) -> dict[str, Any]:
    """Give a plain setting as text, so that the check and not the SDK converts it."""
    kinds = spec.get("type", ())
    return spec if "object" in kinds else {"type": ["string", "null"]}


def run(tap: type[ReadingTap], arguments: Sequence[str]) -> int:
    """Run a tap's command line and give the exit status; messages go to stderr."""
    try:
        status = tap.cli.main(
            list(arguments), prog_name=tap.name, standalone_mode=False
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


def run_as_process(tap: type[ReadingTap]) -> NoReturn:
    """Run a tap as a process, and end it with its exit status."""
    status = run(tap, sys.argv[1:])
    if status == 0:
        sys.exit(0)
    logging.shutdown()
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
    # Threads may still wait for an answer nobody needs any more.
    os._exit(status)
