"""Plugins: their own environments, what they say about themselves."""

from __future__ import annotations
