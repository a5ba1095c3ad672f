"""Opening the Salesforce server: two ports, one org, one line when it is ready."""

from __future__ import annotations

import asyncio
import gc
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bizops_sandbox.servers.listening import PortTakenError, open_socket, run_servers
from bizops_sandbox.servers.salesforce.app import build_instance_app, build_login_app

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from bizops_sandbox.servers.salesforce.simulator import Simulator


@dataclass(frozen=True, slots=True)
class Ports:
    """The two bound listening sockets and the address they are reached at."""

    host: str
    login: socket.socket
    instance: socket.socket

    @property
    def login_url(self) -> str:
        """Base URL of the login host."""
        return _url(self.host, self.login)

    @property
    def instance_url(self) -> str:
        """Base URL of the instance host."""
        return _url(self.host, self.instance)


def open_ports(host: str, login_port: int, instance_port: int) -> Ports:
    """Bind both ports; 0 takes any free one.

    Raises:
        PortTakenError: when one of them cannot be bound.
    """
    login = open_socket(host, login_port)
    try:
        instance = open_socket(host, instance_port)
    except PortTakenError:
        login.close()
        raise
    return Ports(host, login, instance)


def serve(simulator: Simulator, ports: Ports, *, on_ready: Callable[[], None]) -> int:
    """Serve until a signal; return the exit status."""
    simulator.login_url = ports.login_url
    simulator.instance_url = ports.instance_url
    apps = [
        (build_login_app(simulator), ports.login),
        (build_instance_app(simulator), ports.instance),
    ]
    # The org stays as it is: the collector need not walk its rows again and again.
    gc.collect()
    gc.freeze()
    return asyncio.run(run_servers(apps, on_ready=on_ready))


def ready_document(simulator: Simulator, ports: Ports, *, scale: str) -> dict[str, Any]:
    """Tell what a client needs: the contract of `bizops-sandbox serve`."""
    return {
        "as_of": simulator.as_of.isoformat(),
        "scale": scale,
        "env": client_variables(simulator, ports.login_url),
        "instance_url": ports.instance_url,
        "control_url": f"{ports.login_url}/__sim",
    }


def client_variables(simulator: Simulator, login_url: str) -> dict[str, str]:
    """The environment variables of a client of the server."""
    credentials = simulator.settings.credentials
    return {
        "SALESFORCE_LOGIN_URL": login_url,
        "SALESFORCE_CLIENT_ID": credentials.client_id,
        "SALESFORCE_CLIENT_SECRET": credentials.client_secret,
        "SALESFORCE_REFRESH_TOKEN": credentials.refresh_token,
    }


def _url(host: str, listener: socket.socket) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{listener.getsockname()[1]}"
