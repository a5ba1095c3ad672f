"""The benchmark of a whole sync: a tap against curl loading the same answers.

Both read the sample company from the sandbox, on the same machine, so the server's
work counts for both. The tap logs in, asks what there is, has jobs made, converts and
writes. What it asked is read from the server's journal; for curl a plain client makes
the same jobs as fast as the server lets it, then curl loads all answers, eight at once.
The time of both steps counts for curl.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from tests.bench.budgets import SYNC, TAP_MEMORY, budget_table
from tests.bench.machine import describe_machine
from tests.bench.measuring import Command, run_measured
from tests.bench.report import Report, note
from tests.bench.serving import serve
from tests.bench.sync_curl import make_download
from tests.bench.sync_recording import Recorder
from tests.bench.sync_sources import SYNC_SOURCES
from tests.bench.table import markdown_table
from tests.bench.tap_programs import tap_programs

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

    from tests.bench.measuring import Cost
    from tests.bench.sync_asking import Asker
    from tests.bench.sync_recording import Exchange
    from tests.bench.sync_sources import SyncSource

_CURL = "curl, 8 at once"
#: What a RECORD line holds near its beginning.
_RECORD = b'"type":"RECORD"'


@dataclass(slots=True)
class Runs:
    """What the runs of a tap and of curl have cost.

    Attributes:
        server_cpu_s: The server's own time in each run, by the same names.
        jobs_s: How long jobs took, of curl's time.
        answers: Answers that curl has loaded in one run.
        sent_bytes: Their size as sent.
    """

    costs: dict[str, list[Cost]] = field(default_factory=dict)
    server_cpu_s: dict[str, list[float]] = field(default_factory=dict)
    jobs_s: list[float] = field(default_factory=list)
    answers: int = 0
    sent_bytes: int = 0
    records: int = 0

    def add(self, name: str, cost: Cost, server_cpu_s: float) -> None:
        """Note a run."""
        self.costs.setdefault(name, []).append(cost)
        self.server_cpu_s.setdefault(name, []).append(server_cpu_s)

    def wall_s(self, name: str) -> float:
        """Give the usual time of a program, with that of its jobs."""
        jobs_s = median(self.jobs_s) if name == _CURL else 0.0
        return median(cost.wall_s for cost in self.costs[name]) + jobs_s


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments of `sync`."""
    parser.add_argument(
        "--tap",
        choices=SYNC_SOURCES,
        default="tap-salesforce",
        help="by default tap-salesforce",
    )
    parser.add_argument(
        "--scale", default="small", help="the sample company: tiny, small, medium"
    )
    parser.add_argument("--repeats", type=int, default=3, help="runs of each")


def measure_sync(arguments: argparse.Namespace, cache: Path) -> Report:
    """Let a tap and curl read the sample company's source, in turns."""
    source, scale = SYNC_SOURCES[arguments.tap], arguments.scale
    programs = tap_programs(cache)
    work = cache / "sync" / source.tap
    work.mkdir(parents=True, exist_ok=True)
    machine = describe_machine()
    note(f"serving the sample company, {scale}")
    server = ("-m", "bizops_sandbox", "serve", "--scale", scale)
    with serve(*server, "--only", source.source, *source.served_with) as ready:
        bench = _Bench(source, ready, programs / source.tap, work, cache / "home")
        runs = bench.measure(repeats=arguments.repeats)
    return Report(
        name=f"sync {source.tap} {scale}",
        title=f"A sync of the sample company by {source.tap}, {scale}",
        machine=machine,
        tables=_tables(source.tap, runs),
        data={
            "benchmark": "sync",
            "tap": source.tap,
            "scale": scale,
            "machine": asdict(machine),
            **asdict(runs),
        },
    )


class _Bench:
    """One tap at one server, and the same by curl."""

    def __init__(
        self,
        source: SyncSource,
        ready: Mapping[str, Any],
        program: Path,
        work: Path,
        home: Path,
    ) -> None:
        self._source = source
        self._variables = ready["env"]
        self._server = ready["pid"]
        self._home = home
        self._pages = work / "pages"
        self._written = work / "written.jsonl"
        config = work / "config.json"
        config.touch(mode=0o600)
        config.write_text(json.dumps(source.settings(self._variables)), "utf-8")
        self._tap = Command((program, "--config", config), stdout=self._written)
        self._recorder = Recorder(ready["control_urls"][source.source])
        self._recorder.change(source.sandbox)

    def measure(self, *, repeats: int) -> Runs:
        """Run both in turns; before them the tap once, to make the server's data."""
        runs = Runs()
        run_measured(self._tap, home=self._home)
        for _ in range(repeats):
            self._recorder.forget()
            self._measure_into(runs, self._source.tap, self._tap)
            runs.records = _count_records(self._written)
            exchanges = self._recorder.exchanges()
            self._measure_curl(runs, exchanges)
        self._written.unlink()
        for page in self._pages.iterdir():
            page.unlink()
        return runs

    def _measure_curl(self, runs: Runs, exchanges: Sequence[Exchange]) -> None:
        before_s, started_s = _cpu_s(self._server), time.monotonic()
        asker = self._source.log_in(self._variables)
        targets = plan_downloads(self._source, asker, exchanges)
        runs.jobs_s.append(time.monotonic() - started_s)
        jobs_cpu_s = _cpu_s(self._server) - before_s
        urls = [(f"{asker.base_url}{target}", each) for target, each in targets]
        self._recorder.forget()
        curl = make_download(urls, asker.headers, self._pages)
        self._measure_into(runs, _CURL, curl, jobs_cpu_s=jobs_cpu_s)
        loaded = self._recorder.exchanges()
        bad = [each for each in loaded if each.status != 200]
        if bad or len(loaded) != len(targets):
            msg = f"curl got {len(loaded)} of {len(targets)} answers, {len(bad)} bad"
            raise RuntimeError(msg)
        runs.answers = len(loaded)
        runs.sent_bytes = sum(each.answer_bytes for each in loaded)

    def _measure_into(
        self, runs: Runs, name: str, command: Command, *, jobs_cpu_s: float = 0.0
    ) -> None:
        before_s = _cpu_s(self._server)
        cost = run_measured(command, home=self._home)
        if cost.exit_code:
            raise RuntimeError(f"{name}: exit code {cost.exit_code}: {cost.last_words}")
        runs.add(name, cost, _cpu_s(self._server) - before_s + jobs_cpu_s)


def plan_downloads(
    source: SyncSource, asker: Asker, exchanges: Sequence[Exchange]
) -> list[tuple[str, bool]]:
    """Make a tap's jobs once more; give what is to be downloaded.

    Args:
        source: The tap and its source.
        asker: A client that has logged in.
        exchanges: What the tap has asked for.

    Returns:
        Targets, each with whether its answer may be compressed: the results of the
        jobs, and all else the tap got, each once.
    """
    got = [each for each in exchanges if source.is_content(each)]
    found = {each.target: each.is_packed for each in got if not source.is_job(each)}
    results = source.make_jobs(asker, exchanges)
    is_packed = any(each.is_packed for each in got if source.is_result(each))
    return [*found.items(), *((target, is_packed) for target in results)]


def _cpu_s(pid: int) -> float:
    """Give the processor time a process has had; 0 where the system does not tell."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    user, system = stat.read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _count_records(path: Path) -> int:
    with path.open("rb") as lines:
        return sum(_RECORD in line[:40] for line in lines)


def _tables(tap: str, runs: Runs) -> str:
    rows = [
        (
            name,
            f"{runs.wall_s(name):.2f}",
            f"{runs.records / runs.wall_s(name):,.0f}",
            f"{median(cost.cpu_s for cost in costs):.2f}",
            f"{median(runs.server_cpu_s[name]):.2f}",
            f"{_peak_mb(costs):.0f}",
        )
        for name, costs in runs.costs.items()
    ]
    header = ("program", "wall s", "records/s", "CPU s", "server CPU s", "peak RSS MB")
    table = markdown_table(header, rows)
    remark = (
        f"{runs.records:,} records; {runs.answers:,} answers of "
        f"{runs.sent_bytes / 1e6:.1f} MB as sent; {median(runs.jobs_s):.2f} s of "
        "curl's time went to the login and the jobs."
    )
    ratio = runs.wall_s(tap) / runs.wall_s(_CURL)
    verdict = budget_table([(SYNC, ratio), (TAP_MEMORY, _peak_mb(runs.costs[tap]))])
    return f"{table}\n\n{remark}\n\n{verdict}"


def _peak_mb(costs: Sequence[Cost]) -> float:
    return max(cost.peak_rss_bytes for cost in costs) / 1e6
