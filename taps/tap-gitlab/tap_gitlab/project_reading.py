"""Reading lists of projects and groups that have no order by update."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from reading_kit.errors import ApiError
from reading_kit.sending import MalformedAnswerError
from reading_kit.timestamps import format_instant
from tap_gitlab.deriving import languages
from tap_gitlab.judging import is_left_out, is_without_keyset
from tap_gitlab.lists import ListPlan, read_list
from tap_gitlab.page_source import HeavyListError
from tap_gitlab.partitions import Chunk
from tap_gitlab.reading import READ_UNTIL, Reading, as_text
from tap_gitlab.rows import read_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_gitlab.partitions import Partition
    from tap_gitlab.rows import Row

logger = logging.getLogger(__name__)

_JOBS_LOOKBACK = timedelta(days=7)
_UNFINISHED = "unfinished"
_UNFINISHED_STATUSES = frozenset(
    {
        "created",
        "pending",
        "preparing",
        "running",
        "scheduled",
        "waiting_for_callback",
        "waiting_for_resource",
        "canceling",
    }
)
_MOST_UNFINISHED = 1_000


def read_whole_list(reading: Reading, partition: Partition) -> Iterator[Chunk]:
    """Read a list from its beginning to its end."""
    plan = ListPlan(f"{partition.base}{reading.spec.path}", reading.spec.params)
    for page in read_list(reading.source(partition), plan):
        yield Chunk(page)


def read_users(reading: Reading, partition: Partition) -> Iterator[Chunk]:
    """Read the site's users, by keyset where the version has it."""
    for page in _by_keyset(
        reading, partition, keyset={"order_by": "id", "sort": "asc"}, offset={}
    ):
        yield Chunk(page)


def read_languages(reading: Reading, partition: Partition) -> Iterator[Chunk]:
    """Read a project's languages and their shares."""
    path = f"{partition.base}{reading.spec.path}"

    def parse(body: bytes) -> list[Row]:
        document = read_json(body)
        if not isinstance(document, dict):
            raise MalformedAnswerError("languages that are no object")
        return reading.rows.make(languages(document), partition.added)

    yield Chunk(partition.client.get(path, parse).value)


def read_commits(reading: Reading, partition: Partition) -> Iterator[Chunk]:
    """Read a project's commits of all branches, the newest first.

    A push may bring commits older than those read before: some days are read again.
    How far they reach is known at the end. A project without activity since then has
    none; lists of pipelines are always asked for, since schedules run some without any.
    """
    if reading.is_idle(partition):
        return
    settings = reading.settings
    start = reading.start_of(partition, lookback=settings.commits_lookback)
    params = {"all": "true", "until": format_instant(reading.cutoff)}
    if start is not None:
        params["since"] = format_instant(start)
    try:
        yield from _commits(reading, partition, params | {"with_stats": "true"})
    except HeavyListError:
        logger.warning(
            "%s: commits with statistics take too long, reading them without",
            partition.title,
        )
        yield from _commits(reading, partition, params)


def _commits(
    reading: Reading, partition: Partition, params: dict[str, str]
) -> Iterator[Chunk]:
    source = reading.source(partition, is_replaceable="with_stats" in params)
    path = f"{partition.base}{reading.spec.path}"
    highest = ""
    for page in read_list(source, ListPlan(path, params, ends_at_empty=True)):
        since = params.get("since") if "since" in source.dropped else None
        rows = [row for row in page if since is None or row.committed_date >= since]
        highest = max([highest, *(row.committed_date or "" for row in rows)])
        yield Chunk(rows)
    yield Chunk([], highest, {READ_UNTIL: format_instant(reading.cutoff)})


def read_jobs(reading: Reading, partition: Partition) -> Iterator[Chunk]:
    """Read a project's jobs, the newest first, down to those that are over.

    The list has no filter of time and jobs end after they were made: the last seven
    days are read again, and so are older jobs that were not over.
    """
    waiting = set(partition.notes.get(_UNFINISHED) or ())
    floor = as_text(reading.start_of(partition, lookback=_JOBS_LOOKBACK)) or ""
    unfinished: set[int] = set()
    highest = ""
    order = {"order_by": "id", "sort": "desc"}
    for page in _by_keyset(reading, partition, keyset=order, offset={}):
        rows = [row for row in page if (row.created_at or "") >= floor]
        highest = max([highest, *(row.created_at or "" for row in rows)])
        unfinished |= {r.id for r in rows if r.status in _UNFINISHED_STATUSES}
        waiting -= {row.id for row in page}
        yield Chunk(rows)
        if page and not rows:
            break
    old = [
        row
        for identity in sorted(waiting)
        for row in _job(reading, partition, identity)
    ]
    unfinished |= {row.id for row in old if row.status in _UNFINISHED_STATUSES}
    kept = sorted(unfinished)[-_MOST_UNFINISHED:]
    yield Chunk(old, highest, {_UNFINISHED: kept})


def _job(reading: Reading, partition: Partition, identity: int) -> list[Row]:
    """Read one job; none where it has been deleted."""
    path = f"{partition.base}{reading.spec.path}/{identity}"
    try:
        return partition.client.get(
            path, lambda body: reading.rows.read(body, partition.added)
        ).value
    except ApiError as error:
        if not is_left_out(error.problem):
            raise
        return []


def _by_keyset(
    reading: Reading,
    partition: Partition,
    *,
    keyset: dict[str, Any],
    offset: dict[str, Any],
) -> Iterator[list[Row]]:
    """Read a list by keyset, or by numbered pages where the version lacks that."""
    path = f"{partition.base}{reading.spec.path}"
    lacking = reading.findings.without_keyset
    if reading.spec.name not in lacking:
        params = {**reading.spec.params, "pagination": "keyset", **keyset}
        try:
            yield from read_list(reading.source(partition), ListPlan(path, params))
        except ApiError as error:
            # Refused at the first page: nothing has been given yet.
            if not is_without_keyset(error.problem):
                raise
        else:
            return
        lacking.add(reading.spec.name)
        logger.info("%s: this version has no keyset paging", reading.spec.name)
    plan = ListPlan(path, {**reading.spec.params, **offset})
    yield from read_list(reading.source(partition), plan)
