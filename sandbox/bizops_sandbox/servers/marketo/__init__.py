"""A local server that answers as Marketo's REST, asset and bulk APIs do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bizops_sandbox.servers.marketo.fault_kinds import FAULT_KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.applications import Starlette

    from bizops_sandbox.servers.company import Company
    from bizops_sandbox.servers.faults import FaultBoard
    from bizops_sandbox.servers.journal import Journal
    from bizops_sandbox.servers.settings import ServerSettings


def make_app(
    company: Company, board: FaultBoard, journal: Journal, settings: ServerSettings
) -> Starlette:
    """Build the application that serves a company's Marketo instance.

    `app.state.simulator.move(day)` shows another day. `board` must know FAULT_KINDS.

    Raises:
        ParameterError: (a ValueError) for a day outside the company's time.
    """
    from bizops_sandbox.projections.marketo import project_marketo
    from bizops_sandbox.servers.marketo.app import build_app
    from bizops_sandbox.servers.marketo.settings import Settings
    from bizops_sandbox.servers.marketo.simulator import Simulator

    simulator = Simulator(
        lambda day: project_marketo(company.events, company.parameters, day),
        settings.as_of,
        settings=Settings(**settings.changes),
        faults=board,
        journal=journal,
    )
    return build_app(simulator)


def variables(base_url: str) -> Mapping[str, str]:
    """Return the variables a client needs: where the server is, and who it may be."""
    from bizops_sandbox.servers.marketo.settings import MAIN_USER

    return {
        "MARKETO_ENDPOINT": base_url,
        "MARKETO_CLIENT_ID": MAIN_USER.client_id,
        "MARKETO_CLIENT_SECRET": MAIN_USER.client_secret,
    }


__all__ = ["FAULT_KINDS", "make_app", "variables"]
