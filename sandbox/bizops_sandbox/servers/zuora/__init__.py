"""A local server that answers as Zuora's REST APIs do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bizops_sandbox.servers.zuora.fault_kinds import FAULT_KINDS
from bizops_sandbox.servers.zuora.settings import Credentials

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
    """Make the application that serves the company's Zuora tenant.

    Raises:
        ParameterError: (a ValueError) for a day outside the company's time.
    """
    from bizops_sandbox.projections.zuora import project_zuora
    from bizops_sandbox.servers.zuora.app import build_app
    from bizops_sandbox.servers.zuora.settings import Settings
    from bizops_sandbox.servers.zuora.simulator import Simulator

    simulator = Simulator(
        lambda day, has_settlement: project_zuora(
            company.events,
            company.parameters,
            day,
            has_invoice_settlement=has_settlement,
        ),
        settings.as_of,
        settings=Settings(**settings.changes),
        faults=board,
        journal=journal,
        base_url=settings.base_url,
    )
    return build_app(simulator)


def variables(base_url: str) -> Mapping[str, str]:
    """Return the environment variables a client of this server needs."""
    credentials = Credentials()
    return {
        "ZUORA_BASE_URL": base_url,
        "ZUORA_CLIENT_ID": credentials.client_id,
        "ZUORA_CLIENT_SECRET": credentials.client_secret,
    }
