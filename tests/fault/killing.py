"""F1: kill -9 of the target, or of its server, at random and at named points."""

from __future__ import annotations

import signal
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.fault.oracle import check_at_least_once
from tests.fault.trial import check_ended, wait_for_exit

if TYPE_CHECKING:
    from tests.fault.running import Running
    from tests.fault.trial import Trial

POINTS = ("after_copy", "before_commit", "after_commit", "before_state")
_START_S = 0.15
_LONGEST_DELAY_S = 0.05
_STARTS_KILLED = 0.1
_POLL_S = 0.001


def vary(trial: Trial) -> None:
    """Choose how far batches and STATE messages lie apart: each may be the longer."""
    chance = trial.chance
    trial.settings["batch_size_rows"] = chance.choice((150, 250, 1000, 5000))
    distance = chance.choice((20, 100, 700, 2500))
    trial.workload = replace(trial.workload, state_every=distance)


def kill_target(trial: Trial) -> str:
    """Kill the target once at a random instant; tell whether it was still there."""
    running, was_there = _run_until_an_instant(trial)
    running.process.kill()
    outcome = running.wait()
    trial.check_interrupted(outcome, *((-signal.SIGKILL, 0) if was_there else (0,)))
    return "ended before" if outcome.status == 0 else "target killed"


def kill_server(trial: Trial) -> str:
    """Kill the server's first process at a random instant; the target goes on."""
    running, was_there = _run_until_an_instant(trial)
    trial.arena.hit_server(signal.SIGKILL)
    # It goes on by itself, unless a part of the transaction cannot be sent again.
    trial.check_interrupted(running.wait(), 0, 5)
    return "server killed" if was_there else "ended before"


def _run_until_an_instant(trial: Trial) -> tuple[Running, bool]:
    """Start a run and return at a random instant; and whether it still runs then."""
    chance = trial.chance
    start = trial.covered()
    running = trial.start()
    running.feed(trial.workload.lines(start))
    if chance.random() < _STARTS_KILLED:
        wait_for_exit(running, timeout_s=chance.uniform(0, _START_S))
    else:
        wanted = chance.randrange(trial.workload.rows // 2)
        while running.sent < wanted and not wait_for_exit(running, timeout_s=_POLL_S):
            pass
        wait_for_exit(running, timeout_s=chance.uniform(0, _LONGEST_DELAY_S))
    return running, running.process.poll() is None


def kill_at_a_point(trial: Trial) -> str:
    """Die at a named point, some time or other."""
    point = trial.chance.choice(POINTS)
    fault = f"{point}:{trial.chance.randint(1, 8)}"
    outcome = trial.run(variables={"BIZOPS_FAULT": fault})
    trial.check_interrupted(outcome, -signal.SIGKILL)
    trial.finish()
    return point


def kill_at_a_point_without_state_id(trial: Trial) -> str:
    """Die without a stored state: a row may come twice, none is lost."""
    trial.settings.pop("state_id")
    point = trial.chance.choice(POINTS)
    running = trial.start(
        variables={"BIZOPS_FAULT": f"{point}:{trial.chance.randint(1, 8)}"}
    )
    running.feed(trial.workload.lines())
    killed = running.wait()
    check_ended(killed, -signal.SIGKILL)
    trial.arena.wait_until_quiet(trial.place)
    rerun = trial.start()
    rerun.feed(trial.workload.lines(killed.told))
    done = rerun.wait()
    check_ended(done, 0)
    check_at_least_once(trial.contents(), trial.workload, told=killed.told)
    return point
