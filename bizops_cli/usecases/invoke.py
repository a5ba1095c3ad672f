"""`invoke`: a plugin by itself, with its settings, without touching any state."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bizops_cli.files import write_secret_file
from bizops_cli.process.foreground import run_in_foreground
from bizops_cli.process.tail import Tail
from bizops_cli.usecases.catalogs import Looking, catalog_for
from bizops_cli.usecases.session import choose_plugin, open_session, prepare_plugin
from bizops_cli.usecases.target_config import target_config

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bizops_cli.model import Project
    from bizops_cli.runlog.events import OnEvent
    from bizops_cli.usecases.plugin import ReadyPlugin
    from bizops_cli.usecases.session import Session

_ASKING = frozenset({"--discover", "-d", "--about", "--version", "--help", "-h"})
_CATALOG = frozenset({"--catalog", "--properties", "-p"})


def invoke(
    project: Project,
    name: str,
    arguments: Sequence[str],
    *,
    on_line: Callable[[str], None],
    on_event: OnEvent,
) -> int:
    """Run a tap or the target on our stdin and stdout; return its exit status.

    It is given `--config` with the project's settings, a tap that is to read also
    `--catalog` with the project's selection; never a state, and none is kept.

    Args:
        project: The project.
        name: The plugin.
        arguments: More arguments.
        on_line: Called with each line it writes to stderr, secrets masked.
        on_event: Takes events.

    Raises:
        ConfigError: There is no such plugin, or it is not ready.
    """
    settings = choose_plugin(project, name)
    with open_session(project, on_event) as session:
        plugin = prepare_plugin(project, settings)
        own = _arguments(plugin, session, arguments)
        tail = Tail(session.folder.log_file(name), on_line)
        return run_in_foreground(plugin.command(project, *own, *arguments), tail)


def _arguments(
    plugin: ReadyPlugin, session: Session, given: Sequence[str]
) -> list[str]:
    words = {word.partition("=")[0] for word in given}
    if words & {"--about", "--version", "--help", "-h"}:
        return []
    own: list[str] = []
    config_file = session.write_secret("config.json", _config(plugin, session))
    if not words & {"--config", "-c"}:
        own += ["--config", str(config_file)]
    if plugin.settings.kind == "tap" and not words & (_ASKING | _CATALOG):
        applied = catalog_for(plugin, Looking.of(session, plugin), config_file)
        if applied is not None:
            file = session.folder.secrets_directory / "catalog.json"
            write_secret_file(file, json.dumps(applied.catalog).encode())
            own += [catalog_option(plugin), str(file)]
    return own


def catalog_option(tap: ReadyPlugin) -> str:
    """Return how a tap calls its catalog; the oldest ones say properties."""
    says = tap.about.capabilities
    is_old = "properties" in says and "catalog" not in says
    return "--properties" if is_old else "--catalog"


def _config(plugin: ReadyPlugin, session: Session) -> dict[str, object]:
    if plugin.settings.kind == "tap":
        return plugin.config()
    from bizops_cli.usecases.warehouse import find_warehouse

    address = find_warehouse(session.project)
    return target_config(
        plugin,
        address,
        schema=plugin.settings.schema or "raw_invoked",
        state_id=None,
        run_id=session.folder.directory.name,
        cut_short_file=session.folder.secrets_directory / "cut-short",
    )
