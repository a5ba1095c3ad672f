"""The project file: reading, checking, filling in variables."""

from __future__ import annotations
