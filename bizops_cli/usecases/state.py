"""`state`: up to where each tap has been loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bizops_cli.config.problems import suggestion
from bizops_cli.errors import ConfigError
from bizops_cli.ids import StateKey
from bizops_cli.singer.states import bookmark_texts
from bizops_cli.usecases.warehouse import find_warehouse

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bizops_cli.model import Project
    from bizops_cli.state.postgres import StateEntry


@dataclass(frozen=True, slots=True)
class TapState:
    """A tap's state as it is stored.

    Attributes:
        state_id: Its id, `project:environment:tap`.
        tap: The tap's name.
        bookmarks: Each stream's bookmark as JSON text.
        value: The whole state as JSON text.
        run_id: The run that wrote it.
        updated_at: When.
    """

    state_id: str
    tap: str
    bookmarks: Mapping[str, str]
    value: str
    run_id: str | None
    updated_at: datetime


def list_tap_states(project: Project) -> list[TapState]:
    """Return the states of the project's taps in its environment, by tap.

    Raises:
        BizopsError: The warehouse cannot be reached or refuses.
    """
    prefix = str(StateKey(project.name, project.environment, ""))
    return [_tap_state(entry) for entry in _read(project, prefix)]


def show_tap_state(project: Project, tap: str) -> TapState | None:
    """Return the state of one tap; None if it has not been loaded yet.

    Raises:
        ConfigError: There is no such tap in the project, nor a state of one.
        BizopsError: The warehouse cannot be reached or refuses.
    """
    states = {state.tap: state for state in list_tap_states(project)}
    if tap not in states and tap not in project.taps:
        known = sorted({*states, *project.taps})
        raise ConfigError(
            f"there is no tap {tap!r}", suggestion(tap, known, what="tap")
        )
    return states.get(tap)


def _read(project: Project, prefix: str) -> list[StateEntry]:
    from bizops_cli.state.postgres import list_states
    from bizops_cli.warehouse.refusals import connected
    from bizops_cli.warehouse.schema import has_table

    address = find_warehouse(project)
    with connected(address.url, application_name="bizops state") as connection:
        if not has_table(connection, "bizops.state"):
            return []
        return list_states(connection, prefix=prefix)


def _tap_state(entry: StateEntry) -> TapState:
    return TapState(
        state_id=entry.state_id,
        tap=entry.state_id.rpartition(":")[2],
        bookmarks=bookmark_texts(entry.value),
        value=entry.value,
        run_id=entry.run_id,
        updated_at=entry.updated_at,
    )
