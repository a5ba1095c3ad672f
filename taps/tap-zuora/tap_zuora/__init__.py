"""Singer tap for Zuora."""

from __future__ import annotations
