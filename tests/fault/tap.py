"""The tap of the trials under `bizops`: a workload as a Singer tap.

It is started by a script in the trial's project, with this checkout on its path.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from tests.fault.workload import KEYED, KEYLESS, Workload, covered_by

# So that a run lasts, and the two programs work side by side.
_PAUSE_EVERY_LINES, _PAUSE_S = 100, 0.01
ABOUT: dict[str, Any] = {
    "name": "tap-trial",
    "capabilities": ["catalog", "discover", "state"],
    "settings": {
        "type": "object",
        "properties": {"seed": {"type": "integer"}, "rows": {"type": "integer"}},
    },
}


def main() -> None:
    """Answer like a tap."""
    parser = argparse.ArgumentParser()
    for option in ("--config", "--state", "--catalog", "--format"):
        parser.add_argument(option)
    parser.add_argument("--discover", action="store_true")
    parser.add_argument("--about", action="store_true")
    words = parser.parse_args()
    if words.about:
        sys.stdout.write(json.dumps(ABOUT))
        return
    config = json.loads(Path(words.config).read_text("utf-8"))
    workload = Workload(seed=config["seed"], rows=config["rows"])
    if words.discover:
        sys.stdout.write(json.dumps({"streams": _catalog(workload)}))
        return
    state = json.loads(Path(words.state).read_text("utf-8")) if words.state else {}
    start = covered_by(state) if state.get("bookmarks") else 0
    for number, line in enumerate(workload.lines(start)):
        sys.stdout.buffer.write(line)
        if number % _PAUSE_EVERY_LINES == 0:
            sys.stdout.flush()
            time.sleep(_PAUSE_S)


def _catalog(workload: Workload) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for line in workload.lines(workload.rows // 2):
        message = json.loads(line)
        if message["type"] != "SCHEMA":
            break
        found[message["stream"]] = message
    return [
        {
            "tap_stream_id": name,
            "stream": name,
            "schema": found[name]["schema"],
            "key_properties": found[name]["key_properties"],
            "metadata": [{"breadcrumb": [], "metadata": {}}],
        }
        for name in (KEYED, KEYLESS)
    ]
