"""Opening the project: what every verb does first."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bizops_cli.model import Project


def open_project(
    *,
    directory: Path | None = None,
    environment: str | None = None,
    environ: Mapping[str, str] | None = None,
    env_file: Path | None = None,
) -> Project:
    """Read and check bizops.yml.

    Args:
        directory: Its folder; None looks here and in the folders above.
        environment: Environment block; None takes BIZOPS_ENVIRONMENT, else the
            file's default.
        environ: Variables instead of the process's own.
        env_file: File of variables instead of `.env`.

    Raises:
        ConfigError: The file is missing or wrong, in any way.
    """
    from bizops_cli.config.load import load_project

    return load_project(
        directory=directory,
        environment=environment,
        environ=environ,
        env_file=env_file,
    )


def reopen_project(project: Project) -> Project:
    """Read a project anew, after its files have been changed.

    Raises:
        ConfigError: As `open_project`.
    """
    return open_project(
        directory=project.directory,
        environment=project.environment,
        env_file=project.env_file,
    )
