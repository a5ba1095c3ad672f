"""Supervised child processes and the pipe between tap and target."""

from __future__ import annotations
