"""Reading groups, projects and the sizes of projects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reading_kit.errors import ApiError
from reading_kit.timestamps import format_instant
from tap_gitlab.lists import ListPlan, read_list
from tap_gitlab.partitions import Chunk
from tap_gitlab.reading import IDLE_MARGIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_gitlab.partitions import Partition
    from tap_gitlab.reading import Reading
    from tap_gitlab.rows import Row

_BY_ID = {"order_by": "id", "sort": "asc"}


def read_groups(reading: Reading, partition: Partition) -> Iterator[Chunk]:
    """Read a configured group and those below it.

    Its embedded projects are not asked for: they are deprecated, and end at 100.
    """
    client, base = partition.client, partition.base
    params = {"with_projects": "false"}
    yield Chunk(client.get(base, reading.rows.read, params).value)
    if not reading.settings.are_subgroups_included:
        return
    try:
        yield from _list_below(reading, partition, f"{base}/descendant_groups")
    except ApiError as error:
        if error.problem.status != 404:
            raise
        yield from _list_by_level(reading, partition, base)


def _list_below(reading: Reading, partition: Partition, path: str) -> Iterator[Chunk]:
    for page in read_list(reading.source(partition), ListPlan(path, _BY_ID)):
        yield Chunk(page)


def _list_by_level(
    reading: Reading, partition: Partition, base: str
) -> Iterator[Chunk]:
    """Read groups level by level, where a version does not know descendants."""
    for chunk in _list_below(reading, partition, f"{base}/subgroups"):
        yield chunk
        for row in chunk.rows:
            yield from _list_by_level(reading, partition, f"/groups/{row.id}")


def read_projects(reading: Reading, partition: Partition) -> Iterator[Chunk]:
    """Read projects, those with any activity since the bookmark.

    Activity is told late, and not all that changes a project is activity.
    """
    bookmark = partition.bookmark
    since = None if bookmark is None else format_instant(bookmark - IDLE_MARGIN)
    highest = ""
    for page in _project_pages(reading, partition):
        rows = [row for row in page if since is None or _has_changed(row, since)]
        highest = max([highest, *(row.last_activity_at or "" for row in page)])
        yield Chunk(rows)
    yield Chunk([], highest)


def _has_changed(row: Row, since: str) -> bool:
    newest = max(row.last_activity_at or "", row.updated_at or "")
    return newest >= since or row.marked_for_deletion_on is not None


def read_statistics(reading: Reading, partition: Partition) -> Iterator[Chunk]:
    """Read the sizes of projects as of today."""
    day = reading.cutoff.date().isoformat()
    for page in _project_pages(reading, partition):
        for row in page:
            row.snapshot_date = day
        yield Chunk(page)


def _project_pages(reading: Reading, partition: Partition) -> Iterator[list[Row]]:
    params = {"statistics": "true"}
    if partition.group is None:
        if reading.settings.is_license_included:
            params["license"] = "true"
        yield partition.client.get(partition.base, reading.rows.read, params).value
        return
    params |= reading.places().group_project_params()
    plan = ListPlan(f"{partition.base}/projects", params)
    yield from read_list(reading.source(partition), plan)
