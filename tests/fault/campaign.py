"""All faults, how often each is tried, and what became of the trials."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from tests.fault import (
    conflicts,
    garbage,
    killing,
    killing_models,
    killing_runs,
    limits,
    memory,
    network,
    servers,
    signals,
)
from tests.fault.trial import Trial, UnavailableError
from tests.fault.workload import Workload

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fault.arena import Arena

ENDED_BEFORE = "ended before"
_KILLS_A_SERIES, _MODEL_KILLS_A_SERIES = 10, 5
_LONG_ROWS, _RUNNER_ROWS = 8_000, 4_000
_MIB = 2**20


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind of fault.

    Attributes:
        number: Its number in the plan.
        title: What happens.
        short: How many trials the short form makes.
        long: How many the long form makes.
        attempt: Makes at most so many trials from one source of chance, checks each,
            and counts what happened.
    """

    number: str
    title: str
    short: int
    long: int
    attempt: Callable[[Arena, Random, int], Counter[str]]


@dataclass(slots=True)
class Result:
    """What became of a fault's trials.

    Attributes:
        fault: The fault.
        happened: How often what happened.
        failures: What was wrong, with what repeats it.
        unavailable: Why it could not be tried here.
        seconds: How long it took.
    """

    fault: Fault
    happened: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    unavailable: str | None = None
    seconds: float = 0.0

    @property
    def trials(self) -> int:
        """Count the trials in which the fault took place."""
        return sum(n for what, n in self.happened.items() if what != ENDED_BEFORE)


def run_fault(fault: Fault, arena: Arena, *, trials: int, seed: int) -> Result:
    """Try a fault so many times; a failed attempt does not end the others.

    Args:
        fault: The fault.
        arena: The server.
        trials: How often it shall take place.
        seed: Decides all that is random.
    """
    result = Result(fault)
    began_s = time.monotonic()
    attempts = 0
    while result.trials + len(result.failures) < trials and attempts < 3 * trials + 3:
        name = f"{fault.number} {fault.title} {seed}/{attempts}"
        attempts += 1
        left = trials - result.trials
        try:
            result.happened += fault.attempt(arena, Random(name), left)  # noqa: S311
        except UnavailableError as error:
            result.unavailable = str(error)
            break
        except Exception as error:  # noqa: BLE001 - told, and the campaign goes on
            result.failures.append(f"{name}: {type(error).__name__}: {error}")
    result.seconds = time.monotonic() - began_s
    return result


def _single(
    run: Callable[[Trial], str],
) -> Callable[[Arena, Random, int], Counter[str]]:
    """Make one trial in a place of its own."""

    def attempt(arena: Arena, chance: Random, _left: int) -> Counter[str]:
        with arena.place() as place:
            workload = Workload(seed=chance.randrange(10**6))
            return Counter([run(Trial(arena, place, workload, chance))])

    return attempt


def _kill_again_and_again(arena: Arena, chance: Random, left: int) -> Counter[str]:
    """Kill target or server, start from the state, kill again; in the end complete."""
    happened: Counter[str] = Counter()
    with arena.place() as place:
        workload = Workload(seed=chance.randrange(10**6), rows=_LONG_ROWS)
        trial = Trial(arena, place, workload, chance)
        killing.vary(trial)
        while (
            sum(happened.values()) < min(left, _KILLS_A_SERIES)
            and trial.covered() < workload.rows
        ):
            kill = chance.choice((*[killing.kill_target] * 3, killing.kill_server))
            happened[kill(trial)] += 1
        trial.finish()
    return happened


def _runner_workload(chance: Random) -> Workload:
    return Workload(
        seed=chance.randrange(10**6),
        rows=_RUNNER_ROWS,
        state_every=chance.choice((20, 100, 700)),
    )


def _kill_runs_again_and_again(arena: Arena, chance: Random, left: int) -> Counter[str]:
    """The same under `bizops`, which is killed too."""
    happened: Counter[str] = Counter()
    with arena.database() as url:
        workload = _runner_workload(chance)
        trial = killing_runs.make_runner_trial(
            arena, url, workload=workload, chance=chance
        )
        while (
            sum(happened.values()) < min(left, _KILLS_A_SERIES)
            and trial.contents().covered < workload.rows
        ):
            happened[killing_runs.kill_a_run(trial)] += 1
        killing_runs.finish_runs(trial)
    return happened


def _kill_each(victim: str) -> Callable[[Arena, Random, int], Counter[str]]:
    """Kill one process of runs that load and build, a few times; then run to the end.

    In the end the models hold what they must.
    """

    def attempt(arena: Arena, chance: Random, left: int) -> Counter[str]:
        happened: Counter[str] = Counter()
        with arena.database() as url:
            workload = _runner_workload(chance)
            trial = killing_models.make_modelled_trial(
                arena, url, workload=workload, chance=chance
            )
            for _ in range(min(left, _MODEL_KILLS_A_SERIES)):
                is_loaded = trial.contents().covered == workload.rows
                if is_loaded and victim != killing_runs.MODELS:
                    break
                happened[killing_runs.kill_a_run(trial, victim)] += 1
            killing_runs.finish_runs(trial)
            killing_models.check_models(trial)
        return happened

    return attempt


FAULTS: tuple[Fault, ...] = (
    Fault("F1", "random kills of target and server", 6, 120, _kill_again_and_again),
    Fault("F2", "random kills under bizops", 4, 80, _kill_runs_again_and_again),
    Fault("F2", "kills of bizops, models built", 0, 50, _kill_each("bizops")),
    Fault("F2", "kills of the tap, models built", 0, 50, _kill_each("tap-trial")),
    Fault(
        "F2", "kills of the target, models built", 0, 50, _kill_each("target-postgres")
    ),
    Fault("F2", "kills while dbt builds", 1, 50, _kill_each(killing_runs.MODELS)),
    Fault("F1", "kills at named points", 4, 40, _single(killing.kill_at_a_point)),
    Fault(
        "F1",
        "kills at named points, no state_id",
        2,
        40,
        _single(killing.kill_at_a_point_without_state_id),
    ),
    Fault("F3", "one cut of the line", 4, 60, _single(network.cut_once)),
    Fault("F3", "the line stays away", 1, 5, _single(network.cut_for_good)),
    Fault("F3", "the line dies in silence", 1, 5, _single(network.swallow_quickly)),
    Fault("F3", "the same, a minute", 0, 1, _single(network.swallow)),
    Fault("F3", "target and line vanish", 0, 1, _single(network.vanish)),
    Fault("F4", "restarts of the server", 2, 20, _single(servers.restart_server)),
    Fault("F4", "sessions ended", 1, 10, _single(servers.end_sessions)),
    Fault("F5", "disk full", 1, 5, _single(servers.fill_disk)),
    Fault("F6", "garbage", 30, 2000, _single(garbage.send_garbage)),
    Fault(
        "F8", "many rows", 1, 0, _single(partial(memory.load_many_rows, rows=40_000))
    ),
    Fault(
        "F8",
        "five million records",
        0,
        1,
        _single(partial(memory.load_many_rows, rows=2_500_000)),
    ),
    Fault(
        "F8",
        "many streams",
        1,
        0,
        _single(partial(memory.load_many_streams, streams=60)),
    ),
    Fault(
        "F8",
        "a thousand streams",
        0,
        1,
        _single(partial(memory.load_many_streams, streams=1000)),
    ),
    Fault(
        "F8",
        "a line of 20 MiB",
        1,
        1,
        _single(partial(memory.load_long_line, size_bytes=20 * _MIB)),
    ),
    Fault(
        "F8",
        "a line of 99 MiB",
        0,
        1,
        _single(partial(memory.load_long_line, size_bytes=99 * _MIB)),
    ),
    Fault("F9", "locks that end", 1, 10, _single(conflicts.wait_for_lock)),
    Fault("F9", "locks that stay", 1, 5, _single(conflicts.give_up_lock)),
    Fault("F9", "upserts of two", 1, 20, _single(conflicts.upsert_against_each_other)),
    Fault("F9", "views and indexes", 1, 15, _single(conflicts.rebuild_meanwhile)),
    Fault("F10", "limits of a role", 3, 15, _single(limits.limit_role)),
    Fault(
        "F10",
        "a tap that thinks",
        1,
        3,
        _single(limits.wait_for_tap_within_transaction),
    ),
    Fault("F11", "SIGTERM and SIGINT", 4, 50, _single(signals.stop_at_an_instant)),
    Fault("F11", "other signals", 1, 15, _single(signals.hang_up)),
    Fault("F11", "stop and continue", 1, 5, _single(signals.pause)),
    Fault("F11", "output closed", 1, 5, _single(signals.close_output)),
    Fault("F12", "the clock put back", 1, 3, _single(signals.put_clock_back)),
)
