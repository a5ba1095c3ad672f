"""What a plugin's environment was made from, as one hash."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
from pathlib import Path
from typing import TYPE_CHECKING

from bizops_cli.plugins.siblings import source_folders

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_FORM = 1  # raise it when environments must be made anew for another reason
_SKIPPED = re.compile(
    r"\..*|__pycache__|node_modules|build|dist|.*\.egg-info|.*\.py[co]"
)
_EXTRAS = re.compile(r"\[[^\]]*\]$")


def fingerprint(
    requirements: Sequence[str],
    directory: Path,
    *,
    lock: str | None = None,
    python: str | None = None,
) -> str:
    """Return a hash over requirements, Python and the sources of local paths.

    The sources of folders that a local folder names in its own pyproject.toml belong
    to it.

    Args:
        requirements: pip requirements as written.
        directory: What relative paths start from.
        lock: Hash of the lock file in force, if there is one.
        python: The Python asked for, if one was.
    """
    facts: dict[str, object] = {
        "form": _FORM,
        "requirements": list(requirements),
        "python": platform.python_version(),
        "platform": platform.platform(terse=True),
        "sources": [content_hash(path) for path in sources(requirements, directory)],
    }
    if lock is not None:
        facts["lock"] = lock
    if python is not None:
        facts["wanted_python"] = python
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def sources(requirements: Sequence[str], directory: Path) -> list[Path]:
    """Return every local file and folder an environment is made from, each once."""
    found: dict[Path, None] = {}
    for requirement in requirements:
        path = local_path(requirement, directory)
        if path is not None:
            found |= dict.fromkeys(source_folders(path))
    return list(found)


def local_path(requirement: str, directory: Path) -> Path | None:
    """Return the folder or file a requirement means; None for any other kind."""
    text = _EXTRAS.sub("", requirement.strip())
    if not text.startswith((".", "/", "~")):
        return None
    return (directory / Path(text).expanduser()).resolve()


def absolute(requirement: str, directory: Path) -> str:
    """Return the requirement as an installer understands it from anywhere."""
    path = local_path(requirement, directory)
    if path is None:
        return requirement
    extras = _EXTRAS.search(requirement.strip())
    return f"{path}{extras.group() if extras else ''}"


def content_hash(path: Path) -> str:
    """Return a hash over names and contents of a file or of a folder's sources."""
    digest = hashlib.sha256()
    for file in _source_files(path):
        digest.update(str(file.relative_to(path)).encode() + b"\0")
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _source_files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    for folder, folders, files in os.walk(path):
        folders[:] = sorted(name for name in folders if not _SKIPPED.fullmatch(name))
        for name in sorted(files):
            if not _SKIPPED.fullmatch(name):
                yield Path(folder, name)
