"""How far the data can be trusted: sources, runs, tests, and what to say first."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from bizops_cli.report.document import Block, Listing, Notice, Section
from bizops_cli.report.gaps import how_to_load, source_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from bizops_cli.model import ModelRun, RunRecord
    from bizops_cli.warehouse.reconciliations import KeptComparison
    from bizops_cli.warehouse.reporting import ReportRows, SourceRow

STALE_AFTER = timedelta(days=2)
"""Data older than this is called stale: a nightly run has failed or not been made."""

_FAILED = ("error", "fail", "skipped", "runtime error")
_SHOWN_FAILURES = 20


def loaded_sources(rows: ReportRows) -> tuple[str, ...]:
    """Return the names of the sources of which there is at least one row."""
    return tuple(dict.fromkeys(row.source for row in rows.sources if row.rows > 0))


def find_notices(
    rows: ReportRows, runs: Sequence[RunRecord], *, now: datetime
) -> tuple[Notice, ...]:
    """Return what a reader must know first, the gravest first."""
    if not rows.figures:
        return (*_last_run_notices(runs), *_differences(rows), _no_metrics(rows))
    return (
        *_last_run_notices(runs),
        *_differences(rows),
        *_stale(runs, now),
        *_few_sources(rows),
    )


def health_section(rows: ReportRows, runs: Sequence[RunRecord]) -> Section:
    """Return the section on sources, runs, tests and reconciliation."""
    blocks = [
        Block(
            "listing",
            "Sources",
            "" if rows.sources else "No source has been loaded.",
            listing=_sources(rows.sources),
        ),
        *_tests(runs),
        _reconciliation(rows.reconciled),
        Block(
            "listing",
            "Last runs",
            "" if runs else "No run of this project has been recorded.",
            listing=_runs(runs),
        ),
    ]
    return Section(
        "health",
        "Data health",
        "What the figures rest on: what has been loaded, when, whether it passed its "
        "tests, and whether it is all that the sources have.",
        tuple(blocks),
    )


def _no_metrics(rows: ReportRows) -> Notice:
    if rows.sources:
        return Notice(
            "problem",
            "The sources are loaded, but the metrics have not been made.",
            "Run `bizops transform build`, or `bizops elt run`.",
        )
    return Notice(
        "problem",
        "The warehouse holds no metrics yet, so there is nothing to show.",
        "Run `bizops elt run`; for a look at the sample company, `bizops demo`.",
    )


def _last_run_notices(runs: Sequence[RunRecord]) -> Iterator[Notice]:
    if not runs:
        return
    last = runs[0]
    if last.status == "running":
        yield Notice(
            "note",
            f"A run is under way since {_at(last.started_at)}; figures may change.",
        )
    elif last.status != "succeeded":
        why = f": {last.message.rstrip('.')}." if last.message else "."
        yield Notice(
            "problem",
            f"The last run, of {_at(last.started_at)}, {_ended(last)}{why} "
            "The figures are those of the build before.",
            f"See `bizops runs logs {last.run_id}`, mend it, then `bizops elt run`.",
        )


def _ended(run: RunRecord) -> str:
    return {"failed": "failed", "interrupted": "was interrupted"}.get(
        run.status, "was killed"
    )


def _stale(runs: Sequence[RunRecord], now: datetime) -> Iterator[Notice]:
    good = [r.finished_at for r in runs if r.status == "succeeded" and r.finished_at]
    if runs and not good:
        yield Notice("warning", "None of the last runs has succeeded.")
    elif good and now - good[0] > STALE_AFTER:
        days = (now - good[0]).days
        yield Notice(
            "warning",
            f"The data is {days} days old: the last run that succeeded ended "
            f"{_at(good[0])}.",
            "Run `bizops elt run`; `bizops schedule export` puts it on a timer.",
        )


def _few_sources(rows: ReportRows) -> Iterator[Notice]:
    loaded = loaded_sources(rows)
    if len(loaded) == 1:
        yield Notice(
            "note",
            f"Only {source_name(loaded[0])} is loaded. Sections that need more say "
            "what is missing.",
        )


def _sources(sources: Sequence[SourceRow]) -> Listing:
    by_source: dict[str, list[SourceRow]] = defaultdict(list)
    for row in sources:
        by_source[row.source].append(row)
    lines = []
    for source, objects in by_source.items():
        dates = [row.last_loaded_at for row in objects if row.last_loaded_at]
        is_there = any(row.rows for row in objects)
        lines.append(
            (
                source_name(source).removeprefix("the "),
                "loaded" if is_there else "missing",
                sum(1 for row in objects if row.rows),
                sum(row.rows for row in objects),
                sum(row.deleted for row in objects),
                _freshness(objects),
                f"{max(dates):%Y-%m-%d %H:%M}" if dates else None,
                "" if is_there else how_to_load(source),
            )
        )
    return Listing(
        (
            *("Source", "State", "Objects", "Rows", "Deleted"),
            *("Freshness", "Newest data (UTC)", "Next step"),
        ),
        tuple(lines),
    )


def _freshness(objects: Sequence[SourceRow]) -> str:
    """Return `recent`, or how many objects are and how many have not changed."""
    states = Counter(row.freshness for row in objects if row.rows)
    if len(states) < 2:
        return "".join(states)
    return ", ".join(f"{count} {state}" for state, count in sorted(states.items()))


def _tests(runs: Sequence[RunRecord]) -> Iterator[Block]:
    built = next((run for run in runs if run.models), None)
    if built is None:
        return
    yield Block(
        "listing",
        "Models and tests of the last build",
        f"Run {built.run_id}.",
        listing=_counts(built.models),
    )
    failures = [node for node in built.models if node.status in (*_FAILED, "warn")]
    if failures:
        left = len(failures) - _SHOWN_FAILURES
        yield Block(
            "listing",
            "What failed or warned",
            f"And {left} more: bizops runs show {built.run_id}." if left > 0 else "",
            listing=Listing(
                ("Kind", "Name", "State", "Message"),
                tuple(
                    (n.resource_type, _node_name(n), n.status, n.message or None)
                    for n in sorted(failures, key=_gravity)[:_SHOWN_FAILURES]
                ),
            ),
        )


def _differences(rows: ReportRows) -> Iterator[Notice]:
    """Yield one notice on all streams that are not what their source has."""
    bad = [item for item in rows.reconciled if _is_bad(item)]
    if not bad:
        return
    names = list(
        dict.fromkeys(f"{i.comparison.tap} {i.comparison.stream}" for i in bad)
    )
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    yield Notice(
        "warning",
        f"Source and warehouse differ in {', '.join(names[:3])}{more}, compared "
        f"{_at(max(item.compared_at for item in bad))}.",
        "Run `bizops elt run`, then `bizops reconcile` again.",
    )


def _reconciliation(reconciled: Sequence[KeptComparison]) -> Block:
    """Return what `bizops reconcile` last found, differences first."""
    if not reconciled:
        return Block(
            "listing",
            "Reconciliation with the sources",
            "Never compared. `bizops reconcile` counts what the sources have and holds "
            "it against the warehouse.",
            listing=Listing((), ()),
        )
    equal = sum(item.comparison.verdict == "equal" for item in reconciled)
    ordered = sorted(reconciled, key=lambda item: not _is_bad(item))
    return Block(
        "listing",
        "Reconciliation with the sources",
        f"{equal} of {len(reconciled)} tables are equal to their source.",
        listing=Listing(
            (
                *("Source", "Stream", "Table", "State", "Rows there", "Rows here"),
                *("Sum there", "Sum here", "Compared (UTC)"),
            ),
            tuple(
                (
                    *(c.tap.removeprefix("tap-"), c.stream, c.place, c.verdict),
                    *(c.source_rows, c.rows, c.source_sum, c.sum),
                    _at(item.compared_at),
                )
                for item in ordered
                for c in (item.comparison,)
            ),
        ),
    )


def _is_bad(item: KeptComparison) -> bool:
    return item.comparison.verdict in {"differs", "not loaded"}


def _gravity(node: ModelRun) -> tuple[bool, bool, str]:
    return node.status == "warn", node.status == "skipped", node.unique_id


def _node_name(node: ModelRun) -> str:
    """Return the name in `test.bizops.not_null_dim_dates_date_day.1a2b`."""
    parts = node.unique_id.split(".")
    return parts[2] if len(parts) > 2 else node.unique_id


def _counts(models: Sequence[ModelRun]) -> Listing:
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for node in models:
        state = "passed" if node.status in ("success", "pass") else node.status
        counted[node.resource_type][state] += 1
    return Listing(
        ("Kind", "Passed", "Warned", "Failed", "Left out"),
        tuple(
            (
                kind,
                states["passed"],
                states["warn"],
                states["error"] + states["fail"] + states["runtime error"],
                states["skipped"],
            )
            for kind, states in sorted(counted.items())
        ),
    )


def _runs(runs: Sequence[RunRecord]) -> Listing:
    return Listing(
        ("Run", "Job", "State", "Started (UTC)", "Rows", "Message"),
        tuple(
            (
                run.run_id,
                run.job,
                run.status,
                _at(run.started_at),
                sum(stream.rows for stream in run.streams),
                run.message or None,
            )
            for run in runs
        ),
    )


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
