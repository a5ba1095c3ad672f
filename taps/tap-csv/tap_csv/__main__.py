"""`python -m tap_csv` is `tap-csv`."""

from __future__ import annotations

from tap_csv.tap import main

main()
