"""What BizOps' Singer taps share: requests, spooling, RECORD lines, streams, a run."""

from __future__ import annotations

import gc

# A tap's process makes objects by the thousand, first by importing, and next to no
# cycles: looking for them at the usual pace costs a sixth of the start.
gc.set_threshold(200_000)
