"""What each tap writes, and what a tap on singer-sdk alone would write of the same."""

from __future__ import annotations
