"""`bizops install`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bizops_cli.cli.options import (
    CommonOptions,
    common_options,
    complete_plugin,
    examples,
    json_option,
    pass_common,
)
from bizops_cli.cli.output import note, print_json

if TYPE_CHECKING:
    from bizops_cli.usecases.install import InstallResult


@click.command(
    epilog=examples(
        "bizops install                     everything in bizops.yml",
        "bizops install tap-salesforce      one plugin",
        "bizops install --force             anew, though nothing has changed",
        "bizops install --lock              the newest versions, written down",
        "bizops install --frozen            exactly those, as in CI",
    )
)
@click.argument(
    "plugins", nargs=-1, metavar="[PLUGIN]...", shell_complete=complete_plugin
)
@click.option("--force", is_flag=True, help="Also where nothing has changed.")
@click.option(
    "--lock",
    "locks",
    is_flag=True,
    help="Find exact versions anew and write them, with hashes, into bizops.lock/.",
)
@click.option(
    "--frozen", is_flag=True, help="Only what is locked; for CI and production."
)
@json_option
@common_options
@pass_common
def install(
    common: CommonOptions,
    *,
    plugins: tuple[str, ...],
    force: bool,
    locks: bool,
    frozen: bool,
    as_json: bool,
) -> None:
    """Install taps and target, each into its own environment.

    A plugin is installed anew when its `install:`, its sources or Python have
    changed. If that fails, the environment before stays in use. What a lock file in
    bizops.lock/ says is installed exactly, checked by hashes; commit these files.
    """
    from bizops_cli.usecases.install import install as install_plugins
    from bizops_cli.usecases.install import raise_failures

    project = common.open()
    results = install_plugins(
        project,
        plugins,
        force=force,
        locks=locks,
        frozen=frozen,
        on_start=lambda name: note(f"{name} ..."),
        on_end=note_end,
    )
    if as_json:
        print_json(
            [
                {
                    "plugin": result.plugin,
                    "outcome": result.outcome,
                    "duration_s": result.duration_s,
                    "error": str(result.error) if result.error else None,
                }
                for result in results
            ]
        )
    raise_failures(results)


def note_end(result: InstallResult) -> None:
    """Print what came of a plugin."""
    said = {
        "installed": f"installed in {result.duration_s:.1f} s",
        "unchanged": "unchanged",
        "external": "not installed by bizops",
        "failed": "failed",
    }
    note(f"{result.plugin}: {said[result.outcome]}")
