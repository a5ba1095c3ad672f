"""How far back streams have been read: what a run adds to it, what a plan misses."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bizops_cli.usecases.full_refresh import ALL_STREAMS
from bizops_cli.warehouse.reach import Reach

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from psycopg2.extensions import connection as Connection  # noqa: N812

    from bizops_cli.model import StreamRun
    from bizops_cli.usecases.load import Load
    from bizops_cli.usecases.plugin import ReadyPlugin
    from bizops_cli.usecases.run_context import RunContext
    from bizops_cli.usecases.run_plan import EltRequest
    from bizops_cli.warehouse.reach import Reaches


def start_date_of(tap: ReadyPlugin) -> str | None:
    """Return from when on a tap is told to read; None if it is not."""
    value = tap.config().get("start_date")
    return None if value is None else str(value)


def is_earlier(day: str | None, other: str | None) -> bool:
    """Tell whether a day or instant lies before another; false if one is none."""
    first, second = _instant(day), _instant(other)
    return first is not None and second is not None and first < second


def remember_reaches(
    connection: Connection, context: RunContext, loads: Sequence[Load]
) -> None:
    """Keep what the loads of a run have added to what streams cover."""
    from bizops_cli.warehouse.reach import keep_reaches, read_reaches

    known = read_reaches(connection, context.project)
    taps = {tap.name: tap for tap in context.plan.taps}
    found = {
        (load.run.tap, stream.stream): reach
        for load in loads
        for stream, reach in _reaches(load, taps[load.run.tap], context.request, known)
    }
    changed = {key: reach for key, reach in found.items() if known.get(key) != reach}
    if changed:
        keep_reaches(connection, context.project, changed)


def _reaches(
    load: Load, tap: ReadyPlugin, request: EltRequest, known: Reaches
) -> Iterator[tuple[StreamRun, Reach]]:
    for stream in load.streams:
        columns = load.columns.get(stream.stream)
        if request.is_backfill:
            old = known.get((tap.name, stream.stream))
            if old is not None and load.error is None:
                yield stream, _with_window(old, request, columns)
        elif request.keeps_state and _was_read_anew(stream, load, request):
            yield stream, Reach(start_date_of(tap), columns)


def _was_read_anew(stream: StreamRun, load: Load, request: EltRequest) -> bool:
    """Tell whether what a stream has now was read from the start by this run."""
    anew = {ALL_STREAMS, stream.stream} & set(request.full_refresh)
    if not anew and stream.bookmark_before is not None:
        return False
    return load.error is None or stream.bookmark_after != stream.bookmark_before


def _with_window(
    old: Reach, request: EltRequest, columns: tuple[str, ...] | None
) -> Reach:
    """Return what is covered when a window has been read too."""
    if is_earlier(request.until, old.start_date):
        return old  # a gap is left between them
    start = request.since if is_earlier(request.since, old.start_date) else None
    is_whole = request.until is None and not is_earlier(old.start_date, request.since)
    known = old.columns
    if is_whole and columns is not None and known is not None:
        known = tuple(dict.fromkeys([*known, *columns]))
    return Reach(start or old.start_date, known)


def _instant(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found and found.tzinfo is None else found
