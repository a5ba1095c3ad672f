"""`python -m bizops_sandbox` is `bizops-sandbox`."""

from __future__ import annotations

from bizops_sandbox.cli import main

main(prog_name="bizops-sandbox")
