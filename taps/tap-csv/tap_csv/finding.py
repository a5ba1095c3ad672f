"""Which files there are, and the stream each belongs to."""

from __future__ import annotations

import glob
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from reading_kit.errors import SettingsError
from tap_csv.known_inputs import KNOWN_INPUTS
from tap_csv.layout import Layout
from tap_csv.settings import with_keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_csv.settings import Dialect, Place, Settings

_ENDINGS = {".csv": ",", ".tsv": "\t"}


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file.

    Attributes:
        label: What rows and messages call it.
        dialect: How it is written, with its delimiter.
    """

    path: Path
    label: str
    dialect: Dialect


@dataclass(frozen=True, slots=True)
class Source:
    """The files of one stream, and what they are to hold."""

    name: str
    files: tuple[SourceFile, ...]
    layout: Layout


def find_sources(settings: Settings) -> list[Source]:
    """Give the streams that there are files of, by name.

    Raises:
        SettingsError: a place is not there, or two places make the same stream.
    """
    found: dict[str, tuple[Place, list[Path]]] = {}
    for place in settings.places:
        for path in _expand(place.path):
            name = place.entity or _stream_name(path, settings)
            owner, paths = found.setdefault(name, (place, []))
            if path in paths:
                continue
            if paths and (owner is not place or place.entity is None):
                msg = (
                    f"files: {paths[0]} and {path} would both be stream {name}; rename "
                    "one, or name both in one entry with an `entity`"
                )
                raise SettingsError(msg)
            paths.append(path)
    return [
        _new_source(name, place, paths, settings)
        for name, (place, paths) in sorted(found.items())
    ]


def _expand(place: str) -> Iterator[Path]:
    path = Path(place).expanduser()
    if path.is_dir():
        yield from sorted(each for each in path.iterdir() if _is_data(each))
    elif path.exists():
        yield path
    elif glob.has_magic(place):
        yield from sorted(
            Path(each)
            for each in glob.glob(str(path), recursive=True)  # noqa: PTH207 - patterns may be absolute
            if Path(each).is_file()
        )
    else:
        raise SettingsError(f"files: {place}: no such file or folder")


def _is_data(path: Path) -> bool:
    is_hidden = path.name.startswith((".", "~$"))
    return path.suffix.lower() in _ENDINGS and not is_hidden and path.is_file()


def _stream_name(path: Path, settings: Settings) -> str:
    stem = path.stem
    is_known = settings.knows_inputs and stem.lower() in KNOWN_INPUTS
    return stem.lower() if is_known else stem


def _new_source(
    name: str, place: Place, paths: list[Path], settings: Settings
) -> Source:
    base = os.path.commonpath([path.parent.resolve() for path in paths])
    files = tuple(
        SourceFile(
            path,
            Path(os.path.relpath(path.resolve(), base)).as_posix(),
            replace(
                place.dialect,
                delimiter=place.dialect.delimiter
                or _ENDINGS.get(path.suffix.lower(), ","),
            ),
        )
        for path in paths
    )
    return Source(name, files, _layout_of(name, place, settings))


def _layout_of(name: str, place: Place, settings: Settings) -> Layout:
    """Give what is known of a stream: an input of BizOps, and what settings add."""
    known = KNOWN_INPUTS.get(name, Layout()) if settings.knows_inputs else Layout()
    given = settings.layouts.get(name, Layout())
    layout = replace(known, columns={**known.columns, **given.columns})
    return with_keys(layout, given.keys or place.keys or known.keys, name=name)
