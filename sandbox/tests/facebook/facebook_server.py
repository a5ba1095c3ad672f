"""A Facebook server for tests: `python facebook_server.py '{"scale": "tiny"}'`.

Prints one JSON line with `base_url` and `as_of` when it listens.
"""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import date

from bizops_sandbox.servers.company import simulate_company
from bizops_sandbox.servers.facebook import FAULT_KINDS, make_app, variables
from bizops_sandbox.servers.faults import FaultBoard
from bizops_sandbox.servers.journal import Journal
from bizops_sandbox.servers.listening import open_socket, run_servers
from bizops_sandbox.servers.settings import ServerSettings


def main() -> int:
    """Serve until a signal."""
    asked = {"scale": "tiny", "as_of": None, **json.loads((sys.argv[1:] or ["{}"])[0])}
    company = simulate_company(scale=asked["scale"], seed=None)
    as_of = company.parameters.as_of
    if asked["as_of"]:
        as_of = date.fromisoformat(asked["as_of"])
    listener = open_socket("127.0.0.1", 0)
    base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    app = make_app(
        company, FaultBoard(FAULT_KINDS), Journal(), ServerSettings(as_of, base_url)
    )
    ready = {
        "as_of": as_of.isoformat(),
        "base_url": base_url,
        "env": dict(variables(base_url)),
    }
    return asyncio.run(
        run_servers(
            [(app, listener)], on_ready=lambda: print(json.dumps(ready), flush=True)
        )
    )


if __name__ == "__main__":
    sys.exit(main())
