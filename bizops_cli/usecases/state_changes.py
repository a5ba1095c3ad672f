"""`state set|clear|copy|move|export|import|merge|history|rollback`: in people's hands.

Every change is refused while a run of the project is under way, and goes into the
history, so that it can be undone.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import msgspec

from bizops_cli.clock import SystemClock
from bizops_cli.config.problems import suggestion
from bizops_cli.errors import ConfigError
from bizops_cli.ids import StateKey, new_run_id
from bizops_cli.singer.states import (
    bookmark_texts,
    has_bookmarks,
    is_state,
    merged_text,
    text_with_bookmark,
    text_without_streams,
)
from bizops_cli.usecases.session import choose_tap
from bizops_cli.usecases.warehouse import find_warehouse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from bizops_cli.model import Project

FORM = "bizops_states"


@dataclass(frozen=True, slots=True)
class StateChange:
    """What has become of a state; JSON texts, None for none."""

    tap: str
    before: str | None
    after: str | None
    change_id: str


@dataclass(frozen=True, slots=True)
class PastRun:
    """The last state of a run.

    Attributes:
        run_id: The run, or the change.
        committed_at: When.
        bookmarks: Each stream's bookmark as JSON text.
        moved: Streams whose bookmark differs from the one before.
        is_current: Whether this is the state in force.
    """

    run_id: str
    committed_at: datetime
    bookmarks: dict[str, str]
    moved: tuple[str, ...]
    is_current: bool


def set_bookmark(project: Project, tap: str, stream: str, text: str) -> StateChange:
    """Put one stream's bookmark in place.

    Raises:
        ConfigError: There is no such tap, its state keeps no bookmarks by stream, or
            the text is no JSON.
        LockedError: A run is under way.
    """
    with _changing(project, tap, "set") as editing:
        try:
            after = text_with_bookmark(editing.before, stream, text)
        except ValueError as error:
            raise ConfigError(
                f"the bookmark of {stream} cannot be set: {error}",
                "Give it as `bizops state show TAP` prints it, or set the whole state "
                "with `bizops state import`.",
            ) from error
        return editing.put(after)


def clear_state(project: Project, tap: str, streams: Sequence[str]) -> StateChange:
    """Forget the bookmarks of streams, or the whole state.

    Raises:
        ConfigError: There is no such tap, or no bookmark of a stream.
        LockedError: A run is under way.
    """
    with _changing(project, tap, "clear") as editing:
        if not streams or editing.before is None:
            return editing.put(None)
        known = bookmark_texts(editing.before)
        if not has_bookmarks(editing.before):
            raise ConfigError(
                f"the state of {tap} does not tell its streams apart",
                "Clear it as a whole: name no stream.",
            )
        for stream in streams:
            if stream not in known:
                raise ConfigError(
                    f"{tap} has no bookmark of {stream!r}",
                    suggestion(stream, known, what="bookmark"),
                )
        return editing.put(text_without_streams(editing.before, streams))


def export_states(project: Project, taps: Sequence[str]) -> str:
    """Return states as one JSON text, every number as it is stored.

    Raises:
        ConfigError: There is no such tap.
        BizopsError: The warehouse does not answer.
    """
    from bizops_cli.usecases.state import list_tap_states

    for tap in taps:
        choose_tap(project, tap)
    states = {
        state.tap: msgspec.Raw(state.value.encode())
        for state in list_tap_states(project)
        if not taps or state.tap in taps
    }
    value = {FORM: 1, "project": project.name, "environment": project.environment}
    text = msgspec.json.encode({**value, "states": states}).decode()
    return msgspec.json.format(text, indent=2)


def copy_state(
    project: Project,
    source: str,
    tap: str,
    streams: Sequence[str],
    *,
    removes: bool = False,
) -> list[StateChange]:
    """Give a tap the bookmarks of another one, which may have left the project.

    Args:
        project: The project.
        source: Whose bookmarks.
        tap: Who gets them.
        streams: Only these, the others stay; none means the whole state.
        removes: Take them from the source.

    Raises:
        ConfigError: There is no such tap, state or bookmark, or both are one.
        LockedError: A run is under way.
    """
    from bizops_cli.usecases.state import list_tap_states

    if source == tap:
        raise ConfigError(f"{tap} has its own state already", "Name two taps.")
    known = {state.tap: state.value for state in list_tap_states(project)}
    if source not in known:
        raise ConfigError(
            f"there is no state of {source!r}", suggestion(source, known, what="state")
        )
    with _changing(project, tap, "move" if removes else "copy") as editing:
        origin = editing.of(source)
        text = origin.before or "{}"
        if streams:
            text = _with_streams(editing.before, text, streams, source)
        changes = [editing.put(text)]
        if removes:
            left = text_without_streams(origin.before or "{}", streams)
            changes.append(origin.put(left if streams else None))
        return changes


def import_states(
    project: Project, text: str, tap: str | None, *, merges: bool = False
) -> list[StateChange]:
    """Put exported states in place, or a Singer state as that of one tap.

    Args:
        project: The project.
        text: What `state export` wrote, or a Singer state.
        tap: Only, or as, this tap's.
        merges: Keep the bookmarks of streams that the text does not have.

    Raises:
        ConfigError: The text is neither, or of a tap that is not there.
        LockedError: A run is under way.
    """
    states = _states_of(text, tap)
    for name in states:
        choose_tap(project, name)
    changes = []
    for name, state in states.items():
        with _changing(project, name, "merge" if merges else "import") as editing:
            kept = merged_text(editing.before, state) if merges else state
            changes.append(editing.put(kept))
    return changes


def read_past(project: Project, tap: str, *, limit: int) -> list[PastRun]:
    """Return the states after past runs, the latest first.

    Raises:
        ConfigError: There is no such tap.
        BizopsError: The warehouse does not answer.
    """
    from bizops_cli.state.history import read_history
    from bizops_cli.state.postgres import read_state_text
    from bizops_cli.warehouse.refusals import connected
    from bizops_cli.warehouse.schema import migrate

    key = _key(project, tap)
    with connected(find_warehouse(project).url, application_name="bizops state") as c:
        migrate(c)
        past = read_history(c, key, limit=limit + 1)
        current = read_state_text(c, key)
    found: list[PastRun] = []
    for index, state in enumerate(past[:limit]):
        marks = bookmark_texts(state.value)
        earlier = bookmark_texts(past[index + 1].value) if index + 1 < len(past) else {}
        names = sorted(marks.keys() | earlier.keys())
        moved = tuple(n for n in names if marks.get(n) != earlier.get(n))
        is_current = state.value == current and not any(f.is_current for f in found)
        found.append(
            PastRun(state.run_id, state.committed_at, marks, moved, is_current)
        )
    return found


def roll_back(
    project: Project, tap: str, run_id: str, streams: Sequence[str]
) -> StateChange:
    """Put the state in place that a run left, of some streams or as a whole.

    Args:
        project: The project.
        tap: Whose state.
        run_id: The run, or the start of its id.
        streams: Only these; none means the whole state.

    Raises:
        ConfigError: There is no such tap, run or bookmark.
        LockedError: A run is under way.
    """
    from bizops_cli.state.history import read_history

    with _changing(project, tap, "rollback") as editing:
        past = read_history(editing.connection, editing.key, limit=10_000)
        exact = [state for state in past if state.run_id == run_id]
        found = exact or [s for s in past if s.run_id.startswith(run_id)]
        if len(found) != 1:
            names = [state.run_id for state in past]
            raise ConfigError(
                f"{len(found) or 'no'} runs of {tap} begin with {run_id!r}",
                suggestion(run_id, names, what="run") if not found else "Write more.",
            )
        text = found[0].value
        if streams:
            text = _with_streams(editing.before, text, streams, tap)
        return editing.put(text)


def _with_streams(now: str | None, then: str, streams: Sequence[str], tap: str) -> str:
    marks = bookmark_texts(then)
    result = now
    for stream in streams:
        if stream in marks:
            result = text_with_bookmark(result, stream, marks[stream])
        elif result is not None and stream in bookmark_texts(result):
            result = text_without_streams(result, [stream])
        else:
            raise ConfigError(
                f"{tap} had no bookmark of {stream!r} then, nor has it now",
                suggestion(stream, marks, what="bookmark"),
            )
    return result or "{}"


@dataclass(frozen=True, slots=True)
class _Editing:
    """One state, held while it is changed."""

    connection: Any
    key: StateKey
    before: str | None
    change_id: str

    def of(self, tap: str) -> _Editing:
        """Return another tap's state, which the same locks hold."""
        from bizops_cli.state.postgres import read_state_text

        key = replace(self.key, tap=tap)
        before = read_state_text(self.connection, key)
        return _Editing(self.connection, key, before, self.change_id)

    def put(self, text: str | None) -> StateChange:
        from bizops_cli.state.history import replace_state

        if text != self.before:
            replace_state(self.connection, self.key, text, run_id=self.change_id)
        return StateChange(self.key.tap, self.before, text, self.change_id)


@contextlib.contextmanager
def _changing(project: Project, tap: str, verb: str) -> Iterator[_Editing]:
    from bizops_cli.locks.postgres import hold_run_locks, hold_state_lock
    from bizops_cli.state.postgres import read_state_text
    from bizops_cli.warehouse.refusals import connected
    from bizops_cli.warehouse.schema import migrate

    key = _key(project, tap)
    address = find_warehouse(project)
    with contextlib.ExitStack() as stack:
        connection = stack.enter_context(
            connected(address.url, application_name=f"bizops state {verb}")
        )
        migrate(connection)
        stack.enter_context(hold_run_locks(connection, project))
        stack.enter_context(hold_state_lock(connection, key))
        change_id = f"{new_run_id(SystemClock().now())}-{verb}"
        before = read_state_text(connection, key)
        yield _Editing(connection, key, before, change_id)


def _states_of(text: str, tap: str | None) -> dict[str, str]:
    if not is_state(text):
        raise ConfigError(
            "this is no state: no JSON object", "Give what `bizops state export` wrote."
        )
    if FORM not in json.loads(text):
        if tap is None:
            raise ConfigError(
                "this is the state of one tap, but no tap is named",
                "bizops state import FILE --tap TAP",
            )
        return {tap: text}
    value = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    states = msgspec.json.decode(
        value.get("states", b"{}"), type=dict[str, msgspec.Raw]
    )
    found = {name: bytes(state).decode() for name, state in states.items()}
    bad = [name for name, state in found.items() if not is_state(state)]
    if bad:
        raise ConfigError(f"the state of {bad[0]} is no JSON object")
    if tap is not None and tap not in found:
        raise ConfigError(
            f"the file has no state of {tap!r}", suggestion(tap, found, what="state")
        )
    return found if tap is None else {tap: found[tap]}


def _key(project: Project, tap: str) -> StateKey:
    choose_tap(project, tap)
    return StateKey(project.name, project.environment, tap)
