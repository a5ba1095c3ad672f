"""Which reader reads a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_gitlab.change_reading import read_anchored_list, read_changes, read_events
from tap_gitlab.child_reading import (
    read_of_epics,
    read_of_merge_requests,
    read_of_pipelines,
)
from tap_gitlab.dora_reading import read_dora
from tap_gitlab.place_reading import read_groups, read_projects, read_statistics
from tap_gitlab.project_reading import (
    read_commits,
    read_jobs,
    read_languages,
    read_users,
    read_whole_list,
)
from tap_gitlab.stream_spec import How
from tap_gitlab.usage_reading import (
    read_metadata,
    read_metric_definitions,
    read_object,
    read_ping_metrics,
    read_pings,
    read_snapshot,
    read_usage_data,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tap_gitlab.partitions import Chunk, Partition
    from tap_gitlab.reading import Reading

READERS: dict[How, Callable[[Reading, Partition], Iterator[Chunk]]] = {
    How.LIST: read_whole_list,
    How.ANCHORED: read_anchored_list,
    How.CHANGES: read_changes,
    How.EVENTS: read_events,
    How.GROUPS: read_groups,
    How.PROJECTS: read_projects,
    How.STATISTICS: read_statistics,
    How.LANGUAGES: read_languages,
    How.USERS: read_users,
    How.JOBS: read_jobs,
    How.COMMITS: read_commits,
    How.OF_MERGE_REQUESTS: read_of_merge_requests,
    How.OF_PIPELINES: read_of_pipelines,
    How.OF_EPICS: read_of_epics,
    How.DORA: read_dora,
    How.METADATA: read_metadata,
    How.OBJECT: read_object,
    How.SNAPSHOT: read_snapshot,
    How.PING: read_pings,
    How.PING_METRICS: read_ping_metrics,
    How.DEFINITIONS: read_metric_definitions,
    How.USAGE_DATA: read_usage_data,
}
