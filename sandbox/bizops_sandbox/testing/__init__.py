"""Serving a source to tests: a process of its own, real HTTP, faults at will.

Needs `requests`, which the sandbox itself does not.
"""

from __future__ import annotations

from bizops_sandbox.testing.served import (
    PatientSession,
    Served,
    one_source,
    read_csv,
    serving,
)

__all__ = ["PatientSession", "Served", "one_source", "read_csv", "serving"]
