"""The faults of any server: of the connection, the body, and the clock."""

from __future__ import annotations

from bizops_sandbox.servers.faults import FaultKind

RESET = FaultKind("reset", "reset the connection instead of answering")
CUT = FaultKind(
    "cut",
    "close the connection after `after_bytes` of the body (chunked, or with the full "
    "Content-Length when `chunked` is false)",
    {"after_bytes": 100, "chunked": True},
)
SLOW = FaultKind("slow", "wait `seconds` before the first byte", {"seconds": 1.0})
SLOW_BODY = FaultKind(
    "slow_body",
    "wait `seconds` before each `chunk_bytes` of the body",
    {"seconds": 0.1, "chunk_bytes": 1_000},
)
CLOCK_SKEW = FaultKind(
    "clock_skew",
    "shift the Date header by `seconds`",
    {"seconds": int},
    is_lasting=True,
)
