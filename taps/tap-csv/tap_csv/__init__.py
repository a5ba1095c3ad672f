"""Singer tap for CSV files."""

from __future__ import annotations
