"""What tests of taps share: real processes, the sandbox, README tables."""

from __future__ import annotations
