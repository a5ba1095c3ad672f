"""The target as a class of Meltano's Singer SDK.

For `--about` and `--help`, for the SDK's logging configuration, and for its standard
tests. Importing the SDK takes several times as long as everything else at the start of
a run, so `target` does without.
"""

from __future__ import annotations

from collections import Counter
from typing import IO, Any

import click
from singer_sdk import Target
from singer_sdk.exceptions import (
    MissingKeyPropertiesError,
    RecordsWithoutSchemaException,
)
from singer_sdk.helpers.capabilities import (
    CapabilitiesEnum,
    PluginCapabilities,
    TargetCapabilities,
)

from target_postgres.engine import Engine
from target_postgres.errors import (
    ConfigError,
    MissingKeyError,
    NoSchemaError,
)
from target_postgres.setting_list import config_schema
from target_postgres.settings import Settings, read_settings
from target_postgres.signals import StopSignal
from target_postgres.target import (
    FROM_ENVIRONMENT,
    open_input,
    print_state,
    read_config_file,
    warn_of_unknown,
)


class BatchForms(CapabilitiesEnum):
    """Forms of BATCH files read here besides the SDK's own."""

    BATCH_PGCOPY = "batch-pgcopy"


class _EngineReader:
    """Stands where the SDK's message reader would: the engine reads instead."""

    def __init__(self) -> None:
        self.engine: Engine | None = None
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
            settings = self.engine.settings
            self.engine.run(open_input(settings, file_input, stop=self.stop))
        return Counter()


class TargetPostgres(Target):
    """Singer target for PostgreSQL: exact values, state committed with the rows."""

    name = "target-postgres"
    package_name = "bizops-target-postgres"
    config_jsonschema = config_schema()
    capabilities = [  # noqa: RUF012 - the SDK's own declaration
        PluginCapabilities.ABOUT,
        PluginCapabilities.ACTIVATE_VERSION,
        PluginCapabilities.BATCH,
        BatchForms.BATCH_PGCOPY,
        PluginCapabilities.FLATTENING,
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
        self.settings = settings
        reader.engine = Engine(settings, emit_state=print_state, stop=reader.stop)

    @classmethod
    def cb_config(cls, *arguments: Any) -> Any:  # noqa: ANN401 - click's callback
        """Read the config files.

        Args:
            arguments: As click calls it.

        Raises:
            ConfigError: If a file is not there or is not JSON.
        """
        for path in arguments[-1] or ():
            if path != FROM_ENVIRONMENT:
                read_config_file(path)
        return super().cb_config(*arguments)

    def _validate_config(
        self,
        *,
        raise_errors: bool = True,
    ) -> list[str]:
        config = dict(self.config)
        warn_of_unknown(config)
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


def run_sdk_command() -> int:
    """Run the SDK's own command line.

    Returns:
        The exit status.

    Raises:
        TargetError: If the run cannot go on.
    """
    try:
        return TargetPostgres.cli(standalone_mode=False) or 0
    except click.ClickException as error:
        error.show()
        return 2
    except click.Abort:
        return 130


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
