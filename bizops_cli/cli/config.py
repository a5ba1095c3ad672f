"""`bizops config`."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from bizops_cli.cli.main import SuggestingGroup
from bizops_cli.cli.options import (
    CommonOptions,
    common_options,
    complete_plugin,
    examples,
    json_option,
    pass_common,
)
from bizops_cli.cli.output import print_json, print_table, say

if TYPE_CHECKING:
    from bizops_cli.usecases.settings import ExplainedSetting


@click.group(cls=SuggestingGroup)
def config() -> None:
    """Look at settings and change them."""


@config.command(
    "list",
    epilog=examples(
        "bizops config list                        of every tap and the target",
        "bizops config list tap-salesforce --all   those without a value too",
    ),
)
@click.argument("plugin", required=False, shell_complete=complete_plugin)
@click.option("--all", "shows_all", is_flag=True, help="Also settings without a value.")
@json_option
@common_options
@pass_common
def list_(
    common: CommonOptions, *, plugin: str | None, shows_all: bool, as_json: bool
) -> None:
    """List settings with their value and where it comes from; secrets are masked."""
    from bizops_cli.usecases.settings import list_settings

    found = list_settings(common.open(), plugin)
    shown = [s for s in found if shows_all or s.layers or s.is_required]
    if as_json:
        print_json(shown)
        return
    print_table(
        ["setting", "value", "from", "where"],
        [
            (
                f"{s.plugin}.{s.name}",
                _text(s.value)
                if s.origin
                else ("(missing)" if s.is_required else None),
                s.origin,
                s.layers[-1].place if s.layers else None,
            )
            for s in shown
        ],
    )


@config.command(epilog=examples("bizops config explain tap-salesforce.start_date"))
@click.argument("setting", metavar="PLUGIN.SETTING")
@json_option
@common_options
@pass_common
def explain(common: CommonOptions, *, setting: str, as_json: bool) -> None:
    """Show each of the four layers of a setting, and which one is in force.

    They are, later wins: the plugin's default, bizops.yml, the environment's block in
    it, the environment variable named after plugin and setting.
    """
    from bizops_cli.usecases.settings import explain_setting

    found = explain_setting(common.open(), setting)
    print_json(found) if as_json else print_explained(found)


@config.command(
    "set",
    epilog=examples(
        "bizops config set tap-salesforce.start_date 2024-01-01",
        "bizops config set tap-salesforce.streams_to_discover '[Account, Lead]'",
        "bizops config set tap-salesforce.client_secret -     from stdin, into .env",
        "bizops config set tap-salesforce.start_date --unset",
    ),
)
@click.argument("setting", metavar="PLUGIN.SETTING")
@click.argument("value", required=False)
@click.option("--unset", is_flag=True, help="Take the setting out of bizops.yml.")
@click.option(
    "--in-environment", is_flag=True, help="Into the block of the environment."
)
@json_option
@common_options
@pass_common
def set_(
    common: CommonOptions,
    *,
    setting: str,
    value: str | None,
    unset: bool,
    in_environment: bool,
    as_json: bool,
) -> None:
    """Change a setting in bizops.yml, where comments stay as they are.

    A secret goes into .env, which only its owner can read. As VALUE, - reads one line
    of standard input, so that a secret is not in the shell's history.
    """
    from bizops_cli.usecases.settings import set_setting

    if (value is None) != unset:
        raise click.UsageError("Give a VALUE, or --unset.")
    if value == "-":
        value = _read_value()
    changed = set_setting(common.open(), setting, value, in_environment=in_environment)
    if as_json:
        print_json(changed)
        return
    say(f"{changed.file.name} is changed.")
    print_explained(changed.setting)


@config.command(
    epilog=examples("bizops config test", "bizops config test tap-salesforce")
)
@click.argument("plugin", required=False, shell_complete=complete_plugin)
@json_option
@common_options
@pass_common
def test(common: CommonOptions, *, plugin: str | None, as_json: bool) -> int:
    """Check settings against what each plugin says it takes; nothing is started."""
    from bizops_cli.cli.check import print_findings
    from bizops_cli.usecases.check import check_plugins, worst_status

    findings = check_plugins(common.open(), plugin)
    print_json(findings) if as_json else print_findings(findings)
    return worst_status(findings)


@config.command(
    epilog=examples(
        "bizops config schema > bizops.schema.json",
        "bizops config schema --included > included.schema.json",
    )
)
@click.option(
    "--included", is_flag=True, help="Of a file that bizops.yml includes instead."
)
@common_options
@pass_common
def schema(common: CommonOptions, *, included: bool) -> None:
    """Print the JSON Schema of bizops.yml, by which editors complete it."""
    from bizops_cli.config.published import included_schema_text, schema_text

    del common
    say((included_schema_text() if included else schema_text()).rstrip("\n"))


def print_explained(found: ExplainedSetting) -> None:
    """Print a setting and its layers, the one in force marked."""
    if found.description:
        say(found.description)
    if not found.layers:
        say(f"{found.plugin}.{found.name} has no value.")
    for layer in found.layers:
        mark = "*" if layer.is_in_force else " "
        say(f"{mark} {layer.name:<18}{_text(layer.value)}   ({layer.place})")


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _read_value() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Value", hide_input=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")
