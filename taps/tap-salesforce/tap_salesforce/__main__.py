"""Runs the tap with ``python -m tap_salesforce``."""

from __future__ import annotations

from tap_salesforce.tap import main

main()
