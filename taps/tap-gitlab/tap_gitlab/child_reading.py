"""Reading what hangs on merge requests, pipelines and epics, one call for each."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from reading_kit.errors import ApiError
from tap_gitlab.change_reading import read_anchored_list, read_changes
from tap_gitlab.columns import columns
from tap_gitlab.judging import is_left_out
from tap_gitlab.lists import ListPlan, read_list
from tap_gitlab.page_source import PageSource
from tap_gitlab.partitions import Chunk
from tap_gitlab.rows import Row, RowReader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tap_gitlab.partitions import Partition
    from tap_gitlab.reading import Reading

logger = logging.getLogger(__name__)

_ROWS_AT_ONCE = 500
_MERGE_REQUESTS = RowReader.of(
    "merge_requests", columns(whole="id iid project_id", moment="updated_at")
)
_PIPELINES = RowReader.of("pipelines", columns(whole="id", moment="updated_at"))
_EPICS = RowReader.of("epics", columns(whole="id iid group_id", moment="updated_at"))


def read_of_merge_requests(reading: Reading, partition: Partition) -> Iterator[Chunk]:
    """Read what hangs on each merge request that has changed."""
    spec = reading.spec

    def fetch(parent: Row) -> list[Row]:
        base = f"/projects/{parent.project_id}/merge_requests/{parent.iid}"
        added = {"project_id": parent.project_id, "merge_request_iid": parent.iid}
        return _fetch_all(reading, partition, f"{base}{spec.path}", added)

    parents = read_changes(
        reading,
        partition,
        path="/merge_requests",
        params={"scope": "all", "state": "all"},
        rows=_MERGE_REQUESTS,
    )
    yield from _read_children(reading, parents, fetch)


def read_of_pipelines(reading: Reading, partition: Partition) -> Iterator[Chunk]:
    """Read each pipeline that has changed by itself: with its times and coverage."""

    def fetch(parent: Row) -> list[Row]:
        path = f"{partition.base}/pipelines/{parent.id}"
        return partition.client.get(path, reading.rows.read).value

    parents = read_anchored_list(reading, partition, path="/pipelines", rows=_PIPELINES)
    yield from _read_children(reading, parents, fetch)


def read_of_epics(reading: Reading, partition: Partition) -> Iterator[Chunk]:
    """Read the issues of each epic that has changed."""

    def fetch(parent: Row) -> list[Row]:
        group_id = parent.group_id or partition.added["group_id"]
        path = f"/groups/{group_id}/epics/{parent.iid}/issues"
        added = {"group_id": group_id, "epic_iid": parent.iid}
        return _fetch_all(reading, partition, path, added)

    parents = read_anchored_list(reading, partition, path="/epics", rows=_EPICS)
    yield from _read_children(reading, parents, fetch)


def _fetch_all(
    reading: Reading, partition: Partition, path: str, added: dict[str, Any]
) -> list[Row]:
    source = PageSource(
        partition.client,
        lambda body: reading.rows.read(body, added),
        page_rows=reading.settings.page_rows,
    )
    found: list[Row] = []
    for page in read_list(source, ListPlan(path, reading.spec.params)):
        found += page
    return found


def _read_children(
    reading: Reading, parents: Iterator[Chunk], fetch: Callable[[Row], list[Row]]
) -> Iterator[Chunk]:
    """Read the children of each parent; a bookmark counts once all have theirs."""

    def attempt(parent: Row) -> list[Row] | ApiError:
        try:
            return fetch(parent)
        except ApiError as error:
            if not is_left_out(error.problem):
                raise
            return error

    for chunk in parents:
        rows: list[Row] = []
        for result in reading.workshop.map_ahead(attempt, chunk.rows):
            if isinstance(result, ApiError):
                if reading.findings.is_new(f"{reading.spec.name} {result}"):
                    logger.warning(
                        "%s of some are left out: %s", reading.spec.name, result
                    )
                continue
            rows += result
            if len(rows) >= _ROWS_AT_ONCE:
                yield Chunk(rows)
                rows = []
        yield Chunk(rows, chunk.bookmark, chunk.notes)
