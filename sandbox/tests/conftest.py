"""Servers the sandbox's tests talk to: real processes, real HTTP."""

from __future__ import annotations
