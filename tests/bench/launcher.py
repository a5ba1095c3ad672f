"""Runs one program and writes what it cost to a file.

A process of its own, and a small one: the peak memory the kernel gives for a child
includes that of the process that started it.

Arguments: the result's file, then the program and its arguments. Standard input,
output and error are handed on.
"""

from __future__ import annotations

import json
import os
import sys
import time

_KIB_BYTES = 1 if sys.platform == "darwin" else 1024


def main() -> int:
    """Run the program; return 0 whatever became of it."""
    result, *command = sys.argv[1:]
    started_s = time.perf_counter()
    pid = os.posix_spawn(command[0], command, os.environ)
    _, status, usage = os.wait4(pid, 0)
    wall_s = time.perf_counter() - started_s
    with open(result, "w", encoding="utf-8") as file:  # noqa: PTH123 - stay small
        json.dump(
            {
                "exit_code": os.waitstatus_to_exitcode(status),
                "wall_s": wall_s,
                "cpu_s": usage.ru_utime + usage.ru_stime,
                "peak_rss_bytes": usage.ru_maxrss * _KIB_BYTES,
            },
            file,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
