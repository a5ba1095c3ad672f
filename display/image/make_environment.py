"""Makes Superset's environment where the image keeps it: make_environment.py FOLDER."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bizops_cli.display.place import Place
from bizops_cli.usecases.display_environment import VARIABLE, ensure_environment


def main() -> None:
    """Make it in the folder named."""
    folder = Path(sys.argv[1])
    os.environ[VARIABLE] = str(folder)
    ensure_environment(Path("/"), Place(folder), on_step=print)


if __name__ == "__main__":
    main()
