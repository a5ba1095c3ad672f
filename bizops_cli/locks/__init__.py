"""Locks: one run per job, one writer per state."""

from __future__ import annotations
