"""Variables from the process and from `.env`; nothing is executed or filled in."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from bizops_cli.errors import ConfigError
from bizops_cli.redact import REDACTOR, is_secret_name

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def read_variables(
    directory: Path,
    *,
    environ: Mapping[str, str] | None = None,
    file: Path | None = None,
) -> dict[str, str]:
    """Return the variables a project sees; the process wins over `.env`.

    Args:
        directory: The project's folder, where `.env` may lie.
        environ: Instead of the process's own variables; over `.env` as well.
        file: Read this instead of `.env`; it must be there.

    Raises:
        ConfigError: `.env` has a line that is no `NAME=value`, or cannot be read.
    """
    own = process_variables() if environ is None else environ
    if file is not None and not file.is_file():
        raise ConfigError(f"there is no file {file}", "Correct --env-file.")
    kept = _read_dotenv(file or directory / ".env")
    REDACTOR.remember(text for name, text in kept.items() if is_secret_name(name))
    return {**kept, **own}


def process_variables() -> dict[str, str]:
    """Return this process's own variables."""
    return dict(os.environ)


def _read_dotenv(file: Path) -> dict[str, str]:
    if not file.is_file():
        return {}
    from dotenv.parser import parse_stream

    values: dict[str, str] = {}
    try:
        with file.open(encoding="utf-8-sig") as stream:
            for binding in parse_stream(stream):
                if binding.error or (binding.key and binding.value is None):
                    raise ConfigError(
                        f"{file.name}:{binding.original.line}: not a `NAME=value` line",
                        "Write NAME=value, or put a # before a comment.",
                    )
                if binding.key is not None:
                    values[binding.key] = binding.value or ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{file} cannot be read: {error}", "It must be readable UTF-8 text."
        ) from error
    return values
