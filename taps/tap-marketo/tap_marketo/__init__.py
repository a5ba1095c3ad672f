"""Singer tap for Marketo Engage."""

from __future__ import annotations
