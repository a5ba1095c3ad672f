"""Which Python Superset's environment is made with."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bizops_cli.errors import InstallError
from bizops_cli.plugins.installer import Installer, find_uv
from bizops_cli.process.environment import installer_environment
from bizops_cli.usecases.display_environment import choose_interpreter

UV = Path("/anywhere/uv")
OWN = f"=={sys.version_info.major}.{sys.version_info.minor}.*"


@pytest.mark.parametrize("running", [(3, 11), (3, 12)])
def test_a_python_superset_knows_is_used_itself(running: tuple[int, int]) -> None:
    assert choose_interpreter(running, uv=UV) == sys.executable
    assert choose_interpreter(running, uv=None) == sys.executable


def test_beside_a_newer_python_uv_gets_one_that_superset_knows() -> None:
    assert choose_interpreter((3, 13), uv=UV) == ">=3.11,<3.13"


def test_without_uv_one_on_path_is_taken_the_newest_first() -> None:
    there = {"python3.11": "/usr/bin/python3.11", "python3.12": "/opt/python3.12"}
    assert choose_interpreter((3, 13), uv=None, find=there.get) == "/opt/python3.12"
    del there["python3.12"]
    assert choose_interpreter((3, 13), uv=None, find=there.get) == "/usr/bin/python3.11"


def test_without_any_it_says_which_are_needed_and_how_to_get_one() -> None:
    with pytest.raises(InstallError) as raised:
        choose_interpreter((3, 13), uv=None, find=lambda _: None)
    assert "needs Python 3.11 or 3.12; bizops runs on 3.13" in raised.value.message
    assert "pip install uv" in (raised.value.next_step or "")


def _installer(folder: Path) -> Installer:
    variables = installer_environment() | {"UV_PYTHON_DOWNLOADS": "never"}
    return Installer(folder, variables, folder / "install.log", find_uv())


def test_an_environment_is_made_with_any_python_of_the_versions_asked_for(
    tmp_path: Path,
) -> None:
    made = tmp_path / "made"
    _installer(tmp_path).make(made, (), "it", interpreter=OWN)
    told = subprocess.run(
        [made / "bin" / "python", "--version"],
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"]},
        check=True,
    )
    assert told.stdout.startswith(f"Python 3.{sys.version_info.minor}.")


def test_versions_nobody_has_are_told_with_what_the_installer_said(
    tmp_path: Path,
) -> None:
    with pytest.raises(InstallError) as raised:
        _installer(tmp_path).make(tmp_path / "none", (), "it", interpreter=">=3.99")
    assert "3.99" in str(raised.value.context)
