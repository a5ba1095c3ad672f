"""The bizops command: taps, target, state and dbt in order."""

from __future__ import annotations

__version__ = "0.1.0"
