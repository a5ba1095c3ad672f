"""The code of a dbt project as one value: its fingerprint, and an archive of it."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from bizops_cli import __version__
from bizops_cli.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_WRITTEN_BY_DBT = frozenset({"target", "logs", "__pycache__"})
_CHANGES_NO_FIGURE = frozenset({"tests", "analyses"})
_SUFFIXES = frozenset({".sql", ".yml", ".yaml", ".csv", ".py", ".md", ".txt"})
_LARGEST_BYTES = 20 * 1024 * 1024
_FINGERPRINT_LENGTH = 32
_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class ModelCode:
    """A dbt project's files, and what they are known by.

    Attributes:
        fingerprint: The same for the same files and variables.
        archive: The files as a zip; None when they are too large to keep.
    """

    fingerprint: str
    archive: bytes | None


def read_code(project_directory: Path, variables: Mapping[str, object]) -> ModelCode:
    """Read a project's models, macros and seeds.

    Args:
        project_directory: Folder of dbt_project.yml.
        variables: The variables it is built with.

    Raises:
        OSError: A file cannot be read.
    """
    digest = _digest_of(variables)
    buffer, size_bytes = io.BytesIO(), 0
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in _files(project_directory, without=_CHANGES_NO_FIGURE):
            _add(digest, name, data)
            size_bytes += len(data)
            if size_bytes <= _LARGEST_BYTES:
                archive.writestr(zipfile.ZipInfo(name, _TIME), data)
    kept = buffer.getvalue() if size_bytes <= _LARGEST_BYTES else None
    return ModelCode(digest.hexdigest()[:_FINGERPRINT_LENGTH], kept)


def fingerprint_everything(
    project_directory: Path, variables: Mapping[str, object]
) -> str:
    """Return what a project is known by with its tests, and dbt with it.

    Args:
        project_directory: Folder of dbt_project.yml.
        variables: The variables it is built with.

    Raises:
        OSError: A file cannot be read.
    """
    digest = _digest_of(variables)
    digest.update(__version__.encode())
    for package in ("dbt-core", "dbt-postgres"):
        digest.update(version(package).encode())
    for name, data in _files(project_directory):
        _add(digest, name, data)
    return digest.hexdigest()[:_FINGERPRINT_LENGTH]


def unpack_code(archive: bytes, directory: Path) -> None:
    """Put an archived project into an empty folder.

    Raises:
        ConfigError: It is damaged.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as source:
            for name in source.namelist():
                path = PurePosixPath(name)
                if path.is_absolute() or ".." in path.parts:
                    raise ValueError(name)
                file = directory.joinpath(*path.parts)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(source.read(name))
    except (zipfile.BadZipFile, ValueError) as error:
        raise ConfigError(
            "the models kept in bizops.model_code are damaged",
            "Compare with a later run.",
        ) from error


def _digest_of(variables: Mapping[str, object]) -> hashlib._Hash:
    text = json.dumps(dict(variables), sort_keys=True, default=str)
    return hashlib.sha256(text.encode())


def _add(digest: hashlib._Hash, name: str, data: bytes) -> None:
    digest.update(f"\0{name}\0{len(data)}\0".encode())
    digest.update(data)


def _files(
    directory: Path, *, without: frozenset[str] = frozenset()
) -> Iterator[tuple[str, bytes]]:
    left_out = _WRITTEN_BY_DBT | without
    for file in sorted(directory.rglob("*")):
        path = file.relative_to(directory)
        is_hidden = any(part.startswith(".") for part in path.parts)
        if is_hidden or path.parts[0] in left_out or not file.is_file():
            continue
        if file.suffix in _SUFFIXES:
            yield path.as_posix(), file.read_bytes()
