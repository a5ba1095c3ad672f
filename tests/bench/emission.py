"""The benchmark of emission: tap-salesforce against a tap on singer-sdk as it comes.

Ours does more: it fetches CSV from a server, unpacks, checks and converts it. The
server is on the same machine, so the ratio that counts is that of the taps' own CPU
time: what all records cost over what one costs (the start, and for ours the login,
discovery and a bulk job).
"""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from tests.bench.budgets import EMISSION, budget_table
from tests.bench.machine import describe_machine
from tests.bench.measuring import Command, run_in_turns, run_measured
from tests.bench.report import Report, note
from tests.bench.serving import serve
from tests.bench.table import markdown_table
from tests.bench.tap_programs import tap_programs

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from tests.bench.measuring import Cost

_THEIRS = Path(__file__).parent / "programs" / "in_their_environment" / "sdk_tap.py"
_OBJECT = "Opportunity"
_SAMPLED = 1_000
_OURS, _DEFAULT = "tap-salesforce, fetching and converting", "singer-sdk as it comes"
_START = ", start"
#: What a RECORD line holds near its beginning.
RECORD = b'"type":"RECORD"'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments of `emission`."""
    parser.add_argument("--records", type=int, default=100_000, help="records to emit")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each")


def measure_emission(arguments: argparse.Namespace, cache: Path) -> Report:
    """Let both taps emit as many records of the same shape, in turns."""
    count = arguments.records
    programs = tap_programs(cache)
    work = cache / "emission"
    work.mkdir(parents=True, exist_ok=True)
    machine = describe_machine()
    note(f"serving {count:,} records")
    with serve("-m", "tests.bench.emission_server", str(count)) as ready:
        ours = tap_command(programs, ready, work, objects=[_OBJECT])
        run_measured(ours, home=cache / "home")
        commands = {_OURS: ours, _DEFAULT: _default(programs, work, count=count)}
        # One record: the newest, or the first of the sample.
        few = tap_command(
            programs, ready, work, objects=[_OBJECT], start_date=_newest(work)
        )
        starts = {
            f"{_OURS}{_START}": few,
            f"{_DEFAULT}{_START}": _default(programs, work, count=1),
        }
        costs = run_in_turns(
            commands | starts,
            repeats=arguments.repeats,
            home=cache / "home",
            check=lambda name: _check(commands.get(name), count),
        )
    for command in (*commands.values(), *starts.values()):
        if command.stdout is not None:
            command.stdout.unlink(missing_ok=True)
    return Report(
        name="emission",
        title="Emission",
        machine=machine,
        tables=_tables(costs, count),
        data={
            "benchmark": "emission",
            "machine": asdict(machine),
            "records": count,
            "costs": {n: [asdict(c) for c in runs] for n, runs in costs.items()},
        },
    )


def _tables(costs: dict[str, list[Cost]], count: int) -> str:
    own_us = {
        name: _cpu_s(costs[f"{name}{_START}"], costs[name]) / count * 1e6
        for name in (_OURS, _DEFAULT)
    }
    rows = [
        (
            name,
            f"{count / median(cost.wall_s for cost in costs[name]):,.0f}",
            f"{cpu_us:.1f}",
            f"{median(cost.cpu_s for cost in costs[f'{name}{_START}']):.2f}",
            f"{max(cost.peak_rss_bytes for cost in costs[name]) / 1e6:.0f}",
        )
        for name, cpu_us in own_us.items()
    ]
    header = ("tap", "records/s", "CPU µs/record", "one record, s", "peak RSS MB")
    table = markdown_table(header, rows)
    verdict = budget_table([(EMISSION, own_us[_DEFAULT] / own_us[_OURS])])
    remark = "CPU for each record is what comes on top of a run of one record."
    return f"{table}\n\n{remark}\n\n{verdict}"


def _cpu_s(starts: list[Cost], runs: list[Cost]) -> float:
    pairs = zip(starts, runs, strict=True)
    return median(run.cpu_s - start.cpu_s for start, run in pairs)


def tap_command(
    programs: Path,
    ready: dict[str, Any],
    work: Path,
    *,
    objects: Sequence[str],
    start_date: str | None = None,
) -> Command:
    """Return how tap-salesforce reads objects (all, if none is named) of an org.

    Args:
        programs: Folder of its programs.
        ready: The ready line of the server.
        work: Where its config and `ours.jsonl`, what it writes, go.
        objects: Their names.
        start_date: Where reading begins; by default at the first record.
    """
    which = "ours" if start_date is None else "few"
    config = work / f"{which}.json"
    config.touch(mode=0o600)
    variables = ready["env"]
    settings = {
        "login_url": variables["SALESFORCE_LOGIN_URL"],
        "client_id": variables["SALESFORCE_CLIENT_ID"],
        "client_secret": variables["SALESFORCE_CLIENT_SECRET"],
        "refresh_token": variables["SALESFORCE_REFRESH_TOKEN"],
        "streams_to_discover": list(objects),
        "start_date": start_date,
    }
    config.write_text(json.dumps(settings), "utf-8")
    tap = (programs / "tap-salesforce", "--config", config)
    return Command(tap, stdout=work / f"{which}.jsonl")


def _newest(work: Path) -> str:
    """Return the newest bookmark of what the tap has written."""
    with (work / "ours.jsonl").open("rb") as emitted:
        *_, last = (line for line in emitted if b'"STATE"' in line[:40])
    bookmark = json.loads(last)["value"]["bookmarks"][_OBJECT]
    return str(bookmark["replication_key_value"])


def _default(programs: Path, work: Path, *, count: int) -> Command:
    """Make the other tap's config from what ours has emitted: the same records."""
    schema: dict[str, Any] = {}
    sample = work / "sample.jsonl"
    with (work / "ours.jsonl").open("rb") as emitted, sample.open("w") as written:
        records = (line for line in emitted if RECORD in line[:40])
        for line in islice(records, _SAMPLED):
            written.write(json.dumps(json.loads(line)["record"]) + "\n")
        emitted.seek(0)
        for line in emitted:
            message = json.loads(line)
            if message["type"] == "SCHEMA":
                schema = message["schema"]
                break
    config = work / f"sample-{count}.json"
    settings = {"sample": str(sample), "count": count, "stream": _OBJECT}
    config.write_text(json.dumps({**settings, "schema": schema}), "utf-8")
    tap = (programs / "python", _THEIRS, "--config", config)
    return Command(tap, stdout=work / f"default-{count}.jsonl")


def _check(command: Command | None, count: int) -> None:
    if command is None or command.stdout is None:
        return
    with command.stdout.open("rb") as file:
        found = sum(RECORD in line[:40] for line in file)
    if found != count:
        raise RuntimeError(
            f"{command.stdout.name} has {found:,} records instead of {count:,}"
        )
