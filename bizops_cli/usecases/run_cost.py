"""`runs cost`: what runs took of sources, of the network and of this machine."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bizops_cli.model import RunRecord, TapRun

_Number = TypeVar("_Number", int, float)


@dataclass(frozen=True, slots=True)
class SourceCost:
    """What a source took; None where no run told.

    Attributes:
        source: The tap, or `models` or `all`.
        runs: How many runs had it.
        rows: Rows read.
        size_bytes: What the tap wrote for them.
        api_calls: Calls of the source's API.
        quota_percent: How much of its limit the source said was used, in the last run.
        duration_s: Seconds from start to end.
        tap_cpu_s: Seconds of processor the tap took.
        target_cpu_s: The same of the target.
    """

    source: str
    runs: int
    rows: int | None
    size_bytes: int | None
    api_calls: int | None
    quota_percent: float | None
    duration_s: float | None
    tap_cpu_s: float | None
    target_cpu_s: float | None


def cost_of(records: Sequence[RunRecord]) -> list[SourceCost]:
    """Add up what runs, the latest first, took: by tap, of the models, and of all.

    Seconds of all are those of the runs, in which taps work side by side.
    """
    taps: dict[str, list[TapRun]] = {}
    for record in records:
        for tap in record.taps:
            taps.setdefault(tap.tap, []).append(tap)
    costs = [_of_tap(name, runs) for name, runs in sorted(taps.items())]
    built = [record for record in records if record.models]
    if built:
        spent = sum(model.duration_s for record in built for model in record.models)
        costs.append(_nothing("models", len(built), round(spent, 3)))
    spans = [
        (record.finished_at - record.started_at).total_seconds()
        for record in records
        if record.finished_at is not None
    ]
    every = [cost for cost in costs if cost.source != "models"]
    sums = {
        part.name: _added(getattr(cost, part.name) for cost in every)
        for part in fields(SourceCost)
        if part.name not in {"source", "runs", "duration_s", "quota_percent"}
    }
    seconds = round(sum(spans), 3)
    return [
        *costs,
        SourceCost(
            source="all",
            runs=len(records),
            duration_s=seconds,
            quota_percent=None,
            **sums,
        ),
    ]


def _of_tap(name: str, runs: Sequence[TapRun]) -> SourceCost:
    return SourceCost(
        source=name,
        runs=len(runs),
        rows=sum(run.rows for run in runs),
        size_bytes=sum(run.size_bytes for run in runs),
        api_calls=_added(run.api_calls for run in runs),
        quota_percent=runs[0].quota_percent,
        duration_s=round(sum(run.duration_s for run in runs), 3),
        tap_cpu_s=_added(run.tap_cpu_s for run in runs),
        target_cpu_s=_added(run.target_cpu_s for run in runs),
    )


def _nothing(source: str, runs: int, duration_s: float) -> SourceCost:
    return SourceCost(source, runs, None, None, None, None, duration_s, None, None)


def _added(values: Iterable[_Number | None]) -> _Number | None:
    known = [value for value in values if value is not None]
    return sum(known[1:], known[0]) if known else None
