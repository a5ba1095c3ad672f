"""What BizOps' Singer taps share: requests, spooling, RECORD lines, streams, a run."""

from __future__ import annotations
