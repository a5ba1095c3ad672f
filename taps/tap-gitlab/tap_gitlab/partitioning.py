"""The partitions of a stream, by what the config and the instance have."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tap_gitlab.partitions import Partition
from tap_gitlab.stream_spec import Where

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tap_gitlab.client import GitlabClient
    from tap_gitlab.partitions import PartitionBook
    from tap_gitlab.ping_files import PingFile
    from tap_gitlab.places import Group, Places, Project
    from tap_gitlab.settings import Settings
    from tap_gitlab.stream_spec import StreamSpec

#: Names of the contexts that go when their group or project does.
PLACE_NAMES = ("group_id", "project_id")


class Partitioner:
    """Makes partitions; the instance is asked for its places when that is needed."""

    def __init__(
        self,
        settings: Settings,
        *,
        site: GitlabClient,
        instances: Sequence[GitlabClient],
        places: Callable[[], Places],
        ping_files: Sequence[PingFile],
    ) -> None:
        self._settings = settings
        self._site = site
        self._instances = instances
        self._places = places
        self._ping_files = ping_files

    def of(self, spec: StreamSpec, book: PartitionBook) -> list[Partition]:
        """Give a stream's partitions, each with what its state says."""
        makers: dict[Where, Callable[[], list[Partition]]] = {
            Where.SITE: self._of_site,
            Where.INSTANCES: self._of_instances,
            Where.PINGS: lambda: [*self._of_instances(), *self._of_files()],
            Where.TOP: self._of_top,
            Where.TOP_GROUPS: lambda: [self._of_group(g) for g in self._groups()],
            Where.ALL_GROUPS: lambda: [
                self._of_group(group) for group in self._all_groups()
            ],
            Where.PROJECTS: lambda: [self._of_project(p) for p in self._projects()],
            Where.GROUPS_AND_PROJECTS: lambda: [
                *(self._of_group(group) for group in self._all_groups()),
                *(self._of_project(project) for project in self._projects()),
            ],
        }
        return [
            replace(
                partition,
                bookmark=book.bookmark(partition.context, spec.bookmark_key),
                notes=book.notes(partition.context),
            )
            for partition in makers[spec.where]()
        ]

    @property
    def _has_site(self) -> bool:
        return self._settings.site.credentials.are_given

    @property
    def _has_places(self) -> bool:
        return bool(self._settings.groups or self._settings.projects)

    def _groups(self) -> Sequence[Group]:
        return self._places().groups if self._has_places else ()

    def _all_groups(self) -> Sequence[Group]:
        return self._places().all_groups if self._has_places else ()

    def _projects(self) -> Sequence[Project]:
        return self._places().projects if self._has_places else ()

    def _of_site(self) -> list[Partition]:
        if not self._has_site:
            return []
        return [Partition({"instance": self._site.instance.name}, self._site, "")]

    def _of_instances(self) -> list[Partition]:
        sites = [self._site] if self._has_site else []
        return [
            Partition(
                {"instance": client.instance.name},
                client,
                "",
                {
                    "instance": client.instance.name,
                    "customer_id": client.instance.customer_id,
                },
                is_foreign=client is not self._site,
            )
            for client in (*sites, *self._instances)
        ]

    def _of_files(self) -> list[Partition]:
        return [
            Partition(
                {"file": str(file.path)}, self._site, "", is_foreign=True, file=file
            )
            for file in self._ping_files
        ]

    def _of_top(self) -> list[Partition]:
        """Give groups with all below, or projects where groups below are left out.

        GitLab's lists of a group's issues and merge requests always hold those of the
        groups below.
        """
        if not self._settings.are_subgroups_included:
            return [self._of_project(project) for project in self._projects()]
        lone = self._places().lone_projects if self._has_places else ()
        return [
            *(self._of_group(group) for group in self._groups()),
            *(self._of_project(project) for project in lone),
        ]

    def _of_group(self, group: Group) -> Partition:
        return Partition(
            {"group_id": group.id},
            self._site,
            f"/groups/{group.id}",
            {"group_id": group.id},
            group=group,
        )

    def _of_project(self, project: Project) -> Partition:
        return Partition(
            {"project_id": project.id},
            self._site,
            f"/projects/{project.id}",
            {"project_id": project.id, "project_path": project.path},
            project=project,
        )
