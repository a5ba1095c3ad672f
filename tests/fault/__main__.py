"""Runs `python -m tests.fault`."""

from __future__ import annotations

import sys

from tests.fault.command import main

sys.exit(main())
