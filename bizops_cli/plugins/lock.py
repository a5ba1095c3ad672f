"""Locked plugins: exact versions with hashes, in a file that is committed.

`bizops.lock/<plugin>.txt` holds everything a plugin needs from a package index, with
hashes, as pip and uv read it. Folders of the project itself are not in it: they are
installed as they are. Its first line says what it was made from.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bizops_cli.errors import InstallError
from bizops_cli.plugins.fingerprint import local_path, sources
from bizops_cli.plugins.siblings import distribution_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FOLDER = "bizops.lock"
_HEAD = "# bizops lock 1 of "
_NAMED_ADDRESS = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*@")


@dataclass(frozen=True, slots=True)
class Lock:
    """A plugin's lock file.

    Attributes:
        file: Where it is, or will be.
        wanted: What its first line must say for what bizops.yml has now.
    """

    file: Path
    wanted: str

    @property
    def is_there(self) -> bool:
        """Tell whether the plugin is locked."""
        return self.file.is_file()

    @property
    def is_fresh(self) -> bool:
        """Tell whether it was made from what bizops.yml has now."""
        if not self.is_there:
            return False
        head = self.file.read_text("utf-8").partition("\n")[0]
        return head == _HEAD + self.wanted

    def content_hash(self) -> str | None:
        """Return a hash of the file if it is in force; None if it is not."""
        if not self.is_fresh:
            return None
        return hashlib.sha256(self.file.read_bytes()).hexdigest()

    def text_with_head(self, resolved: str) -> str:
        """Return the file's text for what was resolved."""
        return f"{_HEAD}{self.wanted}\n{resolved}"


def lock_of(name: str, requirements: Sequence[str], directory: Path) -> Lock:
    """Return a plugin's lock, be it there or not.

    Args:
        name: The plugin.
        requirements: pip requirements as written.
        directory: The project's folder.
    """
    folders = sources(requirements, directory)
    facts = [
        list(requirements),
        [_project_table(folder) for folder in folders if folder.is_dir()],
    ]
    digest = hashlib.sha256(json.dumps(facts).encode()).hexdigest()
    return Lock(directory / FOLDER / f"{name}.txt", digest)


def unlocked_names(requirements: Sequence[str], directory: Path) -> list[str]:
    """Return the names of what is installed from folders and addresses.

    Raises:
        InstallError: An address has no name before it.
    """
    names = []
    for folder in sources(requirements, directory):
        name = distribution_name(folder) if folder.is_dir() else None
        if name:
            names.append(name)
    for requirement in requirements:
        is_local = local_path(requirement, directory) is not None
        if not is_local and "://" in requirement:
            match = _NAMED_ADDRESS.match(requirement)
            if match is None:
                raise InstallError(
                    "an address without a name cannot be locked",
                    "Write `name @ git+https://...` in `install:`.",
                )
            names.append(match.group(1))
    return names


def unlocked_requirements(requirements: Sequence[str], directory: Path) -> list[str]:
    """Return what is installed beside the lock: folders, theirs too, and addresses."""
    wanted = [r for r in requirements if local_path(r, directory) or "://" in r]
    named = {local_path(requirement, directory) for requirement in wanted}
    beside = [p for p in sources(requirements, directory) if p not in named]
    return [*wanted, *map(str, beside)]


def _project_table(folder: Path) -> str:
    try:
        return (folder / "pyproject.toml").read_text("utf-8")
    except OSError:
        return ""
