"""Lets ``python -m tap_marketo`` run the tap."""

from __future__ import annotations

from tap_marketo.tap import main

main()
