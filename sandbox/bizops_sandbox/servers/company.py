"""The sample company behind the servers: simulated once, projected for a day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bizops_sandbox.world.log import StoredLog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date
    from pathlib import Path

    from bizops_sandbox.projections.salesforce_org import SalesforceOrg
    from bizops_sandbox.world.events import Event
    from bizops_sandbox.world.parameters import Parameters


# A log of so many organisations has some 300,000 events: held in 100 MB.
MOST_HELD_ORGANIZATIONS = 1_000


@dataclass(frozen=True, slots=True)
class Company:
    """The parameters of a sample company and all that happened in it.

    `events` can be gone through again and again, in time order.
    """

    parameters: Parameters
    events: Iterable[Event]

    def salesforce(self, as_of: date) -> SalesforceOrg:
        """Return its Salesforce org at the end of a day.

        Raises:
            ParameterError: (a ValueError) for a day outside the company's time.
        """
        from bizops_sandbox.projections.salesforce import project_salesforce

        return project_salesforce(self.events, self.parameters, as_of)


def simulate_company(
    *,
    scale: str,
    seed: int | None,
    overrides: Mapping[str, Any] | None = None,
    directory: Callable[[], Path] | None = None,
) -> Company:
    """Let the sample company live.

    Args:
        scale: tiny, small, medium or large.
        seed: Another one than the scale's.
        overrides: Parameters that differ from the scale's.
        directory: Gives a folder to keep the log of a large company in; without one,
            every log is held in memory.

    Raises:
        ParameterError: (a ValueError) for an unknown scale or a wrong parameter.
    """
    from bizops_sandbox.world.parameters import load_parameters
    from bizops_sandbox.world.simulate import simulate
    from bizops_sandbox.world.streaming import simulate_to

    parameters = load_parameters(scale=scale, seed=seed, overrides=overrides)
    if directory is None or parameters.organizations <= MOST_HELD_ORGANIZATIONS:
        return Company(parameters, simulate(parameters))
    path = directory() / "events.jsonl"
    simulate_to(path, parameters)
    return Company(parameters, StoredLog(path))
