"""Runs `python -m tests.bench`."""

from __future__ import annotations

import sys

from tests.bench.command import main

sys.exit(main())
