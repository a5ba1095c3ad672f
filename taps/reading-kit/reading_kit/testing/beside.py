"""Modules that lie beside a test: folders of tests are no packages."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType


def load_beside(test_file: str, name: str) -> ModuleType:
    """Load the module `name` that lies beside a test file.

    Raises:
        FileNotFoundError: there is none.
    """
    path = Path(test_file).with_name(f"{name}.py")
    # Taps have tests of the same name, and may run in one process.
    unique = f"{path.parents[1].name}_{name}".replace("-", "_")
    spec = importlib.util.spec_from_file_location(unique, path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
