"""The command `target-postgres`."""

from __future__ import annotations

import argparse
import logging
import os
import stat
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn

import msgspec

from target_postgres.engine import Engine
from target_postgres.errors import ConfigError, OutputClosedError, TargetError
from target_postgres.lines import read_lines, read_text_lines
from target_postgres.setting_list import SETTINGS
from target_postgres.settings import Settings, read_settings, unknown_settings
from target_postgres.signals import StopSignal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from target_postgres.lines import Lines

logger = logging.getLogger("target-postgres")

FROM_ENVIRONMENT = "ENV"
_LONGEST_WAIT_S = 1.0
_LOG_FORMAT = "{asctime:23s} | {levelname:8s} | {name:30s} | {message}"
_LOG_CONFIG = "SINGER_SDK_LOG_CONFIG"
_LOG_LEVELS = ("TARGET_POSTGRES_LOGLEVEL", "LOGLEVEL")
# What the SDK's own command line answers.
_SDK_OPTIONS = frozenset({"--about", "--help", "--format"})


def main() -> NoReturn:
    """Run `target-postgres` and exit with the status of what happened."""
    try:
        status = _run(sys.argv[1:])
    except TargetError as error:
        logger.error("%s", error)  # noqa: TRY400 - one line, no traceback
        if isinstance(error, OutputClosedError):
            _silence_stdout()
        status = error.status
    sys.exit(status)


def _run(arguments: Sequence[str]) -> int:
    names = {argument.partition("=")[0] for argument in arguments}
    if names & _SDK_OPTIONS or os.environ.get(_LOG_CONFIG):
        from target_postgres.sdk_target import run_sdk_command

        return run_sdk_command()
    options = _parser().parse_args(arguments)
    if options.version:
        from importlib.metadata import version

        sys.stdout.write(f"target-postgres {version('bizops-target-postgres')}\n")
        return 0
    _start_logging()
    config = read_config(options.config)
    warn_of_unknown(config)
    settings = read_settings(config)
    stop = StopSignal()
    stop.install(grace_s=settings.stop_grace_seconds)
    engine = Engine(settings, emit_state=print_state, stop=stop)
    if options.input is None:
        engine.run(open_input(settings, None, stop=stop))
        return 0
    with _open_input_file(options.input) as file:
        engine.run(open_input(settings, file, stop=stop))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "target-postgres", add_help=False, allow_abbrev=False
    )
    parser.add_argument("--config", action="append", default=[])
    parser.add_argument("--input")
    parser.add_argument("--version", action="store_true")
    return parser


def _start_logging() -> None:
    level = next((os.environ[each] for each in _LOG_LEVELS if os.environ.get(each)), "")
    known = logging.getLevelNamesMapping()
    logging.basicConfig(
        level=known.get(level.upper(), logging.INFO), format=_LOG_FORMAT, style="{"
    )


def read_config(sources: Sequence[str]) -> dict[str, Any]:
    """Read config files, later ones over earlier ones.

    Args:
        sources: Paths; `ENV` stands for the environment's TARGET_POSTGRES_ variables.

    Raises:
        ConfigError: If a file is not there or is not a JSON object.
    """
    config: dict[str, Any] = {}
    for source in sources:
        if source == FROM_ENVIRONMENT:
            variables = {f"TARGET_POSTGRES_{s.name.upper()}": s.name for s in SETTINGS}
            config |= {
                name: os.environ[variable]
                for variable, name in variables.items()
                if variable in os.environ
            }
        else:
            config |= read_config_file(source)
    return config


def read_config_file(path: str) -> dict[str, Any]:
    """Read one config file; warn when others may read it.

    Raises:
        ConfigError: If it is not there or is not a JSON object.
    """
    try:
        content = Path(path).read_bytes()
        mode = stat.S_IMODE(Path(path).stat().st_mode)
        config: dict[str, Any] = msgspec.json.decode(content, type=dict[str, Any])
    except (OSError, ValueError) as error:
        # msgspec names the place, never the content.
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"the config {path} cannot be read: {reason}") from None
    if mode & 0o077:
        logger.warning(
            "config file %s may be read by others and holds secrets: chmod 600 it", path
        )
    return config


def warn_of_unknown(config: Mapping[str, Any]) -> None:
    """Warn of settings that mean nothing here."""
    for name in unknown_settings(config):
        logger.warning("setting %s is not known and left aside", name)


def _open_input_file(path: str) -> IO[bytes]:
    try:
        return Path(path).open("rb")
    except OSError as error:
        raise ConfigError(
            f"the input {path} cannot be read: {error.strerror}"
        ) from None


def open_input(
    settings: Settings, file: IO[str] | IO[bytes] | None, *, stop: StopSignal
) -> Iterator[Lines]:
    """Read the input's lines.

    Args:
        settings: The run's settings.
        file: A file; standard input when None.
        stop: Ends the waiting.
    """
    opened: IO[Any] = sys.stdin if file is None else file
    try:
        descriptor = opened.fileno()
    except (OSError, ValueError):
        return read_text_lines(opened, max_line_bytes=settings.max_line_bytes)
    return read_lines(
        descriptor,
        max_line_bytes=settings.max_line_bytes,
        wait_s=min(_LONGEST_WAIT_S, settings.batch_wait_limit_seconds or 0.1),
        wakeup=stop.wakeup,
    )


def print_state(value: str) -> None:
    """Tell a state on standard output."""
    sys.stdout.write(f"{value}\n")
    sys.stdout.flush()


def _silence_stdout() -> None:
    """Keep Python from complaining of the closed output once more at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
