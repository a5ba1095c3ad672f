"""Where Singer states are kept."""

from __future__ import annotations
