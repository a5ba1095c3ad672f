"""The warehouse: the embedded PostgreSQL, connections, tables of schema bizops."""

from __future__ import annotations
