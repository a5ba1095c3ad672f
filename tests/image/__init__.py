"""The image, built and run without an engine: `python -m tests.image` (as root)."""

from __future__ import annotations
