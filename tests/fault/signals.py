"""F11 and F12: signals at any instant; a clock that is put back."""

from __future__ import annotations

import signal
import sys
import time
from itertools import pairwise
from typing import TYPE_CHECKING

from psycopg2 import sql

from tests.fault.running import start_target
from tests.fault.trial import TrialError, check_ended, wait_for_exit
from tests.fault.workload import KEYLESS

if TYPE_CHECKING:
    from tests.fault.trial import Trial

_POLL_S = 0.001
_STOPPING = {signal.SIGTERM: 143, signal.SIGINT: 130}
_LOCKED = 6
# The target as it is, but from its first look at the clock on an hour falls out of it.
_JUMPING = """
import sys, time
true_ns, looks = time.time_ns, iter(range(10**9))
def jumped():
    return 3600 if next(looks) > 0 else 0
time.time_ns = lambda: true_ns() - jumped() * 10**9
time.time = lambda: true_ns() / 1e9 - jumped()
from target_postgres.target import main
main()
"""
# The target as it is, but the reader of its output is gone.
_UNHEARD = """
import os
reader, writer = os.pipe()
os.close(reader)
os.dup2(writer, 1)
from target_postgres.target import main
main()
"""


def stop_at_an_instant(trial: Trial) -> str:
    """Send SIGTERM or SIGINT, sometimes twice: the state told is the one stored."""
    number = trial.chance.choice(tuple(_STOPPING))
    running = trial.start()
    lines = list(trial.workload.lines())
    running.feed(lines)
    wanted = trial.chance.randrange(1, len(lines))
    while running.sent < wanted and not wait_for_exit(running, timeout_s=_POLL_S):
        pass
    time.sleep(trial.chance.uniform(0, 0.03))
    running.process.send_signal(number)
    is_twice = trial.chance.random() < 0.25
    if is_twice:
        time.sleep(trial.chance.uniform(0, 0.01))
        running.process.send_signal(number)
    outcome = running.wait()
    # Before Python has started, or after it has ended its work, nobody heeds it.
    found = trial.check_interrupted(outcome, _STOPPING[number], 0, -number)
    if outcome.status > 0 and not is_twice and outcome.told != found.covered:
        raise TrialError(f"{found.covered} is stored, {outcome.told} was told")
    trial.finish()
    return f"{number.name}{' twice' if is_twice else ''}"


def hang_up(trial: Trial) -> str:
    """Send what ends the process without a word: as kill -9."""
    number = trial.chance.choice((signal.SIGHUP, signal.SIGABRT, signal.SIGQUIT))
    running = trial.start()
    running.feed(trial.workload.lines())
    wait_for_exit(running, timeout_s=trial.chance.uniform(0.1, 0.4))
    running.process.send_signal(number)
    trial.check_interrupted(running.wait(), -number, 0)
    trial.finish()
    return number.name


def pause(trial: Trial) -> str:
    """Stop the process and let it go on."""
    running = trial.start()
    running.feed(trial.workload.lines())
    for _ in range(3):
        wait_for_exit(running, timeout_s=trial.chance.uniform(0.05, 0.15))
        running.process.send_signal(signal.SIGSTOP)
        time.sleep(0.2)
        running.process.send_signal(signal.SIGCONT)
    trial.check_interrupted(running.wait(), 0)
    return "stopped and continued"


def close_output(trial: Trial) -> str:
    """Let nobody read the states: rows and state are stored, and the status tells."""
    running = start_target(
        trial.place,
        trial.arena.directory,
        settings=trial.settings,
        command=(sys.executable, "-c", _UNHEARD),
    )
    running.feed(trial.workload.lines())
    trial.check_interrupted(running.wait(), 1)
    trial.finish()
    return "output closed"


def put_clock_back(trial: Trial) -> str:
    """Put the clock back an hour: numbers rise, and the state's lock holds."""
    running = start_target(
        trial.place,
        trial.arena.directory,
        settings=trial.settings,
        command=(sys.executable, "-c", _JUMPING),
    )
    lines = list(trial.workload.lines())
    running.feed(lines[: len(lines) // 2], ends=False)
    running.wait_until_fed()
    second = trial.start(state_lock_wait_seconds=0.3)
    second.feed([])
    check_ended(second.wait(), _LOCKED)
    running.feed(lines[len(lines) // 2 :])
    trial.check_interrupted(running.wait(), 0)
    rows = trial.place.query(
        sql.SQL("select seq, _sdc_sequence from {} order by seq").format(
            sql.Identifier(trial.place.schema, KEYLESS)
        )
    )
    if any(later[1] <= earlier[1] for earlier, later in pairwise(rows)):
        raise TrialError("a later row has not the higher number")
    return "clock put back"
