"""The options of every command that needs a company, and the company they mean."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bizops_sandbox.servers.env_file import UnwritableError
from bizops_sandbox.servers.settings import SOURCES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime

    from bizops_sandbox.servers.company import Company

_Result = TypeVar("_Result")
DIRECTORY = click.Path(file_okay=False, path_type=Path)
FILE = click.Path(dir_okay=False, path_type=Path)


def company_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --scale, --seed, --parameters and --as-of to a command."""
    options = [
        click.option(
            "--scale",
            type=click.Choice(["tiny", "small", "medium", "large"]),
            default="small",
            show_default=True,
            help="How large the sample company is: 5, 300, 3,000 or 30,000 "
            "organisations.",
        ),
        click.option("--seed", type=int, help="Another company of the same kind."),
        click.option(
            "--parameters",
            type=FILE,
            help="A JSON file with parameters that differ from the scale's.",
        ),
        click.option(
            "--as-of",
            type=click.DateTime(["%Y-%m-%d"]),
            help="The company's present: the end of this day in UTC. [default: its "
            "last day, 2018-01-31]",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def only_option(what: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The option --only, which names sources; `what` it does with each."""
    return click.option(
        "--only",
        type=click.Choice(SOURCES),
        multiple=True,
        help=f"{what}; may be given again. [default: all the company uses]",
    )


def or_usage_error(action: Callable[[], _Result]) -> _Result:
    """What the action gives; a wrong value ends the program with status 2."""
    try:
        return action()
    except (UnwritableError, ValueError) as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        raise click.ClickException(str(error)) from error


def read_overrides(path: Path | None) -> Mapping[str, Any] | None:
    """The parameters of a file.

    Raises:
        click.UsageError: when the file cannot be read or holds no JSON object.
    """
    if path is None:
        return None
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise click.UsageError(f"{path}: {error}") from error
    if not isinstance(document, dict):
        raise click.UsageError(f"{path}: must hold one JSON object of parameters")
    return document


def make_company(scale: str, seed: int | None, parameters: Path | None) -> Company:
    """The company that the options ask for.

    Raises:
        click.UsageError: for a wrong parameter.
    """
    from bizops_sandbox.servers.company import simulate_company

    overrides = read_overrides(parameters)
    return or_usage_error(
        lambda: simulate_company(
            scale=scale, seed=seed, overrides=overrides, directory=_folder_of_command
        )
    )


def _folder_of_command() -> Path:
    """A folder that is gone when the command ends."""
    folder = tempfile.TemporaryDirectory(prefix="bizops-sandbox-")
    return Path(click.get_current_context().with_resource(folder))


def chosen_day(company: Company, as_of: datetime | None) -> date:
    """The as-of day; the company's last one by default.

    Raises:
        click.BadParameter: for a day outside the company's time.
    """
    first, last = company.parameters.start_date, company.parameters.as_of
    day = last if as_of is None else as_of.date()
    if not first <= day <= last:
        raise click.BadParameter(
            f"{day} is not in the company's time, {first} to {last}.",
            param_hint="--as-of",
        )
    return day
