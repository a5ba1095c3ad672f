"""Reading what changes in order: issues, merge requests, pipelines, deployments."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from reading_kit.errors import ApiError
from reading_kit.timestamps import format_instant
from tap_gitlab.anchored import AnchoredPlan, day_after, day_before, read_anchored
from tap_gitlab.judging import is_left_out
from tap_gitlab.page_source import HeavyListError
from tap_gitlab.partitions import Chunk
from tap_gitlab.reading import Reading, as_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_gitlab.partitions import Partition
    from tap_gitlab.places import Project
    from tap_gitlab.rows import RowReader

logger = logging.getLogger(__name__)

_KNOWN_PROJECTS = "projects"


def read_anchored_list(
    reading: Reading,
    partition: Partition,
    *,
    path: str | None = None,
    rows: RowReader | None = None,
) -> Iterator[Chunk]:
    """Read a list of one project or group in the order of its updates."""
    plan = AnchoredPlan(
        f"{partition.base}{path or reading.spec.path}",
        reading.spec.params if path is None else {},
    )
    source = reading.source(partition, rows)
    start, end = as_text(reading.start_of(partition)), format_instant(reading.cutoff)
    for step in read_anchored(source, plan, start=start, end=end):
        yield Chunk(step.rows, step.bookmark or "")


def read_events(reading: Reading, partition: Partition) -> Iterator[Chunk]:
    """Read a project's events: filters go by whole days, which they leave out."""
    plan = AnchoredPlan(
        f"{partition.base}{reading.spec.path}",
        key="created_at",
        after="after",
        before="before",
        order={"sort": "asc"},
        from_key=day_before,
        to_key=day_after,
    )
    start, end = as_text(reading.start_of(partition)), format_instant(reading.cutoff)
    for step in read_anchored(reading.source(partition), plan, start=start, end=end):
        rows = [row for row in step.rows if start is None or row.created_at >= start]
        yield Chunk(rows, step.bookmark or "")


def read_changes(
    reading: Reading,
    partition: Partition,
    *,
    path: str | None = None,
    params: Mapping[str, str] | None = None,
    rows: RowReader | None = None,
) -> Iterator[Chunk]:
    """Read issues or merge requests of a group with all below, or of a lone project.

    A project that came to the group after the group was read brings changes that are
    older than the bookmark: it is read by itself, once.
    """
    reader = _ChangeReader(
        reading,
        partition,
        path=path or reading.spec.path,
        params=reading.spec.params if params is None else params,
        rows=rows or reading.rows,
    )
    start, end = as_text(reading.start_of(partition)), format_instant(reading.cutoff)
    if partition.group is None:
        yield from reader.of_place(partition.base, start=start, end=end)
        return
    projects = reading.places().projects_of(partition.group)
    known = partition.notes.get(_KNOWN_PROJECTS)
    note = {_KNOWN_PROJECTS: sorted(project.id for project in projects)}
    if known is None:
        yield Chunk([], notes=note)
    try:
        yield from reader.of_place(partition.base, start=start, end=end)
    except HeavyListError as error:
        logger.warning(
            "%s of %s are too many for one list (%s): reading them by project",
            path or reading.spec.path,
            partition.title,
            error,
        )
        yield from reader.of_projects(projects, start=start, end=end)
    newcomers = [p for p in projects if known is not None and p.id not in set(known)]
    if newcomers and start is not None:
        paths = ", ".join(project.path for project in newcomers)
        logger.info("%s: new to the group, read from its start: %s", path, paths)
        older = as_text(reading.settings.start)
        for chunk in reader.of_projects(newcomers, start=older, end=start):
            yield Chunk(chunk.rows)
    if known is not None and note[_KNOWN_PROJECTS] != known:
        yield Chunk([], notes=note)


class _ChangeReader:
    """Reads one kind of change by its lists."""

    def __init__(
        self,
        reading: Reading,
        partition: Partition,
        *,
        path: str,
        params: Mapping[str, str],
        rows: RowReader,
    ) -> None:
        self._reading = reading
        self._partition = partition
        self._path = path
        self._params = params
        self._rows = rows

    def of_place(self, base: str, *, start: str | None, end: str) -> Iterator[Chunk]:
        """Read the list of a group, or of a project."""
        is_group = base.startswith("/groups/")
        params = dict(self._params)
        if is_group and self._reading.settings.are_archived_included:
            params["non_archived"] = "false"
        source = self._reading.source(
            self._partition, self._rows, is_replaceable=is_group
        )
        plan = AnchoredPlan(f"{base}{self._path}", params)
        for step in read_anchored(source, plan, start=start, end=end):
            yield Chunk(step.rows, step.bookmark or "")

    def of_projects(
        self, projects: list[Project], *, start: str | None, end: str
    ) -> Iterator[Chunk]:
        """Read the lists of projects; how far all reach is known at the end only."""
        highest = ""
        for project in projects:
            try:
                for chunk in self.of_place(
                    f"/projects/{project.id}", start=start, end=end
                ):
                    highest = max(highest, chunk.bookmark)
                    yield Chunk(chunk.rows)
            except ApiError as error:
                if not is_left_out(error.problem):
                    raise
                logger.info("%s is left out: %s", project.path, error)
        yield Chunk([], highest)
