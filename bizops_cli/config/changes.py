"""Changing the project: each value in the file it stands in, all or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bizops_cli.config.document import read_text
from bizops_cli.config.edit import changed_text
from bizops_cli.config.included import is_shared, read_project_document
from bizops_cli.config.problems import raise_problems
from bizops_cli.config.validate import find_problems
from bizops_cli.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bizops_cli.config.document import Document
    from bizops_cli.model import KeyPath


def change_project(
    file: Path, changes: Sequence[tuple[KeyPath, object]]
) -> dict[Path, bytes]:
    """Set or remove values of bizops.yml or a file it includes, all of them or none.

    A value that is there is changed where it stands, a new one is put beside its
    neighbours, and what has none goes into bizops.yml.

    Args:
        file: bizops.yml; modes stay.
        changes: Path and new value of each; `ABSENT` removes the key. Mappings on the
            way that are not there are made.

    Returns:
        What was in each file that was changed; empty if nothing had to be.

    Raises:
        ConfigError: A file is not right, before or after.
        BizopsError: A file is written in a way that cannot be changed here (anchors),
            or cannot be written.
    """
    before: dict[Path, str] = {}
    after: dict[Path, str] = {}
    for path, value in changes:
        document = read_project_document(file, texts=after)
        home = _home(document, path, file)
        text = after.get(home)
        if text is None:
            text = before[home] = read_text(home, home)
        after[home] = changed_text(text, path, value, home)
    raise_problems(find_problems(read_project_document(file, texts=after)))
    changed = {home for home in after if after[home] != before[home]}
    kept = {home: home.read_bytes() for home in changed}
    for home in changed:
        _write(home, after[home].encode())
    return kept


def put_back(kept: Mapping[Path, bytes]) -> None:
    """Make files again what they were before `change_project`.

    Raises:
        BizopsError: A file cannot be written.
    """
    for file, data in kept.items():
        _write(file, data)


def _write(file: Path, data: bytes) -> None:
    write_atomically(file, data, mode=file.stat().st_mode & 0o777)


def _home(document: Document, path: KeyPath, file: Path) -> Path:
    """Return the file of a value, or of the nearest value around it."""
    for length in range(len(path), 0, -1):
        near = path[:length]
        found = document.positions.get(near)
        if found is not None and not is_shared(near):
            is_main = found.file == file
            return file if is_main else (file.parent / found.file).resolve()
    return file
