"""Serving the company: its sources' servers in one process, moved together."""

from __future__ import annotations

import asyncio
import gc
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bizops_sandbox.servers.listening import open_socket, run_servers
from bizops_sandbox.servers.salesforce.serving import client_variables
from bizops_sandbox.servers.settings import ServerSettings
from bizops_sandbox.servers.sources import SourceServer

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping
    from datetime import date

    from starlette.types import ASGIApp

    from bizops_sandbox.servers.company import Company
    from bizops_sandbox.servers.inputs_folder import InputsFolder
    from bizops_sandbox.servers.salesforce.simulator import Simulator

SALESFORCE_HOSTS = ("login", "instance")


@dataclass(frozen=True, slots=True)
class Sockets:
    """The bound listening sockets by name: login, instance, or a source's name."""

    host: str
    by_name: Mapping[str, socket.socket]

    def url(self, name: str) -> str:
        """Base URL of a server."""
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{shown}:{self.by_name[name].getsockname()[1]}"


def open_sockets(host: str, ports: Mapping[str, int]) -> Sockets:
    """Bind a socket for each name; port 0 takes any free one.

    Raises:
        PortTakenError: when one of them cannot be bound; none stays bound.
    """
    opened: dict[str, socket.socket] = {}
    try:
        for name, port in ports.items():
            opened[name] = open_socket(host, port)
    except BaseException:
        for listener in opened.values():
            listener.close()
        raise
    return Sockets(host, opened)


@dataclass(slots=True)
class Served:
    """What is served: Salesforce's simulator, if any, and the other sources.

    `inputs` is the folder of the CSV inputs, if there is one.
    """

    sockets: Sockets
    simulator: Simulator | None = None
    servers: dict[str, SourceServer] = field(default_factory=dict)
    inputs: InputsFolder | None = None

    def move(self, day: date) -> None:
        """Show every source as of another day.

        Raises:
            ValueError: for a day outside the company's time; then none moves.
        """
        if self.simulator is not None:
            self.simulator.move(day)
        for server in self.servers.values():
            server.move(day)
        if self.inputs is not None:
            self.inputs.write(day)

    def apps(self) -> list[tuple[ASGIApp, socket.socket]]:
        """Each application and where it listens."""
        from bizops_sandbox.servers.salesforce.app import (
            build_instance_app,
            build_login_app,
        )

        sockets = self.sockets.by_name
        apps: list[tuple[ASGIApp, socket.socket]] = [
            (server, sockets[name]) for name, server in self.servers.items()
        ]
        if self.simulator is not None:
            self.simulator.login_url = self.sockets.url("login")
            self.simulator.instance_url = self.sockets.url("instance")
            apps += [
                (build_login_app(self.simulator), sockets["login"]),
                (build_instance_app(self.simulator), sockets["instance"]),
            ]
        return apps


def assemble(
    company: Company,
    sockets: Sockets,
    day: date,
    *,
    simulator: Simulator | None,
    changes: Mapping[str, Mapping[str, Any]] | None = None,
) -> Served:
    """Join the servers of all sources that have a socket.

    Args:
        company: The company.
        sockets: Where each source listens.
        day: The as-of day.
        simulator: Salesforce's, or None when it is not served.
        changes: Settings that begin with another value, by source.
    """
    served = Served(sockets, simulator)
    for name in sockets.by_name:
        if name not in SALESFORCE_HOSTS:
            own = (changes or {}).get(name, {})
            settings = ServerSettings(day, sockets.url(name), own)
            served.servers[name] = SourceServer(name, company, settings)
    for server in served.servers.values():
        server.move_all = served.move
    if simulator is not None:
        simulator.move_all = served.move
    return served


def serve(served: Served, *, on_ready: Callable[[], None]) -> int:
    """Serve until a signal; return the exit status."""
    apps = served.apps()
    # What is served stays: the collector need not walk it again and again.
    gc.collect()
    gc.freeze()
    return asyncio.run(run_servers(apps, on_ready=on_ready))


def ready_document(served: Served, *, day: date, scale: str) -> dict[str, Any]:
    """Tell what a client needs: the contract of `bizops-sandbox serve`."""
    env: dict[str, str] = {}
    controls: dict[str, str] = {}
    document: dict[str, Any] = {"as_of": day.isoformat(), "scale": scale, "env": env}
    if served.simulator is not None:
        login, instance = served.sockets.url("login"), served.sockets.url("instance")
        env |= client_variables(served.simulator, login)
        document["instance_url"] = instance
        controls["salesforce"] = f"{login}/__sim"
    for name, server in served.servers.items():
        env |= server.variables
        controls[name] = server.control_url
    if served.inputs is not None:
        env["CSV_INPUTS"] = str(served.inputs.directory)
    if "gitlab" in served.servers:
        saved = [] if served.inputs is None else [str(served.inputs.ping_file)]
        env["GITLAB_PING_FILES"] = json.dumps(saved)
    return document | {
        "control_url": next(iter(controls.values())),
        "control_urls": controls,
    }
