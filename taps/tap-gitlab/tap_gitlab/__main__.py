"""`python -m tap_gitlab` is `tap-gitlab`."""

from __future__ import annotations

from tap_gitlab.tap import main

main()
