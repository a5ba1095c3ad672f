"""`bizops-sandbox`: serve the sample company, write its truth, records and inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bizops_sandbox.company_options import (
    DIRECTORY,
    chosen_day,
    company_options,
    make_company,
    or_usage_error,
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
Example:
  bizops-sandbox generate --scale tiny --out records/"""
_INPUTS_EXAMPLES = """\b
Example:
  bizops-sandbox inputs --scale tiny --out inputs/"""
_KNOWN_TO_TRUTH = (*SOURCES, "csv")


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
    "are the files of `inputs`.",
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


@main.command(epilog=_GENERATE_EXAMPLES)
@company_options
@click.option("--out", type=DIRECTORY, required=True, help="Folder to write into.")
def generate(
    *,
    scale: str,
    seed: int | None,
    parameters: Path | None,
    as_of: datetime | None,
    out: Path,
) -> None:
    """Write the company's Salesforce records as JSON lines, a file an object."""
    from bizops_sandbox.servers.record_files import write_records

    company = make_company(scale, seed, parameters)
    day = chosen_day(company, as_of)
    org = or_usage_error(lambda: company.salesforce(day))
    for name, count in or_usage_error(lambda: write_records(org, out)).items():
        click.echo(f"{out / name}.jsonl {count}")


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
