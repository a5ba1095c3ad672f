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
    parts: list[Part] = []
    is_resync = False
    if key is None:
        maker.version = adopted.version if adopted else maker.version
        parts = [] if adopted else [Part(None, settings.page_rows)]
    else:
        window = adopted.part.window if adopted else None
        reached = bookmark if window is None else window.end
        lookback, is_resync = _find_lookback(maker, stream_state, now, settings)
        if bookmark is None:
            # All is read, so late rows too; what was begun before may lack some.
            is_resync = lookback > settings.lookback
            lookback = settings.lookback if adopted else timedelta(0)
        start = find_start(reached, lookback=lookback, floor=settings.start_date)
        parts = plan_parts(
            start, end, longest=settings.window, page_rows=settings.page_rows
        )
        _warn_about_deletions(maker, bookmark, now)
    queries = []
    if adopted is not None:
        queries.append(maker.make(adopted.part, name=adopted.batch))
    queries += [maker.make(part) for part in parts]
    return ReadingPlan(
        maker=maker,
        queries=tuple(queries),
        key=key,
        now=now,
        high_water_mark=end,
        is_late_resync=is_resync,
        adopted=adopted,
    )


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


def _find_lookback(
    maker: QueryMaker,
    stream_state: Mapping[str, Any],
    now: datetime,
    settings: Settings,
) -> tuple[timedelta, bool]:
    late = settings.late_lookback.get(maker.stream, timedelta(0))
    if late <= settings.lookback:
        return settings.lookback, False
    is_due = is_resync_due(
        stream_state, now=now, interval=settings.late_resync_interval
    )
    return (late, True) if is_due else (settings.lookback, False)


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
