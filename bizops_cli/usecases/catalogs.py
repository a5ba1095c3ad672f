"""The catalog a tap is run with: discovered, kept while nothing changes, selected."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bizops_cli.config.problems import Problem, raise_problems, suggestion
from bizops_cli.errors import ConfigError, UnreachableError
from bizops_cli.files import OWNER_ONLY, make_directory, write_atomically
from bizops_cli.plugins.store import read_installed
from bizops_cli.process.capture import Capture
from bizops_cli.process.tail import Tail
from bizops_cli.runlog.events import Note
from bizops_cli.singer.catalog import (
    apply_selection,
    field_names,
    is_catalog,
    parse_catalog,
)
from bizops_cli.usecases.failures import plugin_failure

if TYPE_CHECKING:
    from pathlib import Path

    from bizops_cli.model import KeyPath
    from bizops_cli.singer.catalog import Applied, Catalog
    from bizops_cli.usecases.plugin import ReadyPlugin
    from bizops_cli.usecases.run_context import RunContext

DISCOVERY_TIMEOUT_S = 1800.0


@dataclass(frozen=True, slots=True)
class _Kept:
    salt: str
    fingerprint: str
    catalog: Catalog


def catalog_for(
    tap: ReadyPlugin, context: RunContext, config_file: Path
) -> Applied | None:
    """Return the tap's catalog with selection and metadata; None if it has none.

    Raises:
        ConfigError: A pattern fits nothing, or nothing is selected.
        PluginError: The discovery failed.
    """
    catalog = _kept_catalog(tap, context)
    if catalog is None:
        catalog = _discover(tap, context, config_file)
    if catalog is None:
        return None
    settings = tap.settings
    applied = apply_selection(
        catalog, select=settings.select, metadata=settings.metadata
    )
    raise_problems(_unmatched(tap, context, applied))
    if not applied.streams:
        raise ConfigError(
            f"nothing of {tap.name} is selected",
            f"Look at `select:` of {tap.name} in bizops.yml.",
        )
    return applied


def _discover(
    tap: ReadyPlugin, context: RunContext, config_file: Path
) -> Catalog | None:
    settings = tap.settings
    needed = bool(settings.select or settings.metadata)
    says = tap.about.capabilities
    if says and "discover" not in says and "catalog" not in says:
        if needed:
            raise ConfigError(
                f"{tap.name} cannot discover, so that nothing can be selected",
                f"Remove `select:` and `metadata:` of {tap.name}.",
            )
        return None
    context.on_event(Note(f"{tap.name}: looking at what there is to read"))
    tail = Tail(context.folder.log_file(f"{tap.name}.discover"))
    capture = Capture(
        tap.command(context.project, "--config", str(config_file), "--discover"),
        tail,
        DISCOVERY_TIMEOUT_S,
    )
    context.control.enter(capture)
    try:
        status, output = capture.run()
    finally:
        context.control.leave(capture)
    if capture.was_stopped:
        raise context.control.interruption()
    if capture.has_timed_out:
        raise UnreachableError(
            f"{tap.name} --discover took longer than {DISCOVERY_TIMEOUT_S:.0f} s",
            f"Look at {tail.file}.",
        )
    if not says and not needed and (status or not is_catalog(output)):
        context.on_event(Note(f"{tap.name} does not discover: run without a catalog"))
        return None
    if status:
        raise plugin_failure(f"{tap.name} --discover", status, tail, tap=tap.name)
    catalog = parse_catalog(output, tap=tap.name)
    _keep_catalog(tap, context, catalog)
    return catalog


def _unmatched(
    tap: ReadyPlugin, context: RunContext, applied: Applied
) -> list[Problem]:
    problems = []
    settings = tap.settings
    for pattern in applied.unmatched:
        path: KeyPath = ("taps", tap.name, "metadata", pattern)
        if pattern in settings.select:
            path = (*path[:2], "select", settings.select.index(pattern))
        position = context.project.position(path)
        if position is None:
            raise LookupError(pattern)
        names = list(field_names(applied.catalog))
        if "." not in pattern:
            names = [name for name in names if "." not in name]
        problems.append(
            Problem(
                position,
                f"{tap.name} has nothing that {pattern!r} fits",
                suggestion(pattern.removeprefix("!"), names, what="stream"),
            )
        )
    return problems


# Keeping


def _file(tap: ReadyPlugin, context: RunContext) -> Path:
    directory = context.project.state_directory / "catalogs"
    return directory / f"{context.project.environment}.{tap.name}.json"


def _kept_catalog(tap: ReadyPlugin, context: RunContext) -> Catalog | None:
    if context.request.refreshes_catalog:
        return None
    try:
        kept = _Kept(**json.loads(_file(tap, context).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
    if kept.fingerprint != _fingerprint(tap, context, kept.salt):
        return None
    return kept.catalog


def _keep_catalog(tap: ReadyPlugin, context: RunContext, catalog: Catalog) -> None:
    salt = secrets.token_hex(16)
    file = _file(tap, context)
    make_directory(file.parent)
    value = {
        "salt": salt,
        "fingerprint": _fingerprint(tap, context, salt),
        "catalog": catalog,
    }
    write_atomically(file, json.dumps(value).encode(), mode=OWNER_ONLY)


def _fingerprint(tap: ReadyPlugin, context: RunContext, salt: str) -> str:
    """Return a hash over what the catalog depends on; salted, as secrets are in it."""
    installed = read_installed(context.project, tap.name)
    command = tap.executable.stat()
    facts: list[Any] = [
        salt,
        tap.config(),
        sorted(tap.settings.variables.values()),
        installed.fingerprint if tap.settings.install and installed else None,
        [str(tap.executable), command.st_mtime_ns, command.st_size],
    ]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
