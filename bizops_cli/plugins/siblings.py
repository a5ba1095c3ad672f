"""Folders that a source folder is built with: path dependencies of its pyproject.toml.

They are written as direct references (`name @ file:///...`, with hatch's
`{root:parent:uri}` for the folder above) or as `[tool.uv.sources] name = {path = ...}`.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROOT = re.compile(r"\{root((?::parent)*)(?::uri|:real)?\}")


def source_folders(path: Path) -> list[Path]:
    """Return the path itself and, for a folder, all folders it is built with."""
    found: list[Path] = []
    waiting = [path]
    while waiting:
        folder = waiting.pop(0)
        if folder not in found:
            found.append(folder)
            waiting += path_dependencies(folder)
    return found


def distribution_name(path: Path) -> str | None:
    """Return the name a source folder's pyproject.toml gives; None if it has none."""
    name = _table(_read_pyproject(path), "project").get("name")
    return name if isinstance(name, str) else None


def path_dependencies(folder: Path) -> list[Path]:
    """Return the folders and files a source folder depends on by path, as they exist.

    What is not there is left out: the installer will say so.
    """
    document = _read_pyproject(folder)
    named = [*_direct_references(document, folder), *_uv_sources(document, folder)]
    return list(dict.fromkeys(p.resolve() for p in named if p.exists()))


def _direct_references(document: dict[str, Any], folder: Path) -> Iterator[Path]:
    project = _table(document, "project")
    groups = [
        project.get("dependencies"),
        _table(document, "build-system").get("requires"),
        *_table(project, "optional-dependencies").values(),
    ]
    for group in groups:
        for requirement in group if isinstance(group, list) else []:
            if isinstance(requirement, str) and "@" in requirement:
                found = _referenced(requirement.partition("@")[2], folder)
                if found is not None:
                    yield found


def _referenced(reference: str, folder: Path) -> Path | None:
    """Return the path of a direct reference; None if it is not on this machine."""
    text = _ROOT.sub(lambda match: _root(match, folder), reference.partition(";")[0])
    text = text.strip().partition("#")[0]
    if text.startswith("file:"):
        return Path(unquote(urlsplit(text).path))
    return Path(text) if text.startswith("/") else None


def _root(match: re.Match[str], folder: Path) -> str:
    for _ in range(match.group(1).count(":parent")):
        folder = folder.parent
    return folder.as_posix()


def _uv_sources(document: dict[str, Any], folder: Path) -> Iterator[Path]:
    for source in _table(_table(document, "tool"), "uv", "sources").values():
        for item in source if isinstance(source, list) else [source]:
            if isinstance(item, dict) and isinstance(item.get("path"), str):
                yield folder / item["path"]


def _read_pyproject(folder: Path) -> dict[str, Any]:
    try:
        return tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))
    except (OSError, ValueError):
        return {}


def _table(document: dict[str, Any], *names: str) -> dict[str, Any]:
    value: object = document
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}
