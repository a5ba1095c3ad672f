"""`python -m target_postgres` is `target-postgres`."""

from __future__ import annotations

from target_postgres.target import main

if __name__ == "__main__":
    main()
