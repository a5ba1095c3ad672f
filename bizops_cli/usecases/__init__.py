"""One module per verb: what the commands do."""

from __future__ import annotations
