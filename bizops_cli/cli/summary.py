"""What a run brought, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bizops_cli.cli.output import print_json, print_table, say
from bizops_cli.formatting import right_aligned
from bizops_cli.singer.bookmarks import readable_bookmark

if TYPE_CHECKING:
    from bizops_cli.model import RunRecord

_MOST_STREAMS = 20


def print_summary(record: RunRecord, *, as_json: bool) -> None:
    """Print a run's streams, models, duration and what to do next.

    Of many streams only their taps; `runs show` has them one by one.
    """
    if as_json:
        from bizops_cli.runlog.record import to_dict

        print_json(to_dict(record))
        return
    if len(record.streams) > _MOST_STREAMS:
        _print_taps(record)
    elif record.streams:
        _print_streams(record)
    print_verdict(record)
    if record.status == "succeeded":
        say("Next: bizops metrics show, or bizops runs show for all of this run.")
    else:
        say(f"Its logs: bizops runs logs {record.run_id}")


def _print_streams(record: RunRecord) -> None:
    found = sorted(record.streams, key=lambda s: (s.tap, s.stream))
    columns = {
        "tap": [s.tap for s in found],
        "stream": [s.stream for s in found],
        "rows": right_aligned(f"{s.rows:,}" for s in found),
        "MB": right_aligned(f"{s.size_bytes / 1e6:.1f}" for s in found),
        "seconds": right_aligned(f"{s.duration_s:.1f}" for s in found),
    }
    print_table(list(columns), list(zip(*columns.values(), strict=True)))


def _print_taps(record: RunRecord) -> None:
    taps = record.taps
    streams = [[s for s in record.streams if s.tap == tap.tap] for tap in taps]
    columns = {
        "tap": [tap.tap for tap in taps],
        "streams": right_aligned(str(len(own)) for own in streams),
        "rows": right_aligned(f"{tap.rows:,}" for tap in taps),
        "MB": right_aligned(f"{tap.size_bytes / 1e6:.1f}" for tap in taps),
        "seconds": right_aligned(f"{tap.duration_s:.1f}" for tap in taps),
    }
    print_table(list(columns), list(zip(*columns.values(), strict=True)))


def print_verdict(record: RunRecord) -> None:
    """Print in two lines how a run ended."""
    say(_verdict(record))
    if record.models:
        say(_models(record))


def _verdict(record: RunRecord) -> str:
    seconds = ""
    if record.finished_at is not None:
        duration = record.finished_at - record.started_at
        seconds = f" in {duration.total_seconds():.1f} s"
    return f"Run {record.run_id} {record.status}{seconds}: {record.rows:,} rows loaded."


def _models(record: RunRecord) -> str:
    counts: dict[str, int] = {}
    for model in record.models:
        key = f"{model.resource_type} {model.status}"
        counts[key] = counts.get(key, 0) + 1
    parts = (f"{count} {key}" for key, count in sorted(counts.items()))
    return f"Models and tests: {', '.join(parts)}."


def print_run(record: RunRecord) -> None:
    """Print everything the record says of a run."""
    say(f"run          {record.run_id}")
    say(f"job          {record.job}, environment {record.environment}")
    say(f"started      {record.started_at:%Y-%m-%d %H:%M:%S} UTC")
    say(f"status       {record.status}, exit status {record.exit_status}")
    if record.message:
        say(f"message      {record.message}")
    if record.taps:
        say()
        print_table(
            [
                *("tap", "target", "status", "rows", "states", "API calls"),
                *("attempts", "seconds", "message"),
            ],
            [
                (
                    *(t.tap, t.target, t.status, t.rows, t.states, t.api_calls),
                    *(t.attempts, t.duration_s, t.message),
                )
                for t in record.taps
            ],
        )
    if record.streams:
        say()
        print_table(
            ["tap", "stream", "rows", "bookmark before", "bookmark after"],
            [
                (
                    *(s.tap, s.stream, s.rows),
                    readable_bookmark(s.bookmark_before),
                    readable_bookmark(s.bookmark_after),
                )
                for s in record.streams
            ],
        )
    bad = [m for m in record.models if m.status not in {"success", "pass", "skipped"}]
    if record.models:
        say()
        say(_models(record))
    if bad:
        print_table(
            ["model or test", "status", "message"],
            [(m.unique_id, m.status, m.message) for m in bad],
        )
