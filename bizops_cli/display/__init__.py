"""The dashboards: Superset in an environment of its own, and what it shows."""

from __future__ import annotations
