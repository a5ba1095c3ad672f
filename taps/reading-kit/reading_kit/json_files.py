"""Reads the JSON files the command line names."""

from __future__ import annotations

import decimal
import json
from typing import IO, TYPE_CHECKING, Any

from reading_kit.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path


def read_json_object(path: Path, *, option: str) -> dict[str, Any]:
    """Read a file that must hold a JSON object.

    Raises:
        SettingsError: it cannot be read, or holds something else.
    """
    try:
        with path.open(encoding="utf-8") as file:
            return parse_json_object(file, option=option)
    except OSError as error:
        msg = f"{option}: {path}: {error.strerror}"
        raise SettingsError(msg) from None


def parse_json_object(file: IO[str], *, option: str) -> dict[str, Any]:
    """Parse an open file that must hold a JSON object; decimals stay exact.

    Raises:
        SettingsError: it holds something else; the line is named, never the text.
    """
    name = getattr(file, "name", "")
    try:
        value = json.loads(file.read(), parse_float=decimal.Decimal)
    except json.JSONDecodeError as error:
        msg = f"{option}: {name}:{error.lineno}:{error.colno}: {error.msg}"
        raise SettingsError(msg) from None
    except UnicodeDecodeError:
        msg = f"{option}: {name}: not UTF-8 text"
        raise SettingsError(msg) from None
    if not isinstance(value, dict):
        msg = f"{option}: {name}: must hold a JSON object"
        raise SettingsError(msg)
    return value
