"""doc/sandbox.md says what the code does."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def generator():
    path = Path(__file__).with_name("generate_sandbox_page.py")
    spec = importlib.util.spec_from_file_location("generate_sandbox_page", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_the_one_that_the_code_writes(generator):
    written = generator.PAGE.read_text(encoding="utf-8")
    assert written == generator.markdown(), "run sandbox/tests/generate_sandbox_page.py"


def test_its_links_lead_somewhere(generator):
    page = generator.PAGE.read_text(encoding="utf-8")
    targets = [part.split(")", 1)[0] for part in page.split("](")[1:]]
    assert targets
    for target in targets:
        assert (generator.PAGE.parent / target).is_file(), target
