"""`bizops-sandbox serve`: the company's sources on local ports until a signal."""

from __future__ import annotations

import json
import signal
import sys
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from bizops_sandbox.company_options import (
    DIRECTORY,
    FILE,
    chosen_day,
    company_options,
    make_company,
    only_option,
    or_usage_error,
    read_overrides,
)
from bizops_sandbox.servers.env_file import (
    check_env_file,
    check_folder,
    write_atomically,
    write_env_file,
)
from bizops_sandbox.servers.settings import SOURCES, WITHOUT_WAITING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime
    from pathlib import Path

    from bizops_sandbox.servers.company import Company
    from bizops_sandbox.servers.inputs_folder import InputsFolder
    from bizops_sandbox.servers.salesforce.simulator import Simulator
    from bizops_sandbox.servers.serving import Served, Sockets

_EXAMPLES = """\b
Examples:
  bizops-sandbox serve
  bizops-sandbox serve --scale tiny --as-of 2017-12-31
  bizops-sandbox serve --only salesforce --only zuora --zuora-port 8462
  bizops-sandbox serve --login-port 8460 --instance-port 8461 --write-env .env"""
_PORT = click.IntRange(0, 65535)


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """What `serve` was asked for on the command line."""

    scale: str
    seed: int | None
    parameters: Path | None
    as_of: datetime | None
    only: tuple[str, ...]
    host: str
    login_port: int
    instance_port: int
    marketo_port: int
    zuora_port: int
    facebook_port: int
    gitlab_port: int
    ready_file: Path | None
    write_env: Path | None
    inputs: Path | None
    page_rows: int
    job_polls: int
    no_waiting: bool
    rotate_refresh_tokens: bool

    def ports(self, sources: tuple[str, ...]) -> Mapping[str, int]:
        """The port asked for by the name of each server; Salesforce has two."""
        asked = {"login": self.login_port, "instance": self.instance_port}
        ports = asked if "salesforce" in sources else {}
        others = [name for name in SOURCES if name in sources and name != "salesforce"]
        return ports | {name: getattr(self, f"{name}_port") for name in others}


def _port_options(command: Callable[..., Any]) -> Callable[..., Any]:
    names = ("login", "instance", *(name for name in SOURCES if name != "salesforce"))
    for name in reversed(names):
        option = click.option(f"--{name}-port", type=_PORT, default=0, help="0: any.")
        command = option(command)
    return command


@click.command(epilog=_EXAMPLES)
@company_options
@only_option("Serve this source")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address.")
@_port_options
@click.option("--ready-file", type=FILE, help="Write the ready line here too.")
@click.option(
    "--write-env", type=FILE, help="Write the client's variables as KEY=VALUE here."
)
@click.option(
    "--inputs",
    type=DIRECTORY,
    help="Write the CSV inputs into this folder; CSV_INPUTS names it to clients.",
)
@click.option(
    "--page-rows",
    type=click.IntRange(1, 1_000_000),
    default=1_000,
    show_default=True,
    help="Salesforce: most rows of a result page.",
)
@click.option(
    "--job-polls",
    type=click.IntRange(0, 1_000),
    default=1,
    show_default=True,
    help="Salesforce: how often a bulk job answers InProgress before it is complete.",
)
@click.option(
    "--no-waiting",
    is_flag=True,
    help="Jobs of all sources are ready at once, and no limit of calls is near.",
)
@click.option(
    "--rotate-refresh-tokens",
    is_flag=True,
    help="Salesforce: each refresh gives a new refresh token and ends the old one.",
)
def serve(**given: Any) -> None:  # noqa: ANN401 - read by ServeOptions
    """Serve the APIs of the company's sources until SIGTERM or Ctrl-C.

    When it listens, one JSON line on standard output tells the addresses and the
    sandbox's credentials (no secrets: they open nothing else). Control each source
    under its control URL: requests seen, faults; the company's day moves for all.
    """
    from bizops_sandbox.servers.serving import assemble
    from bizops_sandbox.servers.serving import serve as serve_until_signal

    options = ServeOptions(**given)
    # Until the servers take signals over, Ctrl-C ends the simulation at once.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if options.write_env is not None:
        or_usage_error(partial(check_env_file, options.write_env))
    if options.ready_file is not None:
        or_usage_error(partial(check_folder, options.ready_file))
    sockets = _open_sockets(options, options.only or _sources_of(options))
    company = make_company(options.scale, options.seed, options.parameters)
    day = chosen_day(company, options.as_of)
    simulator = _salesforce(company, day, options) if _has_crm(sockets) else None
    changes = WITHOUT_WAITING if options.no_waiting else {}
    served = assemble(company, sockets, day, simulator=simulator, changes=changes)
    if options.inputs is not None:
        served.inputs = _write_inputs(company, day, options.inputs.absolute())
    sys.exit(
        serve_until_signal(served, on_ready=lambda: _tell_ready(served, day, options))
    )


def _sources_of(options: ServeOptions) -> tuple[str, ...]:
    """The sources that the company uses, by its parameters."""
    from bizops_sandbox.world.parameters import load_parameters

    overrides = read_overrides(options.parameters)
    used = or_usage_error(
        lambda: load_parameters(scale=options.scale, overrides=overrides).sources
    )
    return tuple(used)


def _has_crm(sockets: Sockets) -> bool:
    return "login" in sockets.by_name


def _open_sockets(options: ServeOptions, sources: tuple[str, ...]) -> Sockets:
    from bizops_sandbox.servers.listening import PortTakenError
    from bizops_sandbox.servers.serving import open_sockets

    try:
        return open_sockets(options.host, options.ports(sources))
    except PortTakenError as error:
        raise click.UsageError(
            f"{error}. Give another --login-port or --instance-port (or that of "
            "another source); 0 takes any."
        ) from error


def _salesforce(company: Company, day: date, options: ServeOptions) -> Simulator:
    from bizops_sandbox.servers.salesforce.settings import Settings
    from bizops_sandbox.servers.salesforce.simulator import Simulator

    settings = Settings(
        page_rows=options.page_rows,
        job_polls=0 if options.no_waiting else options.job_polls,
        rotate_refresh_tokens=options.rotate_refresh_tokens,
    )
    return or_usage_error(lambda: Simulator(company.salesforce, day, settings=settings))


def _write_inputs(company: Company, day: date, directory: Path) -> InputsFolder:
    from bizops_sandbox.servers.inputs_folder import InputsFolder

    folder = InputsFolder(company, directory)
    or_usage_error(lambda: folder.write(day))
    return folder


def _tell_ready(served: Served, day: date, options: ServeOptions) -> None:
    from bizops_sandbox.servers.serving import ready_document

    document = ready_document(served, day=day, scale=options.scale)
    line = json.dumps(document)
    if options.write_env is not None:
        write_env_file(options.write_env, document["env"])
    if options.ready_file is not None:
        write_atomically(options.ready_file, line + "\n")
    click.echo(line)
