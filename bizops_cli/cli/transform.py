"""`bizops transform`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from bizops_cli.cli.main import SuggestingGroup
from bizops_cli.cli.options import (
    CommonOptions,
    common_options,
    examples,
    json_option,
    pass_common,
)
from bizops_cli.cli.output import print_json, print_table, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bizops_cli.model import ModelRun

_GOOD = {"success", "pass", "skipped"}


@click.group(cls=SuggestingGroup)
def transform() -> None:
    """Work on the models alone."""


@transform.command(
    epilog=examples(
        "bizops transform build",
        "bizops transform build +mtr_metric_values",
        "bizops transform build int_leads__funnel+ --json",
    )
)
@click.argument("select", nargs=-1, metavar="[SELECTION]...")
@json_option
@common_options
@pass_common
def build(common: CommonOptions, *, select: tuple[str, ...], as_json: bool) -> None:
    """Build models and test them, of what is loaded already.

    SELECTION is in dbt's words; without it everything is built. No record of a run is
    kept: for the nightly build there is `bizops elt run --only t`. What fails gives
    exit status 7.
    """
    _run(common, "build", select, as_json=as_json)


@transform.command(
    epilog=examples("bizops transform test", "bizops transform test fct_opportunities")
)
@click.argument("select", nargs=-1, metavar="[SELECTION]...")
@json_option
@common_options
@pass_common
def test(common: CommonOptions, *, select: tuple[str, ...], as_json: bool) -> None:
    """Run the data tests of models; nothing is built.

    What fails gives exit status 7.
    """
    _run(common, "test", select, as_json=as_json)


def _run(
    common: CommonOptions,
    command: Literal["build", "test"],
    select: Sequence[str],
    *,
    as_json: bool,
) -> None:
    from bizops_cli.cli.progress import choose_lines
    from bizops_cli.usecases.models import run_models
    from bizops_cli.usecases.transform import check_models

    models = run_models(
        common.open(), command, select=select, on_event=choose_lines(common)
    )
    print_json(models) if as_json else _print(models)
    check_models(models)


def _print(models: Sequence[ModelRun]) -> None:
    bad = [model for model in models if model.status not in _GOOD]
    if bad:
        print_table(
            ["model or test", "status", "message"],
            [(m.unique_id, m.status, m.message) for m in bad],
        )
    good = sum(model.status in _GOOD - {"skipped"} for model in models)
    say(f"{good} of {len(models)} models and tests are right.")


@transform.command(
    epilog=examples(
        "bizops transform docs",
        "bizops transform docs --out public/models.html",
    )
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to write it.  [default: .bizops/models.html]",
)
@common_options
@pass_common
def docs(common: CommonOptions, *, out: Path | None) -> None:
    """Write one page with every model, column, test and where it comes from.

    It needs no server; dbt makes it from the project and from what is in the warehouse.
    """
    from bizops_cli.usecases.models import write_docs

    project = common.open()
    file = write_docs(project, out or project.state_directory / "models.html")
    say(f"Wrote {file}")


@transform.command(
    epilog=examples("bizops transform eject", "bizops transform eject models-of-ours")
)
@click.argument("directory", default="transform", type=click.Path(path_type=Path))
@common_options
@pass_common
def eject(common: CommonOptions, *, directory: Path) -> None:
    """Copy the models that come with bizops into the project, to change them there.

    bizops.yml names the copy from then on; upgrades of bizops no longer change it. To
    come back, remove `transform: {project: ...}` from bizops.yml.
    """
    from bizops_cli.usecases.models import eject as take_over

    done = take_over(common.open(), directory)
    say(f"{done.files} files are in {done.directory}; bizops.yml names it.")
    say("Next: change them, then bizops transform build")
