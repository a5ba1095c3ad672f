"""What every source's server is told when it is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

CONTROL_PATH = "/__sim"
SOURCES = ("salesforce", "marketo", "zuora", "facebook", "gitlab")


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """The day whose end is the present, and where the server is reached."""

    as_of: date
    base_url: str = ""
