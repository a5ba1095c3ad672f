"""`--full-refresh STREAM`: the names are checked before anything is read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bizops_cli.config.problems import suggestion
from bizops_cli.errors import ConfigError
from bizops_cli.files import write_secret_file
from bizops_cli.usecases.catalogs import Looking, catalog_for

if TYPE_CHECKING:
    from bizops_cli.usecases.run_context import RunContext

ALL_STREAMS = "*"


def check_full_refresh(context: RunContext) -> None:
    """Make sure that each stream to be read anew is one of a tap's.

    Raises:
        ConfigError: No tap of the run has it.
    """
    wanted = set(context.request.full_refresh) - {ALL_STREAMS}
    if not wanted:
        return
    known: set[str] = set()
    for tap in context.plan.taps:
        file = context.folder.secrets_directory / f"{tap.name}.discover.json"
        write_secret_file(file, json.dumps(tap.config()).encode())
        applied = catalog_for(
            tap,
            Looking.of(context, tap),
            file,
            refreshes=context.request.refreshes_catalog,
        )
        if applied is None:
            return  # it has no catalog, so that its streams cannot be known
        known.update(applied.streams)
    for name in sorted(wanted - known):
        raise ConfigError(
            f"no selected stream is called {name!r}",
            suggestion(name, known, what="stream"),
        )
