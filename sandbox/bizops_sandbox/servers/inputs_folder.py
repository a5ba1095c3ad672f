"""The files beside what is served: CSV inputs and saved pings, of the company's day."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bizops_sandbox.inputs.write import write_inputs
from bizops_sandbox.projections.gitlab_instances import service_pings
from bizops_sandbox.servers.env_file import write_atomically
from bizops_sandbox.world.log import events_until
from bizops_sandbox.world.moments import day_end

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from bizops_sandbox.servers.company import Company


@dataclass(frozen=True, slots=True)
class InputsFolder:
    """A folder, and the company whose inputs it holds.

    Beside the CSV files it has every Service Ping that customers' instances ever sent,
    one on each line: an instance's API gives only its last.
    """

    company: Company
    directory: Path

    def write(self, day: date) -> None:
        """Write every input as it is at the end of a day.

        Raises:
            OSError: the folder cannot be written.
        """
        company = self.company
        write_inputs(company.events, company.parameters, day, self.directory)
        pings = service_pings(events_until(company.events, day_end(day)))
        lines = "".join(json.dumps(ping) + "\n" for ping in pings)
        write_atomically(self.ping_file, lines)

    @property
    def ping_file(self) -> Path:
        """Where the saved pings are."""
        return self.directory / "service_pings.jsonl"
