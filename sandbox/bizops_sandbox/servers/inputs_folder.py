"""The CSV inputs as part of what is served: files that move with the company."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bizops_sandbox.inputs.write import write_inputs

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from bizops_sandbox.servers.company import Company


@dataclass(frozen=True, slots=True)
class InputsFolder:
    """A folder, and the company whose inputs it holds."""

    company: Company
    directory: Path

    def write(self, day: date) -> None:
        """Write every input as it is at the end of a day.

        Raises:
            OSError: the folder cannot be written.
        """
        company = self.company
        write_inputs(company.events, company.parameters, day, self.directory)
