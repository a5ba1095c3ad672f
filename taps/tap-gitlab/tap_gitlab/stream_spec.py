"""What is said of a stream before it is read. Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_gitlab.columns import Column
    from tap_gitlab.rows import Derive


class Where(enum.Enum):
    """What a stream is read by."""

    SITE = "the site"
    INSTANCES = "each instance"
    PINGS = "each instance, and saved files"
    TOP = "each configured group, and each project outside of them"
    TOP_GROUPS = "each configured group"
    ALL_GROUPS = "each group"
    PROJECTS = "each project"
    GROUPS_AND_PROJECTS = "each group and each project"


class How(enum.Enum):
    """In which way it is read."""

    LIST = "list"
    ANCHORED = "anchored list"
    CHANGES = "changes"
    EVENTS = "events"
    GROUPS = "groups"
    PROJECTS = "projects"
    STATISTICS = "statistics"
    LANGUAGES = "languages"
    USERS = "users"
    JOBS = "jobs"
    COMMITS = "commits"
    OF_MERGE_REQUESTS = "of merge requests"
    OF_PIPELINES = "of pipelines"
    OF_EPICS = "of epics"
    DORA = "dora"
    METADATA = "metadata"
    OBJECT = "object"
    SNAPSHOT = "snapshot"
    PING = "ping"
    PING_METRICS = "ping metrics"
    DEFINITIONS = "definitions"
    USAGE_DATA = "usage data"


@dataclass(frozen=True, slots=True)
class StreamSpec:
    """One stream.

    Attributes:
        path: Its resource, below the group, project or instance.
        keys: Key columns.
        replication_key: Column of its bookmarks, if it has one.
        is_appended: Rows are only ever added, or read again with what they hang on:
            no read is a full one, and none marks rows as deleted.
        automatic: Columns that are always read, beside the keys.
        flag: Setting that must be on for it to be offered.
        is_default: Whether it is selected where no catalog says otherwise.
        is_usage: Whether it goes with ``include_usage_data``.
        derive: Makes columns that answers do not have as such.
    """

    name: str
    columns: tuple[Column, ...]
    keys: tuple[str, ...]
    where: Where
    how: How
    path: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    replication_key: str | None = None
    is_appended: bool = False
    automatic: tuple[str, ...] = ()
    flag: str | None = None
    is_default: bool = True
    is_usage: bool = False
    derive: Derive | None = None

    @property
    def is_incremental(self) -> bool:
        """Tell whether its method of replication is INCREMENTAL."""
        return self.is_appended or self.replication_key is not None

    @property
    def bookmark_key(self) -> str | None:
        """Give what its bookmarks are of: its own key, or that of what it hangs on."""
        is_child = self.how in {How.OF_MERGE_REQUESTS, How.OF_EPICS}
        return self.replication_key or ("updated_at" if is_child else None)

    def is_offered(self, config: Mapping[str, Any]) -> bool:
        """Tell whether a config offers it."""
        if self.is_usage and not config.get("include_usage_data", True):
            return False
        return self.flag is None or bool(config.get(self.flag))
