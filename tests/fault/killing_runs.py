"""F2: kill -9 under `bizops`: of itself, its tap, its target, or the server."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.conftest import Toy, toy_project
from tests.fault.oracle import check_complete, check_interrupted
from tests.fault.place import Contents, Place, read_contents
from tests.fault.trial import TrialError

if TYPE_CHECKING:
    from random import Random

    from tests.fault.arena import Arena
    from tests.fault.workload import Workload

_TAP = "tap-trial"
_CHECKOUT = Path(__file__).parents[2]
_STARTS_KILLED = 0.25
_LONGEST_START_S, _LONGEST_DELAY_S = 0.5, 0.05
_GONE_WITHIN_S = 10.0
_POLL_S = 0.01
_LONGEST_IDLENESS_S = 60.0
_LONGEST_BUILD_S = 1.5
_DBT_AT_WORK = (
    "select 1 from pg_stat_activity where application_name = 'bizops dbt'"
    " and datname = current_database()"
)
CHILDREN = (_TAP, "target-postgres")
MODELS = "dbt"
VICTIMS = ("bizops", "bizops", "target-postgres", _TAP, "server")


@dataclass(frozen=True, slots=True)
class RunnerTrial:
    """A project whose runs are killed.

    Attributes:
        arena: The server.
        project: The project.
        place: Where it loads to.
        workload: What its tap sends.
        chance: Source of random numbers.
    """

    arena: Arena
    project: Toy
    place: Place
    workload: Workload
    chance: Random

    def contents(self) -> Contents:
        """Read what is stored."""
        return read_contents(self.place)


def make_runner_trial(
    arena: Arena, url: str, *, workload: Workload, chance: Random
) -> RunnerTrial:
    """Make a project that loads into an empty database."""
    folder = arena.directory / url.rpartition("/")[2]
    project = toy_project(folder, url)
    script = folder / "bin" / _TAP
    script.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(_CHECKOUT)!r})\n"
        "from tests.fault.tap import main\nmain()\n",
        "utf-8",
    )
    script.chmod(0o755)
    project.document["taps"] = {
        _TAP: {
            "executable": f"./bin/{_TAP}",
            "config": {"seed": workload.seed, "rows": workload.rows},
            "schema": "raw",
        }
    }
    project.document["jobs"]["default"]["taps"] = [_TAP]
    project.document["target"]["config"] = {"batch_size_rows": 250}
    project.write()
    place = Place(url, "raw", "bizops", f"toy:dev:{_TAP}")
    return RunnerTrial(arena, project, place, workload, chance)


def kill_a_run(trial: RunnerTrial, victim: str | None = None) -> str:
    """Kill one of a run's processes at a random instant; tell which one.

    Args:
        trial: The project.
        victim: Which one, `dbt` for bizops while it builds models; None for any that
            loads, and the server.

    Raises:
        AssertionError: If a child outlives the run, or rows and state disagree.
    """
    victim = victim or trial.chance.choice(VICTIMS)
    process = trial.project.start("elt", "run")
    if victim == MODELS:
        seen = _wait_for_models(trial, process)
    else:
        seen = _wait_for_an_instant(trial, process, victim)
    was_there = process.poll() is None
    if victim == "server":
        trial.arena.hit_server(signal.SIGKILL)
    else:
        pid = process.pid if victim in {"bizops", MODELS} else seen.get(victim)
        was_there = pid is not None and _kill(pid) and was_there
    output = _wait_while_it_works(process)
    _wait_until_gone(set(seen.values()))
    trial.arena.wait_until_quiet(trial.place)
    found = trial.contents()
    if process.returncode == 0:
        check_complete(found, trial.workload)
    else:
        check_interrupted(found, trial.workload, told=0)
    if "Traceback" in output:
        raise TrialError(output[-2000:])
    return f"{victim} killed" if was_there else "ended before"


def finish_runs(trial: RunnerTrial) -> None:
    """Run to the end without a fault, and check that everything is there once.

    Raises:
        AssertionError: If it is not, or a lock or a secret is left.
    """
    process = trial.project.start("elt", "run")
    output = _wait_while_it_works(process)
    if process.returncode != 0:
        raise TrialError(f"ended with {process.returncode}: {output[-2000:]}")
    check_complete(trial.contents(), trial.workload)
    left = list(trial.project.directory.glob(".bizops/runs/*/secrets"))
    if left:
        raise TrialError(f"secrets are left: {left}")


def _wait_while_it_works(process: subprocess.Popen[str]) -> str:
    """Wait for a run's end, however slow the machine is; return what it said.

    Raises:
        TrialError: Neither it nor a child used the processor for a minute.
    """
    used, since_s = -1, time.monotonic()
    while True:
        try:
            return process.communicate(timeout=1.0)[0]
        except subprocess.TimeoutExpired:
            now = _used_ticks({process.pid, *_children(process.pid).values()})
        if now != used:
            used, since_s = now, time.monotonic()
        elif time.monotonic() - since_s > _LONGEST_IDLENESS_S:
            process.kill()
            output, _ = process.communicate()
            raise TrialError(f"stands still: {output[-2000:]}")


def _used_ticks(pids: set[int]) -> int:
    """Sum up the processor time of processes that are there."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            text = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]
            total += sum(map(int, text.split()[11:13]))
    return total


def _wait_for_an_instant(
    trial: RunnerTrial, process: subprocess.Popen[str], victim: str
) -> dict[str, int]:
    """Wait for a random instant of a run: of its start, or after some progress.

    Returns:
        The run's children that were seen until then.
    """
    chance, start = trial.chance, trial.contents().covered
    is_early = chance.random() < _STARTS_KILLED
    left = trial.workload.rows - start
    wanted = start if is_early else start + chance.randrange(1, max(2, left // 2))
    seen: dict[str, int] = {}
    while process.poll() is None:
        seen |= _children(process.pid)
        is_seen = victim in seen or victim not in CHILDREN
        if is_seen and (is_early or trial.contents().covered > wanted):
            break
        time.sleep(_POLL_S)
    time.sleep(chance.uniform(0, _LONGEST_START_S if is_early else _LONGEST_DELAY_S))
    return seen | _children(process.pid)


def _wait_for_models(
    trial: RunnerTrial, process: subprocess.Popen[str]
) -> dict[str, int]:
    """Wait for a random instant at which models are built; return children seen."""
    seen: dict[str, int] = {}
    while process.poll() is None and not trial.place.query(_DBT_AT_WORK, []):
        seen |= _children(process.pid)
        time.sleep(_POLL_S)
    time.sleep(trial.chance.uniform(0, _LONGEST_BUILD_S))
    return seen


def _children(pid: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(file.read_text().rpartition(")")[2].split()[1])
            words = (file.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if parent == pid:
            child = int(file.parent.name)
            for name in CHILDREN:
                if f"/{name}\0".encode() in words:
                    found[name] = child
    return found


def _kill(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def _wait_until_gone(pids: set[int]) -> None:
    deadline_s = time.monotonic() + _GONE_WITHIN_S
    while alive := {pid for pid in pids if _is_alive(pid)}:
        if time.monotonic() > deadline_s:
            raise TrialError(f"processes {sorted(alive)} outlive their run")
        time.sleep(_POLL_S)
