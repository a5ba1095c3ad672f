"""What a plugin says about itself, and what it means when it does not answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bizops_cli.errors import InstallError
from bizops_cli.plugins import about

if TYPE_CHECKING:
    from pathlib import Path


def plugin(folder: Path, script: str) -> Path:
    path = folder / "tap-toy"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def ask(path: Path) -> bytes | None:
    return about.ask_about(path, directory=path.parent, variables={"PATH": "/bin"})


def test_a_plugin_that_does_not_know_about_says_nothing(tmp_path: Path) -> None:
    assert ask(plugin(tmp_path, "echo no such option >&2; exit 2")) is None
    assert ask(plugin(tmp_path, "echo not json")) is None


def test_a_plugin_that_is_killed_is_not_taken_for_one_without_settings(
    tmp_path: Path,
) -> None:
    with pytest.raises(InstallError, match="tap-toy --about was ended by SIGKILL"):
        ask(plugin(tmp_path, "kill -9 $$"))


def test_nor_is_one_that_does_not_answer_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(about, "TIMEOUT_S", 0.2)

    with pytest.raises(InstallError, match="did not answer"):
        ask(plugin(tmp_path, "exec sleep 5"))
