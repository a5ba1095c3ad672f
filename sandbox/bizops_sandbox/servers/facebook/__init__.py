"""A local server that answers as Facebook's Graph and Marketing APIs do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bizops_sandbox.servers.facebook.fault_kinds import FAULT_KINDS
from bizops_sandbox.servers.facebook.settings import Credentials

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.applications import Starlette

    from bizops_sandbox.servers.company import Company
    from bizops_sandbox.servers.faults import FaultBoard
    from bizops_sandbox.servers.journal import Journal
    from bizops_sandbox.servers.settings import ServerSettings

__all__ = ["FAULT_KINDS", "make_app", "variables"]


def make_app(
    company: Company, board: FaultBoard, journal: Journal, settings: ServerSettings
) -> Starlette:
    """Make the application that serves the company's business on Facebook.

    Raises:
        ParameterError: (a ValueError) for a day outside the company's time.
    """
    from bizops_sandbox.projections.facebook import project_facebook
    from bizops_sandbox.servers.facebook.app import build_app
    from bizops_sandbox.servers.facebook.settings import Settings
    from bizops_sandbox.servers.facebook.simulator import Simulator

    simulator = Simulator(
        lambda day: project_facebook(company.events, company.parameters, day),
        settings.as_of,
        settings=Settings(**settings.changes),
        faults=board,
        journal=journal,
    )
    return build_app(simulator)


def variables(base_url: str) -> Mapping[str, str]:
    """Return the environment variables a client of this server needs."""
    from bizops_sandbox.projections.facebook_ids import ACCOUNT_IDS, PAGE_IDS

    credentials = Credentials()
    return {
        "FACEBOOK_API_URL": base_url,
        "FACEBOOK_ACCESS_TOKEN": credentials.access_token,
        "FACEBOOK_APP_SECRET": credentials.app_secret,
        "FACEBOOK_ACCOUNT_IDS": json.dumps(list(ACCOUNT_IDS.values())),
        "FACEBOOK_PAGE_IDS": json.dumps(list(PAGE_IDS.values())),
    }
