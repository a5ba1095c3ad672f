"""`bizops-sandbox`: serve the sample company, write its truth, records and inputs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

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
from bizops_sandbox.serve_command import serve
from bizops_sandbox.servers.settings import SOURCES

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

_TRUTH_EXAMPLES = """\b
Examples:
  bizops-sandbox truth --scale tiny --out truth/
  bizops-sandbox truth --sources all --out truth/"""
_GENERATE_EXAMPLES = """\b
Examples:
  bizops-sandbox generate --scale tiny --out records/
  bizops-sandbox generate --only zuora --as-of 2017-12-31 --out records/"""
_LOG_EXAMPLES = """\b
Example:
  bizops-sandbox log --scale large --out events.jsonl"""
_INPUTS_EXAMPLES = """\b
Example:
  bizops-sandbox inputs --scale tiny --out inputs/"""
_KNOWN_TO_TRUTH = (*SOURCES, "csv", "models")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="bizops-sandbox")
def main() -> None:
    """A sample company, and local servers that speak its sources' real APIs.

    \b
    Examples:
      bizops-sandbox serve --scale tiny
      bizops-sandbox truth --out truth/
      bizops-sandbox generate --out records/
      bizops-sandbox inputs --out inputs/
    """  # noqa: D301 - \b keeps the lines apart in click's help


main.add_command(serve)


@main.command(epilog=_TRUTH_EXAMPLES)
@company_options
@click.option(
    "--sources",
    type=click.Choice([*_KNOWN_TO_TRUTH, "all"]),
    multiple=True,
    default=("salesforce",),
    show_default=True,
    help="What the reader knows: metrics that these allow. May be given again; csv "
    "are the files of `inputs`, models what is learned in a step of its own.",
)
@click.option("--out", type=DIRECTORY, required=True, help="Folder to write into.")
def truth(
    *,
    scale: str,
    seed: int | None,
    parameters: Path | None,
    as_of: datetime | None,
    sources: tuple[str, ...],
    out: Path,
) -> None:
    """Write what really happened: events and the metrics a reader must find."""
    from bizops_sandbox.truth.write import write_truth

    company = make_company(scale, seed, parameters)
    day = chosen_day(company, as_of)
    known = _KNOWN_TO_TRUTH if "all" in sources else sources
    written = or_usage_error(
        lambda: write_truth(company.events, company.parameters, day, out, sources=known)
    )
    for path in written:
        click.echo(path)


@main.command("log", epilog=_LOG_EXAMPLES)
@click.option(
    "--scale",
    type=click.Choice(["tiny", "small", "medium", "large"]),
    default="small",
    show_default=True,
    help="How large the sample company is.",
)
@click.option("--seed", type=int, help="Another company of the same kind.")
@click.option(
    "--parameters",
    type=FILE,
    help="A JSON file with parameters that differ from the scale's.",
)
@click.option("--out", type=FILE, required=True, help="File to write.")
def write_log(
    *, scale: str, seed: int | None, parameters: Path | None, out: Path
) -> None:
    """Write all that happens as JSON lines, in little memory at any scale."""
    from bizops_sandbox.servers.env_file import check_folder
    from bizops_sandbox.world.parameters import load_parameters
    from bizops_sandbox.world.streaming import simulate_to

    overrides = read_overrides(parameters)
    params = or_usage_error(
        lambda: load_parameters(scale=scale, seed=seed, overrides=overrides)
    )
    or_usage_error(lambda: check_folder(out))
    count = or_usage_error(lambda: simulate_to(out, params))
    click.echo(f"{out} {count}")


@main.command(epilog=_GENERATE_EXAMPLES)
@company_options
@only_option("Write the records of this source")
@click.option("--out", type=DIRECTORY, required=True, help="Folder to write into.")
def generate(
    *,
    scale: str,
    seed: int | None,
    parameters: Path | None,
    as_of: datetime | None,
    only: tuple[str, ...],
    out: Path,
) -> None:
    """Write the sources' records as JSON lines: a folder a source, a file an object."""
    from bizops_sandbox.servers.record_files import write_records

    company = make_company(scale, seed, parameters)
    day = chosen_day(company, as_of)
    for source in only or company.parameters.sources:
        folder = out / source
        counts = or_usage_error(partial(write_records, company, source, day, folder))
        for name, count in counts.items():
            click.echo(f"{folder / name}.jsonl {count}")


@main.command(epilog=_INPUTS_EXAMPLES)
@company_options
@click.option("--out", type=DIRECTORY, required=True, help="Folder to write into.")
def inputs(
    *,
    scale: str,
    seed: int | None,
    parameters: Path | None,
    as_of: datetime | None,
    out: Path,
) -> None:
    """Write what none of the sources holds as CSV: accounts, plans, people, web."""
    from bizops_sandbox.inputs.write import write_inputs

    company = make_company(scale, seed, parameters)
    day = chosen_day(company, as_of)
    written = or_usage_error(
        lambda: write_inputs(company.events, company.parameters, day, out)
    )
    for path, count in written.items():
        click.echo(f"{path} {count}")
