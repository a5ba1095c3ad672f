"""`doctor`: `check`, and what around the project keeps a run from working."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bizops_cli import __version__
from bizops_cli.errors import BizopsError, ConfigError
from bizops_cli.plugins.install import has_changed
from bizops_cli.plugins.installer import find_uv
from bizops_cli.plugins.store import read_installed
from bizops_cli.runlog.folder import run_directories, sweep
from bizops_cli.usecases.check import Finding, check
from bizops_cli.usecases.init import ignore_private_files
from bizops_cli.usecases.install import install

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bizops_cli.model import PluginSettings, Project

_FREE_BYTES = 1024**3
_SKEW_S = 60.0


def examine(open_project: Callable[[], Project], *, fixes: bool) -> list[Finding]:
    """Look at machine, project, plugins and warehouse.

    Args:
        open_project: Reads the project, or raises what is wrong with it.
        fixes: Put right what can be without asking: broken or outdated environments
            of plugins, secrets that killed runs left, rights of `.env`, `.gitignore`.
    """
    findings = list(_machine())
    try:
        project = open_project()
    except ConfigError:
        return findings + check(open_project)
    findings += _folder(project)
    findings += _leftovers(project, fixes=fixes)
    findings += _private_files(project, fixes=fixes)
    if fixes:
        findings += _reinstalled(project)
    findings += check(open_project)
    findings += _clocks(project)
    return findings


def _machine() -> Iterator[Finding]:
    version = platform.python_version()
    yield Finding("bizops", "ok", f"{__version__} on Python {version} in {sys.prefix}")
    uv = find_uv()
    if uv is None:
        step = "pip install uv; until then plugins are installed by pip, slowly."
        yield Finding("uv", "warning", "not there", step)
    else:
        yield Finding("uv", "ok", str(uv))
    if sys.getfilesystemencoding().lower() != "utf-8":
        step = "Set LANG=C.UTF-8."
        yield Finding("locale", "warning", "file names are not UTF-8", step)


def _folder(project: Project) -> Iterator[Finding]:
    directory = project.state_directory
    near = directory if directory.exists() else project.directory
    if not os.access(near, os.W_OK | os.X_OK):
        step = f"Give this user the right to write in {near}."
        yield Finding("folder", "problem", f"{near} cannot be written", step, 2)
    free_bytes = shutil.disk_usage(near).free
    free = f"{free_bytes / 1024**3:.1f} GiB free in {near}"
    if free_bytes < _FREE_BYTES:
        step = "Free some space; logs and old runs are in .bizops/runs."
        yield Finding("disk", "warning", free, step)
    else:
        yield Finding("disk", "ok", free)


def _leftovers(project: Project, *, fixes: bool) -> Iterator[Finding]:
    for name in ("runs", "sessions"):
        folder = project.state_directory / name
        left = [d.name for d in run_directories(folder) if (d / "secrets").exists()]
        if left and fixes:
            sweep(folder)
            left = [d.name for d in run_directories(folder) if (d / "secrets").exists()]
        if left:
            yield Finding(
                name,
                "warning",
                f"{len(left)} under way, or killed with their secrets left",
                "If none is under way: bizops doctor --fix",
            )


def _private_files(project: Project, *, fixes: bool) -> Iterator[Finding]:
    file = project.variables_file
    if file.is_file() and file.stat().st_mode & 0o077 and fixes:
        with contextlib.suppress(OSError):
            file.chmod(0o600)
    if not (project.directory / ".git").exists():
        return
    ignored = project.directory / ".gitignore"
    lines = ignored.read_text("utf-8").splitlines() if ignored.is_file() else []
    names = {line.strip().strip("/") for line in lines}
    missing = {".env", ".bizops"} - names
    if missing and fixes:
        ignore_private_files(project.directory)
    elif missing:
        message = f"does not name {' and '.join(sorted(missing))}"
        step = "bizops doctor --fix adds them, so that no secret is committed."
        yield Finding(".gitignore", "warning", message, step)


def _reinstalled(project: Project) -> Iterator[Finding]:
    """Install anew what is missing, broken or outdated."""
    plugins = [*project.taps.values(), *([project.target] if project.target else [])]
    names = [p.name for p in plugins if p.install and _is_unwell(p, project)]
    if not names:
        return
    for result in install(project, names):
        if result.error is None:
            yield Finding(result.plugin, "ok", "installed anew")
        else:
            error = result.error
            yield Finding(
                result.plugin, "problem", error.message, error.next_step, error.status
            )


def _is_unwell(plugin: PluginSettings, project: Project) -> bool:
    installed = read_installed(project, plugin.name)
    return installed is None or not installed.is_alive or has_changed(plugin, project)


def _clocks(project: Project) -> Iterator[Finding]:
    """Compare this machine's clock with the warehouse's."""
    from bizops_cli.usecases.warehouse import find_warehouse, warehouse_directory
    from bizops_cli.warehouse.facts import read_clock
    from bizops_cli.warehouse.refusals import connected

    is_embedded = project.warehouse.type == "embedded"
    if is_embedded and not warehouse_directory(project).exists():
        return
    try:
        address = find_warehouse(project)
        with connected(address.url, application_name="bizops doctor") as connection:
            there = read_clock(connection)
    except BizopsError:
        return  # `check` has said it
    skew_s = abs((there - datetime.now(UTC)).total_seconds())
    if skew_s > _SKEW_S:
        yield Finding(
            "clock",
            "warning",
            f"this machine and the warehouse differ by {skew_s:.0f} s",
            "Let both follow a time server.",
        )
