"""Serve one source alone: `python -m bizops_sandbox.testing.serve_one zuora '{...}'`.

The JSON object may have `scale`, `as_of` and `overrides` (parameters). When it listens
it prints a JSON line with `as_of`, `base_url`, `control_url` and `env`.
"""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import date

from bizops_sandbox.servers.company import simulate_company
from bizops_sandbox.servers.listening import open_socket, run_servers
from bizops_sandbox.servers.settings import ServerSettings
from bizops_sandbox.servers.sources import SourceServer


def main(source: str, asked: dict[str, object]) -> int:
    """Serve until a signal; return the exit status."""
    company = simulate_company(
        scale=str(asked.get("scale", "tiny")),
        seed=None,
        overrides=asked.get("overrides"),  # type: ignore[arg-type]
    )
    day = company.parameters.as_of
    if asked.get("as_of"):
        day = date.fromisoformat(str(asked["as_of"]))
    listener = open_socket("127.0.0.1", 0)
    base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = SourceServer(source, company, ServerSettings(day, base_url))
    ready = {
        "as_of": day.isoformat(),
        "base_url": base_url,
        "control_url": server.control_url,
        "env": dict(server.variables),
    }

    def tell() -> None:
        sys.stdout.write(json.dumps(ready) + "\n")
        sys.stdout.flush()

    return asyncio.run(run_servers([(server, listener)], on_ready=tell))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], json.loads((sys.argv[2:] or ["{}"])[0])))
