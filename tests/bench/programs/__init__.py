"""The programs that are compared: each a way to load one edition of a workload."""

from __future__ import annotations
