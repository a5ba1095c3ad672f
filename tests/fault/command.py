"""The command line of the verifier: `python -m tests.fault`."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.table import markdown_table
from tests.fault.arena import open_arena
from tests.fault.campaign import FAULTS, run_fault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.fault.campaign import Result


def main(arguments: Sequence[str] | None = None) -> int:
    """Try faults; return 0 when every trial ended as it must."""
    parsed = _parser().parse_args(arguments)
    wanted = {number.upper() for number in parsed.fault.split(",") if number}
    chosen = [
        fault
        for fault in FAULTS
        if (not wanted or fault.number in wanted) and parsed.title in fault.title
    ]
    if not chosen:
        asked = f"{parsed.fault} {parsed.title}".strip()
        sys.stderr.write(f"no fault {asked}; there are F1-F6 and F8-F12\n")
        return 2
    # So that the server ends too.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="fault-", dir=parsed.directory) as folder:
        # The server may run as another user.
        Path(folder).chmod(0o755)
        with open_arena(Path(folder)) as arena:
            for fault in chosen:
                trials = parsed.trials or (fault.long if parsed.long else fault.short)
                if trials:
                    result = run_fault(fault, arena, trials=trials, seed=parsed.seed)
                    sys.stderr.write(f"{_told(result)}\n")
                    results.append(result)
    sys.stdout.write(f"{summary(results)}\n")
    return 1 if any(result.failures for result in results) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.fault",
        description="Break what target-postgres runs on, and look what is stored then.",
    )
    parser.add_argument(
        "--long", action="store_true", help="the many trials of a night"
    )
    parser.add_argument("--fault", default="", help="numbers with commas: F1,F3")
    parser.add_argument(
        "--title", default="", help="only those with these words in their title"
    )
    parser.add_argument(
        "--trials", type=int, help="of each fault, instead of the usual"
    )
    parser.add_argument("--seed", type=int, default=1, help="decides what is random")
    parser.add_argument("--directory", help="where to make the folder for scratch")
    return parser


def _told(result: Result) -> str:
    """Tell one fault in a line, and each of its failures."""
    head = f"{result.fault.number} {result.fault.title}: {result.trials} trials"
    if result.unavailable is not None:
        head += f", not tried here: {result.unavailable}"
    lines = [f"{head}, {len(result.failures)} failed, {result.seconds:.0f} s"]
    return "\n".join([*lines, *[f"    {each}" for each in result.failures]])


def summary(results: Sequence[Result]) -> str:
    """Give a table of all results."""
    rows = [
        (
            result.fault.number,
            result.fault.title,
            ", ".join(f"{what} {n}" for what, n in sorted(result.happened.items()))
            or f"not tried here: {result.unavailable}",
            str(result.trials),
            str(len(result.failures)),
            f"{result.seconds:.0f}",
        )
        for result in results
    ]
    header = ("fault", "what", "happened", "trials", "failed", "s")
    return markdown_table(header, rows, text_columns=3)
