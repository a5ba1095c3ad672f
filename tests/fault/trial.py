"""One trial: a run that something happens to, the check after it, a run to the end."""

from __future__ import annotations

import contextlib
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.fault.oracle import check_complete, check_interrupted
from tests.fault.place import Contents, read_contents
from tests.fault.running import Outcome, Running, start_target

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from tests.fault.arena import Arena
    from tests.fault.place import Place
    from tests.fault.workload import Workload

BATCH_ROWS = 250


class TrialError(AssertionError):
    """The target did not behave as it must."""


class UnavailableError(Exception):
    """This machine, or this user, cannot bring the fault about."""


@dataclass(slots=True)
class Trial:
    """What one trial works with.

    Attributes:
        arena: The server.
        place: Where this trial's rows and state are.
        workload: What its tap sends.
        chance: Its source of random numbers.
        settings: Settings of the target besides where to load to.
    """

    arena: Arena
    place: Place
    workload: Workload
    chance: Random
    settings: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.settings = {
            "state_id": self.place.state_id,
            "state_schema": self.place.state_schema,
            "run_id": "run",
            "batch_size_rows": BATCH_ROWS,
            **self.settings,
        }

    def start(
        self,
        *,
        url: str | None = None,
        variables: Mapping[str, str] | None = None,
        **settings: Any,
    ) -> Running:
        """Start the target without input."""
        given = self.settings | settings | ({} if url is None else {"url": url})
        return start_target(
            self.place, self.arena.directory, settings=given, variables=variables
        )

    def run(
        self,
        *,
        url: str | None = None,
        variables: Mapping[str, str] | None = None,
        **settings: Any,
    ) -> Outcome:
        """Run from the stored state to the end."""
        running = self.start(url=url, variables=variables, **settings)
        running.feed(self.workload.lines(self.covered()))
        return running.wait()

    def covered(self) -> int:
        """Read how many rows the stored state covers."""
        return self.contents().covered

    def contents(self) -> Contents:
        """Read what is stored."""
        return read_contents(self.place)

    def check_interrupted(self, outcome: Outcome, *statuses: int) -> Contents:
        """Check a run that was cut off, and that it ended in one of the ways it may.

        Raises:
            AssertionError: If anything is not as it must be.
        """
        check_ended(outcome, *statuses)
        self.arena.wait_until_quiet(self.place)
        found = self.contents()
        if outcome.status == 0:
            check_complete(found, self.workload)
        else:
            check_interrupted(found, self.workload, told=outcome.told)
        return found

    def finish(self) -> None:
        """Run to the end without any fault, and check that everything is there once.

        Raises:
            AssertionError: If it is not.
        """
        check_ended(self.run(), 0)
        self.arena.wait_until_quiet(self.place)
        check_complete(self.contents(), self.workload)


def check_ended(outcome: Outcome, *statuses: int) -> None:
    """Check how a run ended.

    Raises:
        TrialError: If it ended otherwise, or with a traceback.
    """
    if outcome.status not in statuses or "Traceback" in outcome.log:
        raise TrialError(
            f"ended with {outcome.status}, not {statuses}: {outcome.log[-2000:]}"
        )


def wait_for_exit(running: Running, *, timeout_s: float) -> bool:
    """Wait a while for the end; tell whether it came."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        running.process.wait(timeout_s)
    return running.process.poll() is not None
