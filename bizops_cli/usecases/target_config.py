"""The target's configuration: the project's own, and what bizops knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bizops_cli.errors import ConfigError
from bizops_cli.usecases.plugin import (
    CONNECTION_SETTINGS,
    SCHEMA_SETTINGS,
    URL_SETTINGS,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bizops_cli.usecases.plugin import ReadyPlugin
    from bizops_cli.warehouse.address import WarehouseAddress


def target_config(
    target: ReadyPlugin,
    address: WarehouseAddress,
    *,
    schema: str,
    state_id: str | None,
    run_id: str,
    cut_short_file: Path,
    rebuilt_schemas: Sequence[str] = (),
) -> dict[str, object]:
    """Return what the target is started with.

    A setting of the project file stays as it is. Where the project names a server of
    its own, nothing of the warehouse is mixed in. Only settings the target says it
    has are filled in.

    Args:
        target: The target.
        address: The warehouse.
        schema: Schema for the rows.
        state_id: Where a target that keeps states keeps this one; None for nowhere.
        run_id: This run.
        cut_short_file: There when the input ends, if the tap did not end well.
        rebuilt_schemas: Schemas whose views dbt makes anew, so that the target may
            make them again when a column below them must widen.

    Raises:
        ConfigError: The target keeps states, and the project gives it a server.
    """
    config = target.config()
    known = target.about.setting_names
    connection = {
        *URL_SETTINGS,
        *(n for ns in CONNECTION_SETTINGS.values() for n in ns),
    }
    own_connection = sorted(connection & config.keys())
    if own_connection and target.keeps_state:
        raise ConfigError(
            f"{target.name} has the setting {own_connection[0]!r}, "
            "but it writes to the project's warehouse",
            "Remove it; `warehouse:` says where the data goes.",
        )
    filled: dict[str, object] = {}
    if not own_connection:
        filled |= _connection(address, known)
    filled |= _first(SCHEMA_SETTINGS, known, schema)
    if target.keeps_state:
        filled |= {"state_id": state_id} if state_id else {}
        filled |= {"run_id": run_id}
    if "cut_short_file" in known:
        filled["cut_short_file"] = str(cut_short_file)
    if "rebuilt_view_schemas" in known and rebuilt_schemas:
        filled["rebuilt_view_schemas"] = ",".join(rebuilt_schemas)
    return {**filled, **config}


def _connection(
    address: WarehouseAddress, known: frozenset[str]
) -> Mapping[str, object]:
    parts: dict[str, object] = {}
    for attribute, names in CONNECTION_SETTINGS.items():
        parts |= _first(names, known, getattr(address, attribute))
    url = _first(URL_SETTINGS, known, address.url)
    # A whole URL also carries what the parts cannot say, such as sslmode.
    return url if "url" in url or len(parts) < len(CONNECTION_SETTINGS) else parts


def _first(
    names: tuple[str, ...], known: frozenset[str], value: object
) -> dict[str, object]:
    return next(({name: value} for name in names if name in known), {})
