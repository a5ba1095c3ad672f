"""The README's tables are those of the code."""

from __future__ import annotations

from reading_kit.testing.beside import load_beside


def test_the_tables_of_the_readme_are_those_of_the_code():
    tables = load_beside(__file__, "readme_tables")
    text = tables.README.read_text("utf-8")
    assert tables.filled(text) == text, "run: python tests/readme_tables.py"
