"""Singer target for PostgreSQL: exact values, state committed with the rows."""

from __future__ import annotations
