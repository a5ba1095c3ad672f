"""The README's tables are those of the code."""

from __future__ import annotations

import importlib.util
from pathlib import Path


def test_the_tables_of_the_readme_are_those_of_the_code():
    path = Path(__file__).with_name("readme_tables.py")
    spec = importlib.util.spec_from_file_location("readme_tables", path)
    assert spec is not None
    assert spec.loader is not None
    tables = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tables)
    text = tables.README.read_text("utf-8")
    assert tables.filled(text) == text, "run: python tests/readme_tables.py"
