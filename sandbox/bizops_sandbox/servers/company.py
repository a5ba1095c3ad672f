"""The sample company behind the servers: simulated once, projected for a day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from bizops_sandbox.projections.salesforce_org import SalesforceOrg
    from bizops_sandbox.world.events import Event
    from bizops_sandbox.world.parameters import Parameters


@dataclass(frozen=True, slots=True)
class Company:
    """The parameters of a sample company and all that happened in it."""

    parameters: Parameters
    events: Sequence[Event]

    def salesforce(self, as_of: date) -> SalesforceOrg:
        """Return its Salesforce org at the end of a day.

        Raises:
            ParameterError: (a ValueError) for a day outside the company's time.
        """
        from bizops_sandbox.projections.salesforce import project_salesforce

        return project_salesforce(self.events, self.parameters, as_of)


def simulate_company(
    *, scale: str, seed: int | None, overrides: Mapping[str, Any] | None = None
) -> Company:
    """Let the sample company live.

    Raises:
        ParameterError: (a ValueError) for an unknown scale or a wrong parameter.
    """
    from bizops_sandbox.world.parameters import load_parameters
    from bizops_sandbox.world.simulate import simulate

    parameters = load_parameters(scale=scale, seed=seed, overrides=overrides)
    return Company(parameters, simulate(parameters))
