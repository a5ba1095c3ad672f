"""The catalog a tap is run with: discovered, kept while nothing changes, selected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bizops_cli.config.problems import Problem, raise_problems, suggestion
from bizops_cli.errors import ConfigError, UnreachableError
from bizops_cli.process.capture import Capture
from bizops_cli.process.tail import Tail
from bizops_cli.runlog.events import Note
from bizops_cli.singer.catalog import (
    apply_selection,
    field_names,
    is_catalog,
    parse_catalog,
)
from bizops_cli.usecases.catalog_cache import keep_catalog, read_kept_catalog
from bizops_cli.usecases.failures import plugin_failure

if TYPE_CHECKING:
    from pathlib import Path

    from bizops_cli.model import KeyPath, Project
    from bizops_cli.runlog.events import OnEvent
    from bizops_cli.singer.catalog import Applied, Catalog
    from bizops_cli.usecases.plugin import ReadyPlugin
    from bizops_cli.usecases.run_context import Control, RunContext
    from bizops_cli.usecases.session import Session

DISCOVERY_TIMEOUT_S = 1800.0


@dataclass(frozen=True, slots=True)
class Looking:
    """What a discovery works with.

    Attributes:
        project: The project.
        control: Takes the process under control.
        on_event: Is told that the source is being looked at.
        log_file: Takes what the tap says.
    """

    project: Project
    control: Control
    on_event: OnEvent
    log_file: Path

    @classmethod
    def of(cls, work: RunContext | Session, tap: ReadyPlugin) -> Looking:
        """Return the same of a run or a session."""
        log_file = work.folder.log_file(f"{tap.name}.discover")
        return cls(work.project, work.control, work.on_event, log_file)


def catalog_for(
    tap: ReadyPlugin, looking: Looking, config_file: Path, *, refreshes: bool = False
) -> Applied | None:
    """Return the tap's catalog with selection and metadata; None if it has none.

    Args:
        tap: The tap.
        looking: For a discovery, if one is needed.
        config_file: The tap's settings.
        refreshes: Discover anew, whatever is kept.

    Raises:
        ConfigError: A pattern fits nothing, or nothing is selected.
        PluginError: The discovery failed.
    """
    catalog = None if refreshes else _kept_catalog(tap, looking.project)
    if catalog is None:
        catalog = discover(tap, looking, config_file)
    return None if catalog is None else select_in(catalog, tap, looking.project)


def select_in(catalog: Catalog, tap: ReadyPlugin, project: Project) -> Applied:
    """Return a catalog with the project's selection and metadata.

    Raises:
        ConfigError: A pattern fits nothing, nothing is selected, or a schema is given
            to what is no field.
    """
    settings = tap.settings
    applied = apply_selection(
        catalog, select=settings.select, metadata=settings.metadata
    )
    problems = [*_unmatched(tap, project, applied), *_misplaced(tap, project, applied)]
    raise_problems(problems)
    if not applied.streams:
        raise ConfigError(
            f"nothing of {tap.name} is selected",
            f"Look at `select:` of {tap.name} in bizops.yml.",
        )
    return applied


def discover(
    tap: ReadyPlugin, looking: Looking, config_file: Path, *, keeps: bool = True
) -> Catalog | None:
    """Ask the tap what there is; None if it cannot say and need not.

    Args:
        tap: The tap.
        looking: What the discovery works with.
        config_file: The tap's settings.
        keeps: Keep the answer for runs to come.

    Raises:
        ConfigError: It cannot discover, but something is to be selected.
        PluginError: It failed.
    """
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
    looking.on_event(Note(f"{tap.name}: looking at what there is to read"))
    tail = Tail(looking.log_file)
    status, output = _ask(tap, looking, config_file, tail)
    if not says and not needed and (status or not is_catalog(output)):
        looking.on_event(Note(f"{tap.name} does not discover: run without a catalog"))
        return None
    if status:
        raise plugin_failure(f"{tap.name} --discover", status, tail, tap=tap.name)
    catalog = parse_catalog(output, tap=tap.name)
    if keeps:
        keep_catalog(tap, looking.project, catalog)
    return catalog


def _ask(
    tap: ReadyPlugin, looking: Looking, config_file: Path, tail: Tail
) -> tuple[int, bytes]:
    capture = Capture(
        tap.command(looking.project, "--config", str(config_file), "--discover"),
        tail,
        DISCOVERY_TIMEOUT_S,
    )
    with looking.control.holding(capture):
        answer = capture.run()
    if capture.was_stopped:
        raise looking.control.interruption()
    if capture.has_timed_out:
        raise UnreachableError(
            f"{tap.name} --discover took longer than {DISCOVERY_TIMEOUT_S:.0f} s",
            f"Look at {tail.file}.",
        )
    return answer


def _kept_catalog(tap: ReadyPlugin, project: Project) -> Catalog | None:
    kept = read_kept_catalog(tap, project)
    return kept.catalog if kept is not None and kept.is_current else None


def _unmatched(tap: ReadyPlugin, project: Project, applied: Applied) -> list[Problem]:
    problems = []
    settings = tap.settings
    for pattern in applied.unmatched:
        path: KeyPath = ("taps", tap.name, "metadata", pattern)
        if pattern in settings.select:
            path = (*path[:2], "select", settings.select.index(pattern))
        position = project.position(path)
        if position is None:
            raise LookupError(pattern)
        step = nearest_pattern(pattern, applied.catalog)
        message = f"{tap.name} has nothing that {pattern!r} fits"
        problems.append(Problem(position, message, step))
    return problems


def _misplaced(tap: ReadyPlugin, project: Project, applied: Applied) -> list[Problem]:
    problems = []
    for pattern in applied.misplaced:
        path: KeyPath = ("taps", tap.name, "metadata", pattern)
        position = project.position(path)
        if position is None:
            raise LookupError(pattern)
        message = f"{pattern!r} fits no field of {tap.name} to give the schema to"
        step = "Write Stream.field; its parts have no schema of their own."
        problems.append(Problem(position, message, step))
    return problems


def nearest_pattern(pattern: str, catalog: Catalog) -> str:
    """Return what to write instead of a pattern that fits nothing."""
    names = list(field_names(catalog))
    if "." not in pattern:
        names = [name for name in names if "." not in name]
    return suggestion(pattern.removeprefix("!"), names, what="stream")
