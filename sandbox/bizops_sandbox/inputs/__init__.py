"""CSV inputs: what the company knows and none of its five systems holds."""

from __future__ import annotations
