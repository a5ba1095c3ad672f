"""What every source's server is told when it is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

CONTROL_PATH = "/__sim"
#: Settings of the sources under which nobody waits for jobs or limits of calls.
WITHOUT_WAITING: Mapping[str, Mapping[str, Any]] = {
    "marketo": {"rate_calls": 1_000_000, "status_step_s": 0.01},
    "zuora": {"job_polls": 0},
    "facebook": {"run_polls": 0},
    "gitlab": {"requests_per_minute": 1_000_000},
}
SOURCES = ("salesforce", "marketo", "zuora", "facebook", "gitlab")


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """The day whose end is the present, and where the server is reached.

    Attributes:
        changes: Settings of the source's own that begin with another value.
    """

    as_of: date
    base_url: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)
