"""dbt, run inside this process."""

from __future__ import annotations
