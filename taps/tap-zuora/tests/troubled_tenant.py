"""Serves a company with many late bill runs, deleted drafts and refunds.

Prints a ready line; ``python troubled_tenant.py``.
"""

from __future__ import annotations

import asyncio
import json
import sys

from bizops_sandbox.servers.company import Company, simulate_company
from bizops_sandbox.servers.faults import FaultBoard
from bizops_sandbox.servers.journal import Journal
from bizops_sandbox.servers.listening import open_socket, run_servers
from bizops_sandbox.servers.settings import ServerSettings
from bizops_sandbox.servers.zuora import FAULT_KINDS, make_app, variables

TROUBLES = {
    "noise": {"bill_run_late": 0.5, "duplicate_invoice": 0.3},
    "contract": {"refund_rate": 0.2},
}


def make_company() -> Company:
    return simulate_company(scale="small", seed=None, overrides=TROUBLES)


def main() -> int:
    """Serve until a signal."""
    company = make_company()
    as_of = company.parameters.as_of
    listener = open_socket("127.0.0.1", 0)
    base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    settings = ServerSettings(as_of, base_url)
    app = make_app(company, FaultBoard(FAULT_KINDS), Journal(), settings)
    ready = {
        "as_of": as_of.isoformat(),
        "control_url": f"{base_url}/__sim",
        "env": dict(variables(base_url)),
    }
    return asyncio.run(
        run_servers(
            [(app, listener)], on_ready=lambda: print(json.dumps(ready), flush=True)
        )
    )


if __name__ == "__main__":
    sys.exit(main())
