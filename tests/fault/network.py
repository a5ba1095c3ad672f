"""F3: the network between target and server fails in the middle of things."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from tests.fault.proxy import Cut, Kind, Proxy
from tests.fault.trial import TrialError, check_ended, wait_for_exit

if TYPE_CHECKING:
    from tests.fault.trial import Trial

_KINDS: tuple[Kind, ...] = ("reset", "close", "stall", "before commit", "after commit")
# What a run of the usual workload sends and hears, and its COMMITs.
_BYTES, _COMMITS = 500_000, 20
_LONGEST_WAIT_S = 75
_POLL_S = 0.002
_QUICK_CHECKS = "keepalives_idle=1&keepalives_interval=1&tcp_user_timeout=2000"


def cut_once(trial: Trial) -> str:
    """Cut or stall one connection at a random place; the run goes on by itself."""
    kind = trial.chance.choice(_KINDS)
    bound = _COMMITS if kind.endswith("commit") else _BYTES
    cut = Cut(kind, trial.chance.randrange(bound), stall_s=2.0)
    with Proxy(trial.place.url, cut) as proxy:
        outcome = trial.run(url=proxy.url)
    # With a part of a transaction open that cannot be sent again, the run stops.
    trial.check_interrupted(outcome, 0, 5)
    if not cut.done:
        raise TrialError(f"the run ended before its {kind}")
    trial.finish()
    return kind


def cut_for_good(trial: Trial) -> str:
    """Cut every connection there is: the run ends with 5, and the next one goes on."""
    cut = Cut("before commit", trial.chance.randint(4, _COMMITS), times=99)
    with Proxy(trial.place.url, cut) as proxy:
        outcome = trial.run(url=proxy.url, connect_attempts=2)
    trial.check_interrupted(outcome, 5)
    trial.finish()
    return "cut for good"


def swallow_quickly(trial: Trial) -> str:
    """Lose a line without a word, found out by checks set to seconds."""
    return _swallow(trial, query=_QUICK_CHECKS)


def swallow(trial: Trial) -> str:
    """Lose a line without a word, found out within a minute as it comes."""
    return _swallow(trial, query="")


def _swallow(trial: Trial, *, query: str) -> str:
    cut = Cut("swallow", trial.chance.randrange(10_000, _BYTES))
    with Proxy(trial.place.url, cut) as proxy:
        outcome = trial.run(url=f"{proxy.url}?{query}" if query else proxy.url)
        check_ended(outcome, 0)
    if not cut.done:
        raise TrialError("the run ended before its line was lost")
    trial.check_interrupted(outcome, 0)
    return "swallowed"


def vanish(trial: Trial) -> str:
    """Lose line and target at once: the server lets the next run in within a minute."""
    cut = Cut("swallow", trial.chance.randrange(10_000, _BYTES))
    with Proxy(trial.place.url, cut) as proxy:
        running = trial.start(url=proxy.url)
        running.feed(trial.workload.lines())
        while not cut.done and not wait_for_exit(running, timeout_s=_POLL_S):
            pass
        running.process.kill()
        outcome = running.wait()
        check_ended(outcome, -signal.SIGKILL)
        check_ended(trial.run(state_lock_wait_seconds=_LONGEST_WAIT_S), 0)
        trial.finish()
    return "target and line lost"
