"""Opening the project: what every verb does first."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from bizops_cli.model import Project


def open_project(*, directory: Path | None, environment: str | None) -> Project:
    """Read and check bizops.yml.

    Args:
        directory: Its folder; None looks here and in the folders above.
        environment: Environment block; None takes the file's default.

    Raises:
        ConfigError: The file is missing or wrong, in any way.
    """
    from bizops_cli.config.load import load_project

    return load_project(directory=directory, environment=environment)
