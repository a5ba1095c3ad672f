"""The sample company as the raw tables of all its sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .raw_csv import csv_tables
from .raw_facebook import facebook_tables
from .raw_gitlab import gitlab_tables
from .raw_marketo import marketo_tables
from .raw_salesforce import salesforce_tables
from .raw_zuora import zuora_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    from bizops_sandbox.world.events import Event
    from bizops_sandbox.world.parameters import Parameters

    from .raw_tables import RawTable

    Loader = Callable[[Iterable[Event], Parameters, date], dict[str, RawTable]]

# The raw tables of each source, as its tap and the target leave them: a function of the
# log, the parameters and the day the company is looked at.
LOADERS: Mapping[str, Loader] = {
    "salesforce": salesforce_tables,
    "zuora": zuora_tables,
    "gitlab": gitlab_tables,
    "marketo": marketo_tables,
    "facebook": facebook_tables,
    "csv": csv_tables,
}
