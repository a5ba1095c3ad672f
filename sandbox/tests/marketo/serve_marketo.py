"""Serves the Marketo instance of a small sample company, for tests as a process."""

from __future__ import annotations

import asyncio
import json
import sys

from bizops_sandbox.servers.company import simulate_company
from bizops_sandbox.servers.faults import FaultBoard
from bizops_sandbox.servers.journal import Journal
from bizops_sandbox.servers.listening import open_socket, run_servers
from bizops_sandbox.servers.marketo import FAULT_KINDS, make_app, variables
from bizops_sandbox.servers.settings import ServerSettings


def main() -> int:
    company = simulate_company(scale="tiny", seed=None)
    listener = open_socket("127.0.0.1", 0)
    base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    served = ServerSettings(company.parameters.as_of, base_url)
    app = make_app(company, FaultBoard(FAULT_KINDS), Journal(), served)

    def tell() -> None:
        sys.stdout.write(json.dumps(dict(variables(base_url))) + "\n")
        sys.stdout.flush()

    return asyncio.run(run_servers([(app, listener)], on_ready=tell))


if __name__ == "__main__":
    sys.exit(main())
