"""`bizops-sandbox`: serve the sample company, write its truth, write its records."""

from __future__ import annotations

import json
import signal
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bizops_sandbox.servers.env_file import (
    UnwritableError,
    check_env_file,
    check_folder,
    write_atomically,
    write_env_file,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from bizops_sandbox.servers.company import Company
    from bizops_sandbox.servers.salesforce.serving import Ports
    from bizops_sandbox.servers.salesforce.simulator import Simulator

_Result = TypeVar("_Result")
_SERVE_EXAMPLES = """\b
Examples:
  bizops-sandbox serve
  bizops-sandbox serve --scale tiny --as-of 2017-12-31
  bizops-sandbox serve --login-port 8460 --instance-port 8461 --write-env .env"""
_TRUTH_EXAMPLES = """\b
Example:
  bizops-sandbox truth --scale tiny --out truth/"""
_GENERATE_EXAMPLES = """\b
Example:
  bizops-sandbox generate --scale tiny --out records/"""
_DIRECTORY = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """What `serve` was asked for on the command line."""

    scale: str
    seed: int | None
    as_of: datetime | None
    host: str
    login_port: int
    instance_port: int
    ready_file: Path | None
    write_env: Path | None
    page_rows: int
    job_polls: int
    rotate_refresh_tokens: bool


def _company_options(command: Callable[..., Any]) -> Callable[..., Any]:
    options = [
        click.option(
            "--scale",
            type=click.Choice(["tiny", "small"]),
            default="small",
            show_default=True,
            help="How large the sample company is.",
        ),
        click.option("--seed", type=int, help="Another company of the same kind."),
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


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="bizops-sandbox")
def main() -> None:
    """A sample company, and local servers that speak its sources' real APIs.

    \b
    Examples:
      bizops-sandbox serve --scale tiny
      bizops-sandbox truth --out truth/
      bizops-sandbox generate --out records/
    """  # noqa: D301 - \b keeps the lines apart in click's help


@main.command(epilog=_SERVE_EXAMPLES)
@_company_options
@click.option("--host", default="127.0.0.1", show_default=True, help="Address.")
@click.option("--login-port", type=click.IntRange(0, 65535), default=0, help="0: any.")
@click.option(
    "--instance-port", type=click.IntRange(0, 65535), default=0, help="0: any."
)
@click.option("--ready-file", type=_FILE, help="Write the ready line here too.")
@click.option(
    "--write-env", type=_FILE, help="Write the client's variables as KEY=VALUE here."
)
@click.option(
    "--page-rows",
    type=click.IntRange(1, 1_000_000),
    default=1_000,
    show_default=True,
    help="Most rows of a result page.",
)
@click.option(
    "--job-polls",
    type=click.IntRange(0, 1_000),
    default=1,
    show_default=True,
    help="How often a bulk job answers InProgress before it is complete.",
)
@click.option(
    "--rotate-refresh-tokens",
    is_flag=True,
    help="Each refresh gives a new refresh token and ends the old one.",
)
def serve(**given: Any) -> None:  # noqa: ANN401 - read by ServeOptions
    """Serve the company's Salesforce API until SIGTERM or Ctrl-C.

    When it listens, one JSON line on standard output tells the addresses and the
    sandbox's credentials (no secrets: they open nothing else). Control it under
    control_url: requests seen, faults, the company's day.
    """
    from bizops_sandbox.servers.salesforce import serving
    from bizops_sandbox.servers.salesforce.settings import Settings
    from bizops_sandbox.servers.salesforce.simulator import Simulator

    options = ServeOptions(**given)
    # Until the servers take signals over, Ctrl-C ends the simulation at once.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if options.write_env is not None:
        _or_usage_error(partial(check_env_file, options.write_env))
    if options.ready_file is not None:
        _or_usage_error(partial(check_folder, options.ready_file))
    ports = _open_ports(options.host, options.login_port, options.instance_port)
    company = _company(options.scale, options.seed)
    settings = Settings(
        page_rows=options.page_rows,
        job_polls=options.job_polls,
        rotate_refresh_tokens=options.rotate_refresh_tokens,
    )
    day = _day(company, options.as_of)
    simulator = _or_usage_error(
        lambda: Simulator(company.salesforce, day, settings=settings)
    )
    sys.exit(
        serving.serve(
            simulator, ports, on_ready=lambda: _tell_ready(simulator, ports, options)
        )
    )


@main.command(epilog=_TRUTH_EXAMPLES)
@_company_options
@click.option("--out", type=_DIRECTORY, required=True, help="Folder to write into.")
def truth(*, scale: str, seed: int | None, as_of: datetime | None, out: Path) -> None:
    """Write what really happened: events and the metrics a reader must find."""
    from bizops_sandbox.truth.write import write_truth

    company = _company(scale, seed)
    day = _day(company, as_of)
    written = _or_usage_error(
        lambda: write_truth(company.events, company.parameters, day, out)
    )
    for path in written:
        click.echo(path)


@main.command(epilog=_GENERATE_EXAMPLES)
@_company_options
@click.option("--out", type=_DIRECTORY, required=True, help="Folder to write into.")
def generate(
    *, scale: str, seed: int | None, as_of: datetime | None, out: Path
) -> None:
    """Write the company's Salesforce records as JSON lines, a file an object."""
    from bizops_sandbox.servers.record_files import write_records

    company = _company(scale, seed)
    day = _day(company, as_of)
    org = _or_usage_error(lambda: company.salesforce(day))
    for name, count in _or_usage_error(lambda: write_records(org, out)).items():
        click.echo(f"{out / name}.jsonl {count}")


def _company(scale: str, seed: int | None) -> Company:
    from bizops_sandbox.servers.company import simulate_company

    return _or_usage_error(lambda: simulate_company(scale=scale, seed=seed))


def _day(company: Company, as_of: datetime | None) -> date:
    first, last = company.parameters.start_date, company.parameters.as_of
    day = last if as_of is None else as_of.date()
    if not first <= day <= last:
        raise click.BadParameter(
            f"{day} is not in the company's time, {first} to {last}.",
            param_hint="--as-of",
        )
    return day


def _open_ports(host: str, login_port: int, instance_port: int) -> Ports:
    from bizops_sandbox.servers.listening import PortTakenError
    from bizops_sandbox.servers.salesforce.serving import open_ports

    try:
        return open_ports(host, login_port, instance_port)
    except PortTakenError as error:
        raise click.UsageError(
            f"{error}. Give another --login-port or --instance-port; 0 takes any."
        ) from error


def _or_usage_error(action: Callable[[], _Result]) -> _Result:
    try:
        return action()
    except (UnwritableError, ValueError) as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        raise click.ClickException(str(error)) from error


def _tell_ready(simulator: Simulator, ports: Ports, options: ServeOptions) -> None:
    from bizops_sandbox.servers.salesforce.serving import ready_document

    document = ready_document(simulator, ports, scale=options.scale)
    line = json.dumps(document)
    if options.write_env is not None:
        write_env_file(options.write_env, document["env"])
    if options.ready_file is not None:
        write_atomically(options.ready_file, line + "\n")
    click.echo(line)
