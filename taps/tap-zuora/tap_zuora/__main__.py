"""Runs the tap as ``python -m tap_zuora``."""

from __future__ import annotations

from tap_zuora.tap import main

main()
