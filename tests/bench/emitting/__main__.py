"""Writes one case to stdout and its cost to a file; a process for each measurement.

`python -m tests.bench.emitting CASE ours|sdk ROWS FOLDER`: the source and `cost.json`
go into the folder. What prepares the source does not count.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from tests.bench.emitting.registry import CASES


def main(name: str, side: str, rows: int, folder: Path) -> None:
    """Write a case."""
    case = CASES[name]
    source = case.prepare(folder, rows)
    write = case.write_ours if side == "ours" else case.write_by_sdk
    started_s = time.process_time()
    write(source, folder)
    sys.stdout.flush()
    cost = {
        "cpu_s": time.process_time() - started_s,
        "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
    (folder / "cost.json").write_text(json.dumps(cost), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
