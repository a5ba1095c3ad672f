"""The tap: its streams, and what they share in one run."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn

from reading_kit.call_metrics import CallsMade
from reading_kit.command import ReadingTap, run_as_process
from tap_zuora.aqua import Aqua
from tap_zuora.board import Board
from tap_zuora.client import ZuoraClient
from tap_zuora.config_schema import CONFIG_SCHEMA
from tap_zuora.data_query import DataQuery
from tap_zuora.discovering import describe_objects, list_objects
from tap_zuora.jobs import JobRunner
from tap_zuora.loading import Loaded, Loader
from tap_zuora.objects import DEFAULT_STREAMS
from tap_zuora.queries import Failure, Query, Submission
from tap_zuora.settings import Settings, normalize, parse_settings, warn_about
from tap_zuora.streams import ZuoraStream

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from singer_sdk import Stream

    from tap_zuora.planning import ReadingPlan
    from tap_zuora.transport import Transport

_LOADING_AT_ONCE = 8


class TapZuora(ReadingTap):
    """Singer tap for Zuora, on batch queries (AQuA) and Data Query."""

    name = "tap-zuora"
    package_name = "bizops-tap-zuora"
    config_jsonschema = CONFIG_SCHEMA

    _is_discovering = False
    _missing: tuple[str, ...] = ()

    # Parts

    @cached_property
    def settings(self) -> Settings:
        """Give the checked settings."""
        warn_about(self.config)
        return parse_settings(self.config, version=self.plugin_version)

    @cached_property
    def client(self) -> ZuoraClient:
        """Give the connection to the tenant; nothing is asked before its first use."""
        return ZuoraClient(self.settings, clock=self.clock)

    @cached_property
    def transport(self) -> Transport:
        """Give the way queries are run."""
        is_data_query = self.settings.is_data_query
        return DataQuery(self.client) if is_data_query else Aqua(self.client)

    @cached_property
    def board(self) -> Board:
        """Give the jobs of the run."""
        runner = JobRunner(self.transport, settings=self.settings, clock=self.clock)
        return Board(
            runner,
            Loader(self.transport, self.workshop),
            queries_per_job=self.transport.queries_per_job,
            jobs_at_once=self.settings.max_concurrent_jobs,
            on_submit=self._note_jobs,
        )

    @cached_property
    def _samples(self) -> dict[str, Query]:
        return {}

    def worker_count(self) -> int:
        """Give how many results are loaded at once."""
        return _LOADING_AT_ONCE

    def normalize(self, raw: dict[str, Any]) -> dict[str, Any]:
        """Bring a config of this or a public Zuora tap into one form."""
        return normalize(raw)

    # Discovery

    def run_discovery(self) -> str:
        """Describe every object of the tenant."""
        self._is_discovering = True
        return super().run_discovery()

    def discover_streams(self) -> Sequence[Stream]:
        """Describe the catalog's selected streams, or else those on by default.

        Only discovery itself describes all objects.
        """
        names = self._list_wanted()
        specs = describe_objects(self.client, names)
        found = {spec.name for spec in specs}
        self._missing = tuple(name for name in names if name not in found)
        return [ZuoraStream(self, spec) for spec in specs]

    def _list_wanted(self) -> list[str]:
        catalog = self.input_catalog
        if catalog is not None:
            return [
                entry.tap_stream_id
                for entry in catalog.streams
                if entry.metadata.resolve_selection().get((), True)
            ]
        names = list_objects(self.client)
        if self._is_discovering:
            return names
        return [name for name in DEFAULT_STREAMS if name in set(names)]

    def missing_streams(self) -> Sequence[str]:
        """Give the streams that cannot be described, where that is an error."""
        return self._missing if self.settings.is_strict else ()

    # The run

    def prepare_run(self, streams: Sequence[Stream]) -> None:
        """Plan all streams, and start their jobs."""
        now = self.client.server_time()
        ours = [stream for stream in streams if isinstance(stream, ZuoraStream)]
        self._start([stream.plan(now) for stream in ours])

    def plan_stream(self, stream: ZuoraStream) -> ReadingPlan:
        """Plan one stream outside of a run, and start its jobs."""
        plan = stream.plan(self.client.server_time())
        self._start([plan])
        return plan

    def _start(self, plans: Iterable[ReadingPlan]) -> None:
        adopted: dict[Submission, list[Query]] = defaultdict(list)
        fresh: list[Query] = []
        for plan in plans:
            rest = list(plan.queries)
            if plan.adopted is not None and plan.adopted.job_id:
                submission = Submission(plan.adopted.job_id, plan.adopted.submitted_at)
                adopted[submission].append(rest.pop(0))
            fresh += rest
        for submission, queries in adopted.items():
            self.logger.info("going on with job %s", submission.job_id)
            self.board.adopt(submission, queries)
        self.board.plan(fresh)

    def _note_jobs(self, submission: Submission, queries: Sequence[Query]) -> None:
        """Note a job in the state of its streams, for a run that goes on there."""
        noted = None
        for query in queries:
            stream = self.streams.get(query.stream)
            if isinstance(stream, ZuoraStream) and query.name not in self._samples:
                stream.note_job(query, submission)
                noted = stream
        if noted is not None:
            noted.write_state()

    def end_stream(self, stream: Stream) -> None:
        """Drop what is left of a stream's jobs."""
        self.board.finish(stream.name)

    def calls_made(self) -> CallsMade | None:
        """Give the API calls so far, and what is left until the tenant's limit."""
        if "client" not in self.__dict__:
            return None
        usage = self.client.usage
        left = usage.remaining
        return CallsMade(usage.calls, {} if left is None else {"remaining": left})

    def finish_run(self) -> None:
        """Cancel what nobody waits for; tell the calls made."""
        self.board.stop()
        self.logger.info("%s", self.client.usage)

    def abandon_run(self) -> None:
        """Cancel the jobs under way."""
        if "board" in self.__dict__:
            self.board.stop()

    # Samples

    def take_sample(self, stream: ZuoraStream, limit_rows: int) -> Loaded | Failure:
        """Give a few rows of a stream; the first call asks for those of all streams."""
        if not self._samples:
            others = [s for s in self.streams.values() if isinstance(s, ZuoraStream)]
            queries = [s.plan_sample(limit_rows) for s in others if s.selected]
            self._samples.update({query.name: query for query in queries})
            self.board.plan(queries)
        name = next(
            (q.name for q in self._samples.values() if q.stream == stream.name), None
        )
        if name is None or not self.board.knows(self._samples[name]):
            query = stream.plan_sample(limit_rows)
            self._samples[query.name] = query
            self.board.plan([query])
            name = query.name
        return self.board.take(self._samples[name])


def main() -> NoReturn:
    """Run as a process."""
    run_as_process(TapZuora)


if __name__ == "__main__":
    main()
