"""A project of the bench's own: its bizops.yml, its plugins, its runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tests.bench.report import note

if TYPE_CHECKING:
    from collections.abc import Mapping

CHECKOUT = Path(__file__).parents[2]
BIZOPS = Path(sys.executable).with_name("bizops")
_LAST_LINES = 20


def make_project(
    directory: Path, content: Mapping[str, Any], variables: Mapping[str, str]
) -> None:
    """Write a bizops.yml and install its plugins, unless they are there already.

    Raises:
        RuntimeError: They could not be installed.
    """
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "bizops.yml").write_text(yaml.safe_dump(dict(content)), "utf-8")
    note("installing the project's plugins")
    run_bizops(directory, ["install"], variables)


def run_bizops(
    directory: Path, arguments: list[str], variables: Mapping[str, str]
) -> None:
    """Run a command of bizops that is not measured.

    Raises:
        RuntimeError: It failed; the message is what it said last.
    """
    ended = subprocess.run(
        [BIZOPS, *arguments],
        cwd=directory,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if ended.returncode:
        lines = ended.stdout.splitlines()[-_LAST_LINES:]
        raise RuntimeError("\n".join([f"bizops {' '.join(arguments)}:", *lines]))
