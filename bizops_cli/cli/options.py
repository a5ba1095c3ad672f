"""Options that stand on every command."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from bizops_cli.model import Project

LogFormat = Literal["text", "json"]
LogLevel = Literal["debug", "info", "warning", "error"]
_F = TypeVar("_F", bound="Callable[..., object]")


@dataclass(slots=True)
class CommonOptions:
    """What `--environment`, `--project-dir`, `--env-file` and the log options said.

    They may stand before or after the command; the last one wins.
    """

    environment: str | None = None
    project_dir: Path | None = None
    env_file: Path | None = None
    log_level: LogLevel = "info"
    log_format: LogFormat = "text"

    def open(self) -> Project:
        """Return the project they name.

        Raises:
            ConfigError: bizops.yml is missing or wrong, in any way.
        """
        from bizops_cli.usecases.project import open_project

        return open_project(
            directory=self.project_dir,
            environment=self.environment,
            env_file=self.env_file,
        )


pass_common = click.make_pass_decorator(CommonOptions, ensure=True)
"""Give the command a `CommonOptions` as its first argument."""


def _keep(context: click.Context, parameter: click.Parameter, value: object) -> object:
    if value is not None and parameter.name is not None:
        setattr(context.ensure_object(CommonOptions), parameter.name, value)
    return value


def common_options(command: _F) -> _F:
    """Add the options of `CommonOptions` to a command."""
    options = (
        click.option(
            "-e",
            "--environment",
            metavar="NAME",
            help="Environment block of bizops.yml to use.",
            expose_value=False,
            callback=_keep,
        ),
        click.option(
            "--project-dir",
            type=click.Path(path_type=Path, file_okay=False, exists=True),
            help="Folder of bizops.yml; else this folder or one above it.",
            expose_value=False,
            callback=_keep,
        ),
        click.option(
            "--env-file",
            type=click.Path(
                path_type=Path, dir_okay=False, exists=True, resolve_path=True
            ),
            help="File of NAME=value lines, instead of .env.",
            expose_value=False,
            callback=_keep,
        ),
        click.option(
            "--log-level",
            type=click.Choice(["debug", "info", "warning", "error"]),
            help="How much to print while working.",
            expose_value=False,
            callback=_keep,
        ),
        click.option(
            "--log-format",
            type=click.Choice(["text", "json"]),
            help="Lines for people, or one JSON object per line.",
            expose_value=False,
            callback=_keep,
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def complete_tap(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[str]:
    """Return the project's taps that begin so, for the shell."""
    del parameter
    return _names(context, "taps", incomplete)


def complete_job(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[str]:
    """Return the project's jobs that begin so, for the shell."""
    del parameter
    return _names(context, "jobs", incomplete)


def complete_environment(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[str]:
    """Return the project's environments that begin so, for the shell."""
    del parameter
    return _names(context, "environments", incomplete)


def complete_plugin(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[str]:
    """Return the project's taps and target that begin so, for the shell."""
    del parameter
    return _names(context, "plugins", incomplete)


def _names(context: click.Context, kind: str, incomplete: str) -> list[str]:
    """Return names of bizops.yml; a file that is not right has none."""
    from bizops_cli.config.load import known_names

    directory = context.ensure_object(CommonOptions).project_dir
    return [n for n in known_names(directory, kind) if n.startswith(incomplete)]


def examples(*lines: str) -> str:
    """Return the `epilog` of a command that shows how it is used."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON instead of text."
)
"""Add `--json` (argument `as_json`) to a command that reads."""
