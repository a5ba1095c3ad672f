"""`check`: everything that can be known without running."""

from __future__ import annotations

import contextlib
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bizops_cli.config.load import require_variables
from bizops_cli.config.published import publish_schemas
from bizops_cli.errors import BizopsError, ConfigError
from bizops_cli.plugins.install import ensure_about, has_changed
from bizops_cli.plugins.store import find_executable, read_about
from bizops_cli.precedence import resolve_settings
from bizops_cli.process.environment import plugin_environment
from bizops_cli.usecases.plugin import setting_problems
from bizops_cli.usecases.session import choose_plugin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bizops_cli.model import PluginSettings, Project

Verdict = Literal["ok", "warning", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at.

    Attributes:
        subject: What: a plugin, the warehouse, the project file.
        verdict: Whether it is as it should be. A warning does not keep a run.
        message: What was found.
        next_step: What to do; empty when there is nothing to do.
        exit_status: The exit status this problem has; 0 for anything else.
    """

    subject: str
    verdict: Verdict
    message: str
    next_step: str = ""
    exit_status: int = 0


def check(open_project: Callable[[], Project]) -> list[Finding]:
    """Look at file, variables, plugins, settings and warehouse; never raise for them.

    Args:
        open_project: Reads the project, or raises what is wrong with it.
    """
    try:
        project = open_project()
    except ConfigError as error:
        return list(_problems("bizops.yml", error))
    with contextlib.suppress(BizopsError):
        publish_schemas(project.state_directory)
    findings = [
        Finding(
            "bizops.yml",
            "ok",
            f"{project.directory / 'bizops.yml'} is right "
            f"(environment {project.environment})",
        )
    ]
    findings += _dotenv(project)
    findings += check_plugins(project, None)
    if project.target is None:
        step = "Add `target: {name: target-postgres, install: ...}`."
        findings.append(Finding("target", "problem", "there is none", step, 2))
    findings += _warehouse(project)
    findings += _transform(project)
    return findings


def check_plugins(project: Project, name: str | None) -> list[Finding]:
    """Look at plugins and their settings alone.

    Args:
        project: The project.
        name: Only this tap or target.

    Raises:
        ConfigError: There is no such plugin.
    """
    if name is not None:
        return list(_plugin(choose_plugin(project, name), project))
    plugins = (*project.taps.values(), project.target)
    return [f for p in plugins if p is not None for f in _plugin(p, project)]


def worst_status(findings: list[Finding]) -> int:
    """Return the exit status of the first problem; 0 when there is none."""
    return next((f.exit_status for f in findings if f.verdict == "problem"), 0)


def _problems(subject: str, error: BizopsError) -> Iterator[Finding]:
    if not error.context:
        yield Finding(
            subject, "problem", error.message, error.next_step, max(error.status, 1)
        )
    for place, message in error.context.items():
        yield Finding(
            subject, "problem", f"{place}: {message}", "", max(error.status, 1)
        )


def _dotenv(project: Project) -> Iterator[Finding]:
    file = project.variables_file
    if not file.is_file():
        return
    if file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        yield Finding(
            file.name, "warning", "others can read its secrets", f"chmod 600 {file}"
        )
    else:
        yield Finding(file.name, "ok", "read; only its owner can read it")


def _plugin(settings: PluginSettings, project: Project) -> Iterator[Finding]:
    name = settings.name
    try:
        require_variables(project, [name])
    except ConfigError as error:
        yield from _problems(name, error)
    try:
        executable = find_executable(settings, project)
    except ConfigError as error:
        yield from _problems(name, error)
        return
    ensure_about(settings, project, plugin_environment({}))
    about = read_about(settings, project)
    version = f" {about.version}" if about.version else ""
    yield Finding(name, "ok", f"installed{version}: {executable}")
    yield from _freshness(settings, project)
    if about.settings is None:
        yield Finding(name, "ok", "does not say what settings it takes: not checked")
        return
    resolved = resolve_settings(settings, about.settings)
    problems = setting_problems(settings, project, about, resolved)
    unset = {item.position for item in project.unset}
    for problem in problems:
        if problem.position not in unset:
            message = f"{problem.position}: {problem.message}"
            yield Finding(name, "problem", message, problem.next_step, 2)
    if not problems:
        yield Finding(name, "ok", f"{len(resolved)} settings are what it takes")


def _freshness(settings: PluginSettings, project: Project) -> Iterator[Finding]:
    if has_changed(settings, project):
        yield Finding(
            settings.name,
            "warning",
            "its sources or its `install:` have changed since it was installed",
            f"Run `bizops install {settings.name}`.",
        )


def _warehouse(project: Project) -> Iterator[Finding]:
    from bizops_cli.warehouse.connect import connect, resolve_warehouse

    directory = project.state_directory / "warehouse"
    if project.warehouse.type == "embedded" and not directory.exists():
        yield Finding("warehouse", "ok", "embedded; the first run makes it")
        return
    try:
        address = resolve_warehouse(project.warehouse, directory=directory)
        connection = connect(address.url, application_name="bizops check")
    except BizopsError as error:
        yield from _problems("warehouse", error)
        return
    version = connection.server_version // 10_000
    connection.close()
    where = f"{address.host}:{address.port}, database {address.database}"
    yield Finding("warehouse", "ok", f"PostgreSQL {version} answers at {where}")


def _transform(project: Project) -> Iterator[Finding]:
    from bizops_cli.usecases.transform import transform_directory

    if all(job.transform == "none" for job in project.jobs.values()):
        return
    try:
        found = transform_directory(project)
    except ConfigError as error:
        yield from _problems("transform", error)
    else:
        yield Finding("transform", "ok", f"dbt project in {found}")
