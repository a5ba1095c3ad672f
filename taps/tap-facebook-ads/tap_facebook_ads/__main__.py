"""Runs the tap with ``python -m tap_facebook_ads``."""

from __future__ import annotations

from tap_facebook_ads.tap import main

main()
