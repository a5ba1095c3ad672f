"""Local servers that speak the real APIs of the sample company's sources."""

from __future__ import annotations
