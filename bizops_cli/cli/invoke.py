"""`bizops invoke`."""

from __future__ import annotations

import click

from bizops_cli.cli.options import (
    CommonOptions,
    common_options,
    complete_plugin,
    examples,
    pass_common,
)
from bizops_cli.cli.output import note


@click.command(
    context_settings={"ignore_unknown_options": True},
    epilog=examples(
        "bizops invoke tap-salesforce -- --about",
        "bizops invoke tap-salesforce > messages.jsonl      what is selected",
        "bizops invoke target-postgres < messages.jsonl",
    ),
)
@click.argument("plugin", shell_complete=complete_plugin)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@common_options
@pass_common
def invoke(common: CommonOptions, *, plugin: str, arguments: tuple[str, ...]) -> int:
    """Run a tap or the target by itself, with its settings of bizops.yml.

    A tap also gets the catalog with what is selected. No state is given or kept. What
    stands behind -- is handed on. The exit status is the plugin's own.
    """
    from bizops_cli.cli.progress import choose_lines
    from bizops_cli.usecases.invoke import invoke as run_plugin

    project = common.open()
    return run_plugin(
        project, plugin, arguments, on_line=note, on_event=choose_lines(common)
    )
