"""`bizops warehouse`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bizops_cli.cli.main import SuggestingGroup
from bizops_cli.cli.options import (
    CommonOptions,
    common_options,
    examples,
    json_option,
    pass_common,
)
from bizops_cli.cli.output import note, print_json, say

if TYPE_CHECKING:
    from bizops_cli.warehouse.address import WarehouseStatus

_UNITS = ("bytes", "kB", "MB", "GB", "TB")


@click.group(cls=SuggestingGroup)
@common_options
def warehouse() -> None:
    """Start, stop and open the warehouse; compare it with another."""


@warehouse.command(epilog=examples("bizops warehouse start"))
@common_options
@pass_common
def start(common: CommonOptions) -> None:
    """Start the embedded PostgreSQL; other commands do it when they need it."""
    from bizops_cli.usecases.warehouse import start_warehouse

    _say_status(start_warehouse(common.open()))


@warehouse.command(
    epilog=examples(
        "bizops warehouse stop", "bizops warehouse stop --delete-data --yes"
    )
)
@click.option("--delete-data", is_flag=True, help="Also delete everything in it.")
@click.option("--yes", is_flag=True, help="Do not ask before deleting.")
@common_options
@pass_common
def stop(common: CommonOptions, *, delete_data: bool, yes: bool) -> None:
    """Stop the embedded PostgreSQL; the data stays."""
    from bizops_cli.usecases.warehouse import stop_warehouse

    project = common.open()
    if delete_data and not yes:
        click.confirm("Delete all data of the warehouse?", abort=True, err=True)
    stop_warehouse(project, delete_data=delete_data)
    say("stopped, data deleted" if delete_data else "stopped")


@warehouse.command(
    epilog=examples("bizops warehouse status", "bizops warehouse status --json")
)
@json_option
@common_options
@pass_common
def status(common: CommonOptions, *, as_json: bool) -> None:
    """Say whether the warehouse answers, and where."""
    from bizops_cli.usecases.warehouse import warehouse_status

    found = warehouse_status(common.open())
    if as_json:
        print_json(_plain(found))
    else:
        _say_status(found)


@warehouse.command(
    epilog=examples(
        "bizops warehouse url", "export DB=$(bizops warehouse url --show-password)"
    )
)
@click.option("--show-password", is_flag=True, help="Do not mask the password.")
@common_options
@pass_common
def url(common: CommonOptions, *, show_password: bool) -> None:
    """Print the URL for other tools; starts the embedded PostgreSQL."""
    from bizops_cli.usecases.warehouse import find_warehouse

    found = find_warehouse(common.open()).url
    if show_password:
        click.echo(found)  # asked for: the one line that is not redacted
    else:
        say(found)
        note("The password is masked; --show-password shows it.")


@warehouse.command(
    context_settings={"ignore_unknown_options": True},
    epilog=examples(
        "bizops warehouse psql", "bizops warehouse psql -- -c 'select now()'"
    ),
)
@click.argument("psql_arguments", nargs=-1, type=click.UNPROCESSED)
@common_options
@pass_common
def psql(common: CommonOptions, psql_arguments: tuple[str, ...]) -> int:
    """Open PostgreSQL's shell on the warehouse."""
    from bizops_cli.usecases.warehouse import open_psql

    return open_psql(common.open(), psql_arguments)


@warehouse.command(
    epilog=examples(
        "bizops warehouse backup /backups/acme.dump",
        'pg_restore --no-owner --dbname "$NEW_URL" acme.dump    to have it back',
    )
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@common_options
@pass_common
def backup(common: CommonOptions, file: Path) -> None:
    """Write rows, states and records of runs into one file, as of one instant.

    The file is PostgreSQL's own (pg_dump, custom format), for its owner's eyes alone. A
    backup that fails leaves an older file as it was. Runs may go on meanwhile.
    """
    from bizops_cli.usecases.warehouse import back_up

    size_bytes = back_up(common.open(), file)
    say(f"Wrote {file}, {_readable_size(size_bytes)}")


def _say_status(found: WarehouseStatus) -> None:
    if not found.is_running or found.address is None:
        say("stopped")
    else:
        address = found.address
        say(f"running on {address.host} port {address.port}")
        say(f"  database    {address.database}, user {address.user}")
        say(f"  PostgreSQL  {found.server_version}")
        say(f"  size        {_readable_size(found.size_bytes or 0)}")
    if found.directory is not None:
        say(f"  data        {found.directory}")


def _plain(found: WarehouseStatus) -> dict[str, object]:
    address = found.address
    return {
        "is_running": found.is_running,
        "host": address.host if address else None,
        "port": address.port if address else None,
        "database": address.database if address else None,
        "user": address.user if address else None,
        "server_version": found.server_version,
        "size_bytes": found.size_bytes,
        "directory": found.directory,
    }


def _readable_size(size_bytes: int) -> str:
    size, unit = float(size_bytes), 0
    while size >= 1024 and unit < len(_UNITS) - 1:
        size, unit = size / 1024, unit + 1
    return f"{size:.0f} {_UNITS[unit]}" if unit < 2 else f"{size:.1f} {_UNITS[unit]}"
