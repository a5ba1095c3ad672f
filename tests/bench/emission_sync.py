"""The benchmark of a whole sync: tap-salesforce against curl loading the same pages.

Both read the sample company from the sandbox, on the same machine. The tap logs in,
asks what there is, has the jobs made, converts and writes. For curl the jobs are made
beforehand; the time that took, which the server needs, counts for it too.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from statistics import median
from typing import TYPE_CHECKING

from tests.bench.budgets import SYNC, TAP_MEMORY, budget_table
from tests.bench.emission import RECORD, tap_command, tap_programs
from tests.bench.emission_download import make_download
from tests.bench.emission_serving import serve
from tests.bench.machine import describe_machine
from tests.bench.measuring import run_in_turns, run_measured
from tests.bench.report import Report, note
from tests.bench.table import markdown_table

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from tests.bench.measuring import Cost

#: Salesforce's own pages are larger than the sandbox's usual ones.
_PAGES = ("--page-rows", "20000")
_TAP, _CURL = "tap-salesforce", "curl, 8 at once"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments of `sync`."""
    parser.add_argument(
        "--scale", default="small", help="the sample company: tiny, small, medium"
    )
    parser.add_argument("--repeats", type=int, default=3, help="runs of each")


def measure_sync(arguments: argparse.Namespace, cache: Path) -> Report:
    """Let the tap and curl read all objects of the sample company, in turns."""
    programs = tap_programs(cache)
    work = cache / "sync"
    work.mkdir(parents=True, exist_ok=True)
    machine = describe_machine()
    note(f"serving the sample company, {arguments.scale}")
    server = ("bizops_sandbox", "serve", "--scale", arguments.scale)
    with serve("-m", *server, "--only", "salesforce", *_PAGES) as ready:
        tap = tap_command(programs, ready, work, objects=[])
        run_measured(tap, home=cache / "home")
        written = work / "ours.jsonl"
        counts = _count_records(written)
        costs: dict[str, list[Cost]] = {_TAP: [], _CURL: []}
        jobs_s: list[float] = []
        for _ in range(arguments.repeats):
            # Jobs of its own each time: the server writes a job's pages once.
            started_s = time.monotonic()
            curl = make_download(ready, sorted(counts), work / "pages")
            jobs_s.append(time.monotonic() - started_s)
            turn = run_in_turns(
                {_TAP: tap, _CURL: curl}, repeats=1, home=cache / "home"
            )
            for name, runs in turn.items():
                costs[name] += runs
    downloaded = sum(page.stat().st_size for page in (work / "pages").iterdir())
    for file in (written, *(work / "pages").iterdir()):
        file.unlink()
    records = sum(counts.values())
    return Report(
        name=f"sync {arguments.scale}",
        title=f"A sync of the sample company, {arguments.scale}",
        machine=machine,
        tables=_tables(costs, median(jobs_s), records=records, size_bytes=downloaded),
        data={
            "benchmark": "sync",
            "scale": arguments.scale,
            "machine": asdict(machine),
            "records": records,
            "csv_bytes": downloaded,
            "jobs_s": jobs_s,
            "costs": {n: [asdict(c) for c in runs] for n, runs in costs.items()},
        },
    )


def _count_records(path: Path) -> dict[str, int]:
    counts: dict[str, int] = {}
    with path.open("rb") as lines:
        for line in lines:
            if RECORD in line[:40]:
                stream = json.loads(line)["stream"]
                counts[stream] = counts.get(stream, 0) + 1
    return counts


def _tables(
    costs: dict[str, list[Cost]], jobs_s: float, *, records: int, size_bytes: int
) -> str:
    wall_s = {name: median(c.wall_s for c in runs) for name, runs in costs.items()}
    wall_s[_CURL] += jobs_s
    peak_mb = {
        name: max(c.peak_rss_bytes for c in runs) / 1e6 for name, runs in costs.items()
    }
    rows = [
        (name, f"{wall_s[name]:.2f}", f"{records / wall_s[name]:,.0f}", f"{peak:.0f}")
        for name, peak in peak_mb.items()
    ]
    table = markdown_table(("program", "wall s", "records/s", "peak RSS MB"), rows)
    remark = (
        f"{records:,} records, {size_bytes / 1e6:.1f} MB of CSV unpacked; "
        f"{jobs_s:.2f} s of curl's time went to making the jobs."
    )
    verdict = budget_table(
        [(SYNC, wall_s[_TAP] / wall_s[_CURL]), (TAP_MEMORY, peak_mb[_TAP])]
    )
    return f"{table}\n\n{remark}\n\n{verdict}"
