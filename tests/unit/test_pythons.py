"""The Python of a plugin's environment, with a scripted uv that knows two of them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from bizops_cli.errors import InstallError
from bizops_cli.plugins.installer import Installer
from bizops_cli.plugins.pythons import make_environment, refused_versions

if TYPE_CHECKING:
    from pathlib import Path

# `uv venv` keeps which Python it was given; `uv pip install` then does as told.
UV = """\
#!/bin/sh
set -e
if [ "$1" = venv ]; then
  for word; do last=$word; done
  case "$4" in {unknown}) echo "No interpreter found for Python $4"; exit 2;; esac
  mkdir -p "$last/bin" "$last/lib/python3.1/site-packages/tap_x-1.dist-info"
  echo "$4" > "$last/python"
  exit 0
fi
for word; do case "$word" in */bin/python) env="${{word%/bin/python}}";; esac; done
if [ "$(cat "$env/python")" = "{running}" ] && [ -n "{refusal}" ]; then
  echo "{refusal}"; exit 1
fi
info="$env/lib/python3.1/site-packages/tap_x-1.dist-info"
printf 'Name: tap-x\\nVersion: 1\\n{supports}' > "$info/METADATA"
printf '[console_scripts]\\ntap-x = tap_x:main\\n' > "$info/entry_points.txt"
"""
TOO_OLD = (
    "Because the current Python version (3.11.7) does not satisfy Python>=3.99 and "
    "tap-x==1.0 depends on Python>=3.99, we can conclude that it cannot be used."
)


def made_with(
    folder: Path,
    *,
    python: str | None = None,
    refusal: str = "",
    supports: str = "",
    unknown: str = "nothing",
) -> str:
    """Return the Python that the environment of tap-x was made with."""
    uv = folder / "uv"
    declared = f"Requires-Python: {supports}\\n" if supports else ""
    text = UV.format(
        running=sys.executable, refusal=refusal, supports=declared, unknown=unknown
    )
    uv.write_text(text)
    uv.chmod(0o755)
    made = make_environment(
        Installer(directory=folder, variables={}, log=folder / "log", uv=uv),
        folder / "environment",
        ["tap-x"],
        "tap-x",
        command="tap-x",
        lock=None,
        python=python,
    )
    assert [p for p in folder.iterdir() if p.is_dir()] == [made]
    return (made / "python").read_text().strip()


def test_a_plugin_runs_on_the_python_of_bizops_if_it_supports_it(
    tmp_path: Path,
) -> None:
    assert made_with(tmp_path, supports=">=3.9,<4") == sys.executable


def test_the_python_asked_for_is_used(tmp_path: Path) -> None:
    assert made_with(tmp_path, python="3.10", refusal=TOO_OLD) == "3.10"


def test_a_plugin_for_newer_pythons_has_one_of_these(tmp_path: Path) -> None:
    assert made_with(tmp_path, refusal=TOO_OLD) == ">=3.99"


def test_a_plugin_for_older_pythons_has_one_of_these(tmp_path: Path) -> None:
    assert made_with(tmp_path, supports=">=3.7,<3.9") == ">=3.7,<3.9"


def test_without_an_older_one_it_stays_with_what_could_be_installed(
    tmp_path: Path,
) -> None:
    made = made_with(tmp_path, supports=">=3.7,<3.9", unknown="'>=3.7,<3.9'")
    assert made == sys.executable


def test_without_a_newer_one_it_says_what_is_needed(tmp_path: Path) -> None:
    with pytest.raises(InstallError) as caught:
        made_with(tmp_path, refusal=TOO_OLD, unknown="'>=3.99'")
    assert "tap-x needs Python >=3.99, and bizops runs on" in caught.value.message
    assert "`python:` of tap-x" in caught.value.next_step
    assert [p for p in tmp_path.iterdir() if p.is_dir()] == []


def test_another_failure_is_told_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(InstallError) as caught:
        made_with(tmp_path, refusal="the compiler is missing")
    assert "the compiler is missing" in str(caught.value.context)


@pytest.mark.parametrize(
    ("output", "versions"),
    [
        (TOO_OLD, ">=3.99"),
        ("(3.13.0) does not satisfy Python>=3.7,<3.11 and numpy", ">=3.7,<3.11"),
        ("no version of tap-x==1.0", None),
    ],
)
def test_what_uv_says_of_versions_is_understood(
    output: str, versions: str | None
) -> None:
    assert refused_versions(output) == versions
