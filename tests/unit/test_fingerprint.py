"""A plugin's fingerprint changes with what it is made from, and with nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bizops_cli.plugins.fingerprint import (
    absolute,
    content_hash,
    fingerprint,
    local_path,
)
from bizops_cli.plugins.siblings import distribution_name, source_folders

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


DEPENDENCIES = {
    "hatch's folder above": 'dependencies = ["kit @ {root:parent:uri}/kit"]',
    "hatch's folder, with extra and marker": (
        "dependencies = [\"kit[x] @ {root:uri}/../kit ; python_version>'3'\"]"
    ),
    "file address": 'dependencies = ["kit @ file://FOLDER/kit#egg=kit"]',
    "optional": 'optional-dependencies = {a = ["kit @ {root:parent:uri}/kit"]}',
    "uv": 'dependencies = ["kit"]\n[tool.uv.sources]\nkit = {path = "../kit"}',
}


@pytest.mark.parametrize("form", sorted(DEPENDENCIES))
def test_what_a_plugin_is_built_with_beside_it_counts_too(
    sources: Path, form: str
) -> None:
    kit = sources.parent / "kit"
    (kit / "kit").mkdir(parents=True)
    (kit / "kit" / "reading.py").write_text("A = 1\n")
    text = DEPENDENCIES[form].replace("FOLDER", str(sources.parent))
    (sources / "pyproject.toml").write_text(f"[project]\nname = 'tap-x'\n{text}\n")
    before = fingerprint(["./tap"], sources.parent)

    (kit / "kit" / "reading.py").write_text("A = 2\n")

    assert source_folders(sources) == [sources, kit]
    assert fingerprint(["./tap"], sources.parent) != before


def test_folders_that_name_each_other_are_looked_at_once(sources: Path) -> None:
    kit = sources.parent / "kit"
    kit.mkdir()
    for folder, other in ((sources, "kit"), (kit, "tap")):
        text = f"[project]\nname='x'\ndependencies=['o @ {{root:parent:uri}}/{other}']"
        (folder / "pyproject.toml").write_text(text)

    assert source_folders(sources) == [sources, kit]


def test_dependencies_of_other_kinds_are_passed_over(sources: Path) -> None:
    text = "[project]\nname='x'\ndependencies=['a', 'b @ https://h/b.whl', "
    text += "'c @ {root:parent:uri}/missing']\n"
    (sources / "pyproject.toml").write_text(text)

    assert source_folders(sources) == [sources]
