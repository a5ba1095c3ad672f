"""A plugin's fingerprint changes with what it is made from, and with nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bizops_cli.plugins.fingerprint import (
    absolute,
    content_hash,
    distribution_name,
    fingerprint,
    local_path,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Give a folder with a plugin's sources."""
    folder = tmp_path / "tap"
    (folder / "pkg").mkdir(parents=True)
    (folder / "pkg" / "a.py").write_text("A = 1\n")
    (folder / "pyproject.toml").write_text("[project]\nname = 'tap-x'\n")
    return folder


CHANGES: dict[str, Callable[[Path], object]] = {
    "content": lambda f: (f / "pkg" / "a.py").write_text("A = 2\n"),
    "new file": lambda f: (f / "pkg" / "b.json").write_text("{}"),
    "renamed": lambda f: (f / "pkg" / "a.py").rename(f / "pkg" / "c.py"),
    "removed": lambda f: (f / "pyproject.toml").unlink(),
}


@pytest.mark.parametrize("change", sorted(CHANGES))
def test_it_changes_with_the_sources(sources: Path, change: str) -> None:
    before = fingerprint(["./tap"], sources.parent)
    CHANGES[change](sources)
    assert fingerprint(["./tap"], sources.parent) != before


def test_it_does_not_change_with_what_running_leaves_behind(sources: Path) -> None:
    before = content_hash(sources)
    for folder in ("__pycache__", ".venv", "build", "tap_x.egg-info"):
        (sources / folder).mkdir()
        (sources / folder / "x").write_text("x")
    (sources / "pkg" / "a.pyc").write_text("x")
    (sources / "pkg" / "a.py").touch()
    assert content_hash(sources) == before


def test_it_changes_with_the_requirement(tmp_path: Path) -> None:
    assert fingerprint(["tap-x==1"], tmp_path) != fingerprint(["tap-x==2"], tmp_path)


def test_paths_are_told_from_names(tmp_path: Path) -> None:
    assert local_path("./a b", tmp_path) == tmp_path / "a b"
    assert local_path("../x[s3]", tmp_path / "p") == tmp_path / "x"
    assert local_path("tap-x>=1", tmp_path) is None
    assert local_path("git+https://host/x.git@main", tmp_path) is None
    assert absolute("./x[s3,db]", tmp_path) == f"{tmp_path}/x[s3,db]"
    assert absolute("tap-x>=1", tmp_path) == "tap-x>=1"


def test_the_distribution_has_a_name(sources: Path) -> None:
    assert distribution_name(sources) == "tap-x"
    (sources / "pyproject.toml").write_text("not toml [")
    assert distribution_name(sources) is None
