"""The checked settings as values. Pure but for the list of files a config names."""

from __future__ import annotations

import codecs
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reading_kit.errors import SettingsError
from tap_csv.layout import Column, Layout

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the cells of a file are written.

    Attributes:
        delimiter: None takes what the file's name says.
    """

    delimiter: str | None = None
    encoding: str = "utf-8"
    quotechar: str = '"'
    escapechar: str | None = None
    doublequote: bool = True
    skipinitialspace: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the setting ``files``.

    Attributes:
        path: A folder, a file or a pattern.
        entity: Name of the stream that all of its files make; else each makes its own.
        keys: What tells rows apart.
    """

    path: str
    dialect: Dialect
    entity: str | None = None
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings.

    Attributes:
        layouts: What the setting ``schema`` tells, by stream.
        knows_inputs: Whether the names of BizOps's inputs count.
    """

    places: tuple[Place, ...]
    layouts: Mapping[str, Layout]
    knows_inputs: bool


def parse_settings(config: Mapping[str, Any]) -> Settings:
    """Read a checked config.

    Raises:
        SettingsError: it names no files, or something that cannot be used.
    """
    entries = [*config.get("files", ()), *_read_definition(config)]
    if not entries:
        raise SettingsError("files: name a folder, a file or a pattern")
    usual = _new_dialect(config, Dialect(), name="config")
    return Settings(
        tuple(_new_place(entry, usual) for entry in entries),
        {
            name: _new_layout(name, spec)
            for name, spec in (config.get("schema") or {}).items()
        },
        knows_inputs=config["known_inputs"],
    )


def _read_definition(config: Mapping[str, Any]) -> list[Any]:
    name = config.get("csv_files_definition")
    if not name:
        return []
    try:
        found = json.loads(Path(name).read_text(encoding="utf-8"))
    except OSError as error:
        msg = f"csv_files_definition: {name}: {error.strerror}"
        raise SettingsError(msg) from None
    except ValueError:
        raise SettingsError(f"csv_files_definition: {name}: not JSON") from None
    if not isinstance(found, list) or not all(
        isinstance(entry, dict) and isinstance(entry.get("path"), str)
        for entry in found
    ):
        msg = f"csv_files_definition: {name}: expected a list of objects with `path`"
        raise SettingsError(msg)
    return found


def _new_place(entry: str | Mapping[str, Any], usual: Dialect) -> Place:
    if isinstance(entry, str):
        return Place(entry, usual)
    path = entry["path"]
    return Place(
        path,
        _new_dialect(entry, usual, name=f"files: {path}"),
        entry.get("entity"),
        tuple(entry.get("keys") or ()),
    )


def _new_dialect(given: Mapping[str, Any], usual: Dialect, *, name: str) -> Dialect:
    names = Dialect.__dataclass_fields__
    changes = {key: given[key] for key in names if given.get(key) is not None}
    dialect = replace(usual, **changes)
    for key in ("delimiter", "quotechar", "escapechar"):
        value = getattr(dialect, key)
        if value is not None and (len(value) != 1 or value in "\r\n"):
            raise SettingsError(f"{name}: {key} must be one character")
    try:
        codecs.lookup(dialect.encoding)
    except LookupError:
        msg = f"{name}: encoding: Python knows no {dialect.encoding!r}"
        raise SettingsError(msg) from None
    return dialect


def _new_layout(name: str, spec: Mapping[str, Any]) -> Layout:
    keys = tuple(spec.get("keys") or ())
    columns = {
        column: Column(column, kind, is_needed=column in keys)
        for column, kind in (spec.get("columns") or {}).items()
    }
    return with_keys(Layout(columns=columns), keys, name=name)


def with_keys(layout: Layout, keys: tuple[str, ...], *, name: str) -> Layout:
    """Give a layout other keys, whose columns are needed.

    Raises:
        SettingsError: a key stands twice.
    """
    if len(set(keys)) != len(keys):
        raise SettingsError(f"{name}: keys: a column stands twice")
    columns = {
        **layout.columns,
        **{
            key: replace(layout.columns.get(key, Column(key)), is_needed=True)
            for key in keys
        },
    }
    return replace(layout, keys=keys, columns=columns)
