"""`warehouse`: the project's PostgreSQL, started, stopped and opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bizops_cli.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bizops_cli.model import Project
    from bizops_cli.warehouse.address import WarehouseAddress, WarehouseStatus
    from bizops_cli.warehouse.embedded import EmbeddedWarehouse


def warehouse_directory(project: Project) -> Path:
    """Return where the embedded warehouse of a project lives."""
    return project.state_directory / "warehouse"


def find_warehouse(project: Project) -> WarehouseAddress:
    """Return how to reach the warehouse, the embedded one started.

    Raises:
        ConfigError: Its URL is wrong.
        DatabaseRefusedError: The embedded one did not start.
        UnreachableError: The embedded one does not answer.
    """
    from bizops_cli.warehouse.connect import resolve_warehouse

    return resolve_warehouse(project.warehouse, directory=warehouse_directory(project))


def start_warehouse(project: Project) -> WarehouseStatus:
    """Start the embedded warehouse, unless it runs.

    Raises:
        ConfigError: The project uses a server of its own.
        DatabaseRefusedError: It did not start.
        UnreachableError: It does not answer.
    """
    warehouse = _embedded(project)
    warehouse.start()
    return warehouse.status()


def stop_warehouse(project: Project, *, delete_data: bool) -> None:
    """Stop the embedded warehouse, if it runs.

    Args:
        project: The project.
        delete_data: Also delete all of its data, wherever it lies.

    Raises:
        ConfigError: The project uses a server of its own.
        UnreachableError: It could not be stopped.
    """
    warehouse = _embedded(project)
    if delete_data:
        warehouse.remove()
    else:
        warehouse.stop()


def warehouse_status(project: Project) -> WarehouseStatus:
    """Return what is known of the warehouse, without starting it.

    Raises:
        ConfigError: The server of the project's own does not let us in.
        UnreachableError: That server does not answer.
    """
    if project.warehouse.type == "embedded":
        return _embedded(project).status()
    from bizops_cli.warehouse.address import WarehouseStatus
    from bizops_cli.warehouse.facts import read_facts
    from bizops_cli.warehouse.refusals import connected

    address = find_warehouse(project)
    with connected(address.url, application_name="bizops status") as connection:
        version, size_bytes = read_facts(connection)
    return WarehouseStatus(
        is_running=True,
        directory=None,
        address=address,
        server_version=version,
        size_bytes=size_bytes,
    )


def open_psql(project: Project, arguments: Sequence[str]) -> int:
    """Run psql on the warehouse and return its exit status.

    Raises:
        ConfigError: There is no psql.
        UnreachableError: The embedded warehouse does not answer.
    """
    from bizops_cli.warehouse.psql import run_psql

    return run_psql(find_warehouse(project), arguments)


def back_up(project: Project, file: Path) -> int:
    """Write the whole warehouse into a file; return its size in bytes.

    Raises:
        ConfigError: There is no pg_dump, or the file cannot be written.
        DatabaseRefusedError: The server refuses.
        UnreachableError: The warehouse does not answer.
    """
    from bizops_cli.warehouse.psql import dump

    if not file.absolute().parent.is_dir():
        raise ConfigError(f"there is no folder {file.parent}", "Make it first.")
    address = find_warehouse(project)
    try:
        dump(address, file)
    except OSError as error:
        raise ConfigError(
            f"{file} cannot be written: {error.strerror}", "Name another file."
        ) from error
    return file.stat().st_size


def _embedded(project: Project) -> EmbeddedWarehouse:
    from bizops_cli.warehouse.embedded import EmbeddedWarehouse

    if project.warehouse.type != "embedded":
        raise ConfigError(
            "the warehouse of this project is a server of your own",
            "Start and stop it with its own tools; to use the embedded one, set "
            "warehouse: {type: embedded} and unset BIZOPS_WAREHOUSE_URL.",
        )
    return EmbeddedWarehouse(warehouse_directory(project))
