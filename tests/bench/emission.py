"""The benchmark of emission: each tap against a tap on singer-sdk as it comes.

Both begin with what the service sends (CSV or JSON, made beforehand) and end with
RECORD lines in a file: ours as the tap does it (parsed, counted, converted, spooled,
written), the SDK's with a dict for each row, typed by hand, through `Stream.sync`. What
counts is the processor time of that alone.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from tests.bench.budgets import EMISSION, budget_table
from tests.bench.emitting.registry import CASES
from tests.bench.machine import describe_machine
from tests.bench.measuring import Command, run_measured
from tests.bench.project import CHECKOUT
from tests.bench.report import Report, note
from tests.bench.table import markdown_table
from tests.bench.tap_programs import TAPS

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

#: What a RECORD line holds near its beginning.
RECORD = b'"type":"RECORD"'
#: The SDK is measured with a part of the rows: its time grows with them.
_SDK_SHARE = 5


@dataclass(frozen=True, slots=True)
class Emission:
    """What one case has cost, each in processor time for a record.

    Attributes:
        ratios: The SDK's time over ours, of each round.
        peak_rss_mb: Of ours.
    """

    name: str
    ours_us: float
    sdk_us: float
    ratios: Sequence[float]
    peak_rss_mb: float


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments of `emission`."""
    parser.add_argument("--tap", choices=TAPS, help="by default all")
    parser.add_argument("--records", type=int, default=100_000, help="records to emit")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each")


def measure_emission(arguments: argparse.Namespace, cache: Path) -> Report:
    """Let both sides write the same rows, in turns."""
    machine = describe_machine()
    tap, rows = arguments.tap, arguments.records
    found = []
    for name, case in CASES.items():
        if tap in {None, case.tap}:
            note(name)
            found.append(_measure(name, rows, arguments.repeats, home=cache / "home"))
    return Report(
        name="emission" if tap is None else f"emission {tap}",
        title="Emission" if tap is None else f"Emission of {tap}",
        machine=machine,
        tables=_tables(found),
        data={
            "benchmark": "emission",
            "machine": asdict(machine),
            "records": rows,
            "cases": [asdict(each) for each in found],
        },
    )


def _measure(name: str, rows: int, repeats: int, *, home: Path) -> Emission:
    ours, sdk, peaks = [], [], []
    for _ in range(repeats):
        cpu_s, peak_bytes = write_case(name, "ours", rows, home)
        ours.append(cpu_s / rows)
        peaks.append(peak_bytes)
        fewer = max(rows // _SDK_SHARE, 1_000)
        sdk.append(write_case(name, "sdk", fewer, home)[0] / fewer)
    return Emission(
        name,
        ours_us=median(ours) * 1e6,
        sdk_us=median(sdk) * 1e6,
        ratios=[theirs / own for theirs, own in zip(sdk, ours, strict=True)],
        peak_rss_mb=max(peaks) / 1e6,
    )


def write_case(name: str, side: str, rows: int, home: Path) -> tuple[float, int]:
    """Let one side write in a process of its own.

    Args:
        name: The case.
        side: `ours` or `sdk`.
        rows: How many.
        home: Where its files go meanwhile.

    Returns:
        Its processor seconds, and its peak of memory in bytes.

    Raises:
        RuntimeError: It failed, or other rows came.
    """
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home) as folder:
        written = Path(folder, "written.jsonl")
        words = ("-m", "tests.bench.emitting", name, side, str(rows), folder)
        command = Command((sys.executable, *words), stdout=written, directory=CHECKOUT)
        cost = run_measured(command, home=home)
        if cost.exit_code:
            raise RuntimeError(f"{name}: exit code {cost.exit_code}: {cost.last_words}")
        with written.open("rb") as lines:
            found = sum(RECORD in line[:40] for line in lines)
        if found != rows:
            raise RuntimeError(f"{name}, {side}: {found:,} records instead of {rows:,}")
        told = json.loads(Path(folder, "cost.json").read_text("utf-8"))
        return told["cpu_s"], told["peak_rss_bytes"]


def _tables(found: Sequence[Emission]) -> str:
    rows = [
        (
            each.name,
            f"{1e6 / each.ours_us:,.0f}",
            f"{each.ours_us:.1f}",
            f"{each.sdk_us:.1f}",
            f"{median(each.ratios):.1f}",
            f"{each.peak_rss_mb:.0f}",
        )
        for each in found
    ]
    header = (
        "tap: rows",
        "records/s of CPU",
        "CPU µs/record",
        "SDK's µs/record",
        "times faster",
        "peak RSS MB",
    )
    verdict = budget_table([(EMISSION, min(median(each.ratios) for each in found))])
    return f"{markdown_table(header, rows)}\n\n{verdict}"
