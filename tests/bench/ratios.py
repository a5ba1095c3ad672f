"""Medians, and ratios taken within a round: noise of the machine hits both sides."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from tests.bench.programs.program import MODES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.bench.comparing import Measurement
    from tests.bench.programs.program import Mode, Program


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table: a program's medians in one mode.

    Attributes:
        program: Its name.
        title: Its title.
        mode: What it did.
        rows_per_s: Speed; None when it was wrong in any round.
        to_limit: Speed as a share of PostgreSQL's limit.
        to_best_peer: Speed as a multiple of the fastest peer's.
        cpu_us_per_row: Its own CPU time for each row.
        peak_rss_mb: Most memory it held, in 10^6 bytes.
        runs: In how many rounds it was measured.
        fault: What was wrong; None when all was right.
    """

    program: str
    title: str
    mode: Mode
    rows_per_s: float | None
    to_limit: float | None
    to_best_peer: float | None
    cpu_us_per_row: float | None
    peak_rss_mb: float | None
    runs: int
    fault: str | None


def make_lines(
    measurements: Sequence[Measurement], programs: Sequence[Program], *, rows: int
) -> tuple[Line, ...]:
    """Sum up measurements, the modes one after the other, programs in their order."""
    lines: list[Line] = []
    for mode in MODES:
        runs = {
            program.name: [
                each
                for each in measurements
                if (each.program, each.mode) == (program.name, mode)
            ]
            for program in programs
        }
        rivals = _Rivals.among(runs, programs)
        lines += [
            _line(program, runs[program.name], rivals=rivals, rows=rows)
            for program in programs
            if runs[program.name]
        ]
    return tuple(lines)


@dataclass(frozen=True, slots=True)
class _Rivals:
    """Seconds of each round of those a program is held against."""

    limit: Mapping[int, float]
    best_peer: Mapping[int, float]

    @classmethod
    def among(
        cls, runs: Mapping[str, Sequence[Measurement]], programs: Sequence[Program]
    ) -> _Rivals:
        limits = [_walls(runs[p.name]) for p in programs if p.role == "limit"]
        peers = [_walls(runs[p.name]) for p in programs if p.role == "peer"]
        return cls(
            limit=limits[0] if limits else {},
            best_peer=min(
                (walls for walls in peers if walls),
                key=lambda walls: median(walls.values()),
                default={},
            ),
        )


def _walls(runs: Sequence[Measurement]) -> dict[int, float]:
    """Return the seconds of each round; nothing when any round was wrong."""
    if any(each.fault is not None for each in runs):
        return {}
    return {each.round: each.cost.wall_s for each in runs if each.cost is not None}


def _line(
    program: Program, runs: Sequence[Measurement], *, rivals: _Rivals, rows: int
) -> Line:
    walls = _walls(runs)
    costs = [each.cost for each in runs if each.cost is not None and walls]
    return Line(
        program=program.name,
        title=program.title,
        mode=runs[0].mode,
        rows_per_s=rows / median(walls.values()) if walls else None,
        to_limit=_ratio(walls, rivals.limit),
        to_best_peer=_ratio(walls, rivals.best_peer),
        cpu_us_per_row=median(c.cpu_s for c in costs) / rows * 1e6 if costs else None,
        peak_rss_mb=max(c.peak_rss_bytes for c in costs) / 1e6 if costs else None,
        runs=len(runs),
        fault=next((each.fault for each in runs if each.fault is not None), None),
    )


def _ratio(own: Mapping[int, float], other: Mapping[int, float]) -> float | None:
    both = own.keys() & other.keys()
    return median(other[turn] / own[turn] for turn in both) if both else None
