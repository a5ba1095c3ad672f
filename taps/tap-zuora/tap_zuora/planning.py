"""Plans what a run reads of a stream, from its state and the server's time. Pure."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from reading_kit.timestamps import format_instant
from tap_zuora.bookmarks import (
    DELETED_KEPT,
    Progress,
    is_resync_due,
    read_progress,
)
from tap_zuora.windows import Part, find_high_water_mark, find_start, plan_parts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tap_zuora.queries import Query, QueryMaker
    from tap_zuora.settings import Settings

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReadingPlan:
    """What a run reads of a stream.

    Attributes:
        queries: In the order their rows are written.
        key: The replication key, none for the whole table.
        now: The server's time.
        high_water_mark: Up to where changes are read.
        is_late_resync: Whether the longer lookback is used.
        adopted: The query of an interrupted run that is gone on with, the first.
    """

    maker: QueryMaker
    queries: tuple[Query, ...]
    key: str | None
    now: datetime
    high_water_mark: datetime
    is_late_resync: bool = False
    adopted: Progress | None = None

    @property
    def now_text(self) -> str:
        """Give the server's time as it is written in the state."""
        return format_instant(self.now)


def plan_reading(
    maker: QueryMaker,
    stream_state: Mapping[str, Any],
    *,
    key: str | None,
    bookmark: datetime | None,
    now: datetime,
    settings: Settings,
) -> ReadingPlan:
    """Plan the reading of a stream.

    Args:
        maker: Makes its queries.
        stream_state: Its part of the state.
        key: Its replication key, none for the whole table.
        bookmark: Up to where it was read before, if it was.
        now: The server's time.
        settings: The settings.
    """
    end = find_high_water_mark(
        now, safety_lag=settings.safety_lag, ceiling=settings.end_date
    )
    maker.is_incremental = key is not None and bookmark is not None
    adopted = _find_adoptable(maker, stream_state, key=key, now=now)
    is_resync = key is not None and _is_resync_due(maker, stream_state, now, settings)
    if key is None:
        maker.version = adopted.version if adopted else maker.version
        parts = [] if adopted else [Part(None, settings.page_rows)]
    else:
        _warn_about_deletions(maker, bookmark, now)
        lookback = settings.late_lookback[maker.stream] if is_resync else None
        start = _find_start(bookmark, adopted, lookback or settings.lookback, settings)
        parts = plan_parts(
            start, end, longest=settings.window, page_rows=settings.page_rows
        )
    queries = []
    if adopted is not None:
        queries.append(maker.make(adopted.part, name=adopted.batch))
    queries += [maker.make(part) for part in parts]
    return ReadingPlan(maker, tuple(queries), key, now, end, is_resync, adopted)


def _find_start(
    bookmark: datetime | None,
    adopted: Progress | None,
    lookback: timedelta,
    settings: Settings,
) -> datetime:
    """Give where to begin: a lookback before what was read, or at the start date.

    A first read that was interrupted may lack late rows too.
    """
    window = adopted.part.window if adopted else None
    if bookmark is None and window is not None:
        lookback = settings.lookback
    reached = bookmark if window is None else window.end
    return find_start(reached, lookback=lookback, floor=settings.start_date)


def _find_adoptable(
    maker: QueryMaker,
    stream_state: Mapping[str, Any],
    *,
    key: str | None,
    now: datetime,
) -> Progress | None:
    """Give the query of an interrupted run, if the same would be asked again."""
    progress = read_progress(stream_state)
    if progress is None:
        return None
    is_same = (
        progress.schema_hash == maker.schema_hash
        and (progress.part.window is None) is (key is None)
        and progress.is_fresh(now)
    )
    return progress if is_same else None


def _is_resync_due(
    maker: QueryMaker,
    stream_state: Mapping[str, Any],
    now: datetime,
    settings: Settings,
) -> bool:
    """Tell whether rows of late commits are to be looked for further back."""
    late = settings.late_lookback.get(maker.stream, timedelta(0))
    return late > settings.lookback and is_resync_due(
        stream_state, now=now, interval=settings.late_resync_interval
    )


def _warn_about_deletions(
    maker: QueryMaker, bookmark: datetime | None, now: datetime
) -> None:
    if maker.has_deleted and bookmark is not None and now - bookmark > DELETED_KEPT:
        logger.warning(
            "%s was last read more than %d days ago: rows deleted before that many "
            "days leave no trace",
            maker.stream,
            DELETED_KEPT.days,
        )
