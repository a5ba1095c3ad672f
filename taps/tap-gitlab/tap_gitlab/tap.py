"""The tap: its settings, its streams, and what goes before and after a run."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from reading_kit.call_metrics import CallsMade
from reading_kit.command import ReadingTap, run_as_process
from reading_kit.config_validation import normalize_config
from reading_kit.errors import ApiError, CredentialsError, SettingsError
from tap_gitlab.client import GitlabClient
from tap_gitlab.config_schema import CONFIG_SCHEMA
from tap_gitlab.judging import is_left_out
from tap_gitlab.partitioning import Partitioner
from tap_gitlab.ping_files import find_ping_files
from tap_gitlab.places import Places
from tap_gitlab.reading import Findings, Reading
from tap_gitlab.settings import (
    DEFAULTS,
    IGNORED_SETTINGS,
    apply_aliases,
    parse_settings,
)
from tap_gitlab.stream_spec import How, Where
from tap_gitlab.stream_table import STREAMS
from tap_gitlab.streams import GitlabStream
from tap_gitlab.usage_store import PingStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from singer_sdk import Stream

    from tap_gitlab.rows import RowReader
    from tap_gitlab.settings import Settings
    from tap_gitlab.stream_spec import StreamSpec

#: Streams that are read while the one before them is written.
_STREAMS_AHEAD = 2
_EXPIRY_WARNING = timedelta(days=14)
#: What the token of a CI job opens.
_OF_JOBS = frozenset({"releases", "jobs"})
_OF_PLACES = frozenset(
    {
        Where.TOP,
        Where.TOP_GROUPS,
        Where.ALL_GROUPS,
        Where.PROJECTS,
        Where.GROUPS_AND_PROJECTS,
    }
)


class TapGitlab(ReadingTap):
    """Singer tap for GitLab: Service Ping of instances, and the REST API."""

    name = "tap-gitlab"
    package_name = "bizops-tap-gitlab"
    config_jsonschema = CONFIG_SCHEMA
    ignored_settings = IGNORED_SETTINGS

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - the SDK's own
        self._run_streams: list[GitlabStream] = []
        super().__init__(**kwargs)

    # Parts

    @cached_property
    def settings(self) -> Settings:
        """Give the checked settings."""
        return parse_settings(self.config, version=self.plugin_version)

    @cached_property
    def site(self) -> GitlabClient:
        """Give the connection to the instance whose groups and projects are read."""
        return GitlabClient(
            self.settings.site, self.settings, clock=self.clock, slots=self.slots
        )

    @cached_property
    def slots(self) -> threading.Semaphore:
        """Give what bounds the requests under way, whichever stream they are for."""
        return threading.BoundedSemaphore(self.worker_count())

    @cached_property
    def instances(self) -> tuple[GitlabClient, ...]:
        """Give the connections to further instances."""
        return tuple(
            GitlabClient(instance, self.settings, clock=self.clock, slots=self.slots)
            for instance in self.settings.instances
        )

    @cached_property
    def places(self) -> Places:
        """Give the groups and projects, which are looked for when first needed."""
        return Places.find(self.site, self.settings)

    @cached_property
    def partitioner(self) -> Partitioner:
        """Give what parts streams."""
        return Partitioner(
            self.settings,
            site=self.site,
            instances=self.instances,
            places=lambda: self.places,
            ping_files=find_ping_files(self.settings.service_ping_files),
        )

    @cached_property
    def pings(self) -> PingStore:
        """Give the payloads asked for in this run."""
        return PingStore(self.workshop.new_path)

    @cached_property
    def findings(self) -> Findings:
        """Give what this run finds out about instances."""
        return Findings()

    @cached_property
    def cutoff(self) -> datetime:
        """Give the site's time at the beginning of the run: nothing later is read."""
        if self.settings.site.credentials.are_given:
            self._check_site()
        else:
            for client in self.instances[:1]:
                self._ask_version(client)
        clients = (self.site, *self.instances)
        times = [client.server_time for client in clients if client.server_time]
        return times[0] if times else datetime.now(UTC)

    def new_reading(self, spec: StreamSpec, rows: RowReader) -> Reading:
        """Give what a stream's reader needs."""
        return Reading(
            spec=spec,
            rows=rows,
            settings=self.settings,
            places=lambda: self.places,
            cutoff=self._end_of(spec),
            workshop=self.workshop,
            pings=self.pings,
            findings=self.findings,
        )

    def _end_of(self, spec: StreamSpec) -> datetime:
        """Give the instant up to which a stream is read."""
        end = self.settings.end
        is_bounded = spec.is_incremental and not spec.is_usage
        return min(end, self.cutoff) if end is not None and is_bounded else self.cutoff

    def read_ahead(self, stream: GitlabStream) -> None:
        """Begin reading the streams after one, so that GitLab is never waited for."""
        if stream not in self._run_streams:
            return
        following = self._run_streams[self._run_streams.index(stream) + 1 :]
        for each in following[:_STREAMS_AHEAD]:
            each.read_ahead()

    # Configuration and catalog

    def normalize(self, raw: dict[str, Any]) -> dict[str, Any]:
        """Bring a config, perhaps one of another tap, into one form."""
        return normalize_config(
            apply_aliases(raw), self.config_jsonschema, ignored=self.ignored_settings
        )

    def discover_streams(self) -> Sequence[GitlabStream]:
        """Give the streams the settings offer; nothing is asked for."""
        self._apply_ca_bundle(self.settings.ca_bundle)
        given = {**DEFAULTS, **self.config}
        offered = [spec for spec in STREAMS if spec.is_offered(given)]
        if self.settings.site.credentials.is_job:
            offered = [spec for spec in offered if spec.name in _OF_JOBS]
        if self.settings.is_gitlab_com:
            offered = [spec for spec in offered if spec.how is not How.USERS]
        catalog = self.input_catalog
        if catalog is not None:
            known = {spec.name: spec for spec in STREAMS}
            for name in set(catalog) & set(known) - {spec.name for spec in offered}:
                self.logger.warning(
                    "%s is left out: set %s to read it",
                    name,
                    known[name].flag or "include_usage_data",
                )
        return [GitlabStream(self, spec) for spec in offered]

    def _apply_ca_bundle(self, path: str | None) -> None:
        if path is None:
            return
        if not Path(path).is_file():
            raise SettingsError(f"ca_bundle: {path}: no such file")
        os.environ["REQUESTS_CA_BUNDLE"] = path

    # The run

    def prepare_run(self, streams: Sequence[Stream]) -> None:
        """Check the login, and find the places the selected streams need."""
        _ = self.cutoff
        self._run_streams = [each for each in streams if isinstance(each, GitlabStream)]
        specs = [each.spec for each in self._run_streams]
        has_places = bool(self.settings.groups or self.settings.projects)
        if has_places and any(spec.where in _OF_PLACES for spec in specs):
            _ = self.places

    def close(self, *, is_waiting: bool = False) -> None:
        """End what is still being read."""
        for stream in self._run_streams:
            stream.stop_reading()
        super().close(is_waiting=is_waiting)

    def _check_site(self) -> None:
        try:
            self._ask_version(self.site)
        except CredentialsError:
            if not self.settings.site.credentials.is_job:
                raise
        if self.settings.site.credentials.private_token:
            self._check_token()

    def _ask_version(self, client: GitlabClient) -> None:
        """Ask for the version, and thereby for the time and whether the login is good.

        Raises:
            TapError: the instance cannot be used.
        """
        for path in ("/metadata", "/version"):
            try:
                document = client.get_json(path)
            except ApiError as error:
                if not is_left_out(error.problem):
                    raise
                continue
            version = document.get("version") if isinstance(document, dict) else None
            self.logger.info("%s has version %s", client.instance.name, version)
            return

    def _check_token(self) -> None:
        """Warn about a token that ends soon."""
        try:
            token = self.site.get_json("/personal_access_tokens/self")
            ends_on = datetime.fromisoformat(token["expires_at"]).replace(tzinfo=UTC)
        except (ApiError, KeyError, TypeError, ValueError):
            return
        now = self.site.server_time
        if now is not None and ends_on - now < _EXPIRY_WARNING:
            self.logger.warning(
                "the token of %s ends on %s", self.site.instance.name, ends_on.date()
            )

    def calls_made(self) -> CallsMade | None:
        """Give the API calls so far, of all instances."""
        if not {"site", "instances"} <= self.__dict__.keys():
            return None
        return CallsMade(sum(each.calls for each in (self.site, *self.instances)))

    def finish_run(self) -> None:
        """Tell the API calls of the run."""
        clients = (self.site, *self.instances)
        calls = sum(client.calls for client in clients)
        waits = sum(client.rate_limit.waits for client in clients)
        self.logger.info(
            "API calls: %d by this run; waited %d times for the rate limit",
            calls,
            waits,
        )


def main() -> NoReturn:
    """Run as a process."""
    run_as_process(TapGitlab)


if __name__ == "__main__":
    main()
