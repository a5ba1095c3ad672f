"""The command `target-postgres`, and the SDK's view of it."""

from __future__ import annotations

import logging
import os
import sys
from collections import Counter
from typing import IO, TYPE_CHECKING, Any, NoReturn

import click
from singer_sdk import Target
from singer_sdk.exceptions import (
    MissingKeyPropertiesError,
    RecordsWithoutSchemaException,
)
from singer_sdk.helpers.capabilities import PluginCapabilities, TargetCapabilities

from target_postgres.engine import Engine
from target_postgres.errors import (
    ConfigError,
    MissingKeyError,
    NoSchemaError,
    OutputClosedError,
    TargetError,
)
from target_postgres.lines import Lines, read_lines, read_text_lines
from target_postgres.setting_list import config_schema
from target_postgres.settings import (
    Settings,
    read_settings,
    unknown_settings,
)
from target_postgres.signals import StopSignal

if TYPE_CHECKING:
    from collections.abc import Iterator

logger = logging.getLogger("target-postgres")

_LONGEST_WAIT_S = 1.0


class _EngineReader:
    """Stands where the SDK's message reader would: the engine reads instead."""

    def __init__(self) -> None:
        self.engine: Engine | None = None
        self.settings: Settings | None = None
        self.stop = StopSignal()

    def process_lines(
        self, file_input: IO[str] | None, callbacks: object
    ) -> Counter[str]:
        """Run the engine over the input.

        Args:
            file_input: A text file; standard input when None.
            callbacks: The SDK's own processing, not used.
        """
        del callbacks
        if self.engine is not None:
            self.engine.run(self._chunks(file_input))
        return Counter()

    def _chunks(self, file_input: IO[str] | None) -> Iterator[Lines]:
        settings = self.settings
        if settings is None:
            return iter(())
        file = sys.stdin if file_input is None else file_input
        try:
            descriptor = file.fileno()
        except (OSError, ValueError):
            return read_text_lines(file, max_line_bytes=settings.max_line_bytes)
        return read_lines(
            descriptor,
            max_line_bytes=settings.max_line_bytes,
            wait_s=min(_LONGEST_WAIT_S, settings.batch_wait_limit_seconds or 0.1),
            wakeup=self.stop.wakeup,
        )


class TargetPostgres(Target):
    """Singer target for PostgreSQL: exact values, state committed with the rows."""

    name = "target-postgres"
    package_name = "bizops-target-postgres"
    config_jsonschema = config_schema()
    capabilities = [  # noqa: RUF012 - the SDK's own declaration
        PluginCapabilities.ABOUT,
        PluginCapabilities.ACTIVATE_VERSION,
        PluginCapabilities.STRUCTURED_LOGGING,
        TargetCapabilities.HARD_DELETE,
        TargetCapabilities.TARGET_SCHEMA,
        TargetCapabilities.VALIDATE_RECORDS,
    ]

    def __init__(self, **arguments: Any) -> None:  # noqa: ANN401 - the SDK's
        """Read the config and prepare a run.

        Args:
            arguments: As `singer_sdk.Target` takes them.

        Raises:
            ConfigError: If a setting is wrong.
        """
        reader = _EngineReader()
        self.settings: Settings | None = None
        arguments = {**arguments, "message_reader": reader, "setup_mapper": False}
        self._reader = reader
        super().__init__(**arguments)

    def _prepare(self, settings: Settings) -> None:
        reader = self._reader
        self.settings = reader.settings = settings
        reader.engine = Engine(settings, emit_state=_print_state, stop=reader.stop)

    @classmethod
    def cb_config(cls, *arguments: Any) -> Any:  # noqa: ANN401 - click's callback
        """Read the config files.

        Args:
            arguments: As click calls it.

        Raises:
            ConfigError: If a file is not there or is not JSON.
        """
        try:
            return super().cb_config(*arguments)
        except (OSError, ValueError) as error:
            raise ConfigError(f"the config cannot be read: {error}") from None

    def _validate_config(
        self,
        *,
        raise_errors: bool = True,
    ) -> list[str]:
        config = dict(self.config)
        for name in unknown_settings(config):
            logger.warning("setting %s is not known and left aside", name)
        try:
            self._prepare(read_settings(config))
        except ConfigError as error:
            if raise_errors:
                raise
            return [str(error)]
        return []

    def _setup_signal_handlers(self) -> None:
        """Leave the signals to `invoke`: a test's process keeps its own."""

    def process_endofpipe(self) -> None:
        """Do nothing: the engine has written everything when the input ended."""

    @classmethod
    def invoke(  # type: ignore[override]
        cls,
        *,
        about: bool = False,
        about_format: str | None = None,
        config: Any = None,  # noqa: ANN401 - the SDK's private type
        file_input: IO[str] | None = None,
    ) -> None:
        """Run the command.

        Args:
            about: Whether to print what the target is, and nothing else.
            about_format: `json` or `markdown`.
            config: The SDK's collected config files.
            file_input: A file to read instead of standard input.
        """
        if about:
            cls.print_about(about_format)
            return
        target = cls(
            config=config.config if config else {},
            parse_env_config=bool(config and config.parse_env),
        )
        if target.settings is not None:
            target._reader.stop.install(grace_s=target.settings.stop_grace_seconds)
        target._reader.process_lines(file_input, callbacks=None)


class StandardTargetPostgres(TargetPostgres):
    """The same, raising the SDK's own exceptions where its tests ask for them."""

    def __init__(self, **arguments: Any) -> None:  # noqa: ANN401 - the SDK's
        """Prepare a run.

        Args:
            arguments: As `singer_sdk.Target` takes them.
        """
        super().__init__(**arguments)
        self._reader.process_lines = _with_sdk_errors(  # type: ignore[method-assign]
            self._reader.process_lines
        )


def _with_sdk_errors(process_lines: Any) -> Any:  # noqa: ANN401 - a plain wrapper
    def process(file_input: IO[str] | None, callbacks: object) -> Counter[str]:
        try:
            counter: Counter[str] = process_lines(file_input, callbacks)
        except NoSchemaError as error:
            raise RecordsWithoutSchemaException(str(error)) from error
        except MissingKeyError as error:
            raise MissingKeyPropertiesError(str(error)) from error
        return counter

    return process


def _print_state(value: str) -> None:
    sys.stdout.write(f"{value}\n")
    sys.stdout.flush()


def main() -> NoReturn:
    """Run `target-postgres` and exit with the status of what happened."""
    try:
        status = TargetPostgres.cli(standalone_mode=False)
    except TargetError as error:
        logger.error("%s", error)  # noqa: TRY400 - one line, no traceback
        if isinstance(error, OutputClosedError):
            _silence_stdout()
        status = error.status
    except click.ClickException as error:
        error.show()
        status = 2
    except click.Abort:
        status = 130
    sys.exit(status or 0)


def _silence_stdout() -> None:
    """Keep Python from complaining of the closed output once more at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
