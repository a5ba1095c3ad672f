"""Serves the GitLab of a small company with many merge requests, for tests."""

from __future__ import annotations

import asyncio

from bizops_sandbox.servers import gitlab
from bizops_sandbox.servers.company import simulate_company
from bizops_sandbox.servers.faults import FaultBoard
from bizops_sandbox.servers.journal import Journal
from bizops_sandbox.servers.listening import open_socket, run_servers
from bizops_sandbox.servers.settings import ServerSettings

if __name__ == "__main__":
    company = simulate_company(
        scale="tiny",
        seed=None,
        overrides={"engineering": {"merge_requests_monthly": 500, "bug_share": 0.6}},
    )
    listener = open_socket("127.0.0.1", 0)
    base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    app = gitlab.make_app(
        company,
        FaultBoard(gitlab.FAULT_KINDS),
        Journal(),
        ServerSettings(company.parameters.as_of, base_url),
    )
    serving = run_servers(
        [(app, listener)], on_ready=lambda: print(base_url, flush=True)
    )
    asyncio.run(serving)
