"""What a run leaves behind: folder, record, logs."""

from __future__ import annotations
