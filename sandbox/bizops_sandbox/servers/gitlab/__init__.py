"""A local server that answers as GitLab's REST API v4 does.

The company's own site is at `<base>/api/v4`; the instances its customers run are at
`<base>/instances/<uuid>/api/v4`, each with its licence and its Service Ping.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bizops_sandbox.servers.gitlab.fault_kinds import FAULT_KINDS
from bizops_sandbox.servers.gitlab.settings import Credentials

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from starlette.applications import Starlette

    from bizops_sandbox.servers.company import Company
    from bizops_sandbox.servers.faults import FaultBoard
    from bizops_sandbox.servers.journal import Journal
    from bizops_sandbox.servers.settings import ServerSettings

__all__ = [
    "FAULT_KINDS",
    "company_variables",
    "instances_variable",
    "make_app",
    "variables",
]
GROUP = "brightloom"
# Linux takes 131,072 bytes for one variable of a process, its name included.
LONGEST_VARIABLE_BYTES = 120_000


def make_app(
    company: Company, board: FaultBoard, journal: Journal, settings: ServerSettings
) -> Starlette:
    """Make the server over the company, as of the day of the settings.

    Raises:
        ParameterError: (a ValueError) for a day outside the company's time.
    """
    from bizops_sandbox.projections.gitlab import project_gitlab
    from bizops_sandbox.servers.gitlab.app import build_app
    from bizops_sandbox.servers.gitlab.settings import Settings
    from bizops_sandbox.servers.gitlab.simulator import Simulator

    simulator = Simulator(
        lambda day: project_gitlab(company.events, company.parameters, day),
        settings.as_of,
        settings=Settings(**settings.changes),
        board=board,
        journal=journal,
        base_url=settings.base_url,
    )
    return build_app(simulator)


def variables(base_url: str) -> Mapping[str, str]:
    """The environment variables of a client of the server."""
    return {
        "GITLAB_API_URL": f"{base_url}/api/v4",
        "GITLAB_PRIVATE_TOKEN": Credentials().main_token,
        "GITLAB_GROUPS": GROUP,
    }


def company_variables(company: Company, settings: ServerSettings) -> Mapping[str, str]:
    """The variables that tell of the company: all instances that customers run.

    They are left out when they would be too long for a process's environment, as from
    scale medium on: `GET <control>/instances` tells them.
    """
    instances = instances_variable(company, settings.base_url, settings.as_of)
    if len(instances) > LONGEST_VARIABLE_BYTES:
        instances = "[]"
    return {"GITLAB_INSTANCES": instances}


def instances_variable(company: Company, base_url: str, as_of: date) -> str:
    """The JSON of the tap's setting `instances`: all that customers run at a day."""
    from bizops_sandbox.servers.gitlab.control import instance_entry
    from bizops_sandbox.world.events import InstanceInstalled
    from bizops_sandbox.world.log import events_until
    from bizops_sandbox.world.moments import day_end

    return json.dumps(
        [
            instance_entry(event, base_url, Credentials())
            for event in events_until(company.events, day_end(as_of))
            if isinstance(event, InstanceInstalled)
        ]
    )
