"""`demo`: the sample company, from local APIs to the first metrics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bizops_cli.config.env import process_variables
from bizops_cli.errors import ConfigError
from bizops_cli.process.sandbox import serve_sandbox
from bizops_cli.usecases.elt import run_elt
from bizops_cli.usecases.install import install, raise_failures
from bizops_cli.usecases.project import open_project
from bizops_cli.usecases.run_plan import EltRequest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bizops_cli.model import Project, RunRecord
    from bizops_cli.runlog.events import OnEvent
    from bizops_cli.usecases.install import InstallResult

SAMPLE_COMPANY = "sample-company"
# The demo never loads into somebody's real warehouse: empty counts as not given.
_EMBEDDED = {"BIZOPS_WAREHOUSE_URL": "", "BIZOPS_ENVIRONMENT": ""}


@dataclass(frozen=True, slots=True)
class DemoResult:
    """What the demo left behind.

    Attributes:
        project: The sample company's project, with the embedded warehouse.
        record: Its run.
        as_of: The day the sample company's clock shows.
    """

    project: Project
    record: RunRecord
    as_of: str


def run_demo(
    *,
    directory: Path | None,
    scale: str,
    on_step: Callable[[str], None],
    on_installed: Callable[[InstallResult], None],
    on_event: OnEvent,
) -> DemoResult:
    """Install the plugins, serve the sample company, load it, build the models.

    Args:
        directory: Folder of the checkout; None searches here and above.
        scale: Size of the sample company.
        on_step: Called with a line before each part.
        on_installed: Called when a plugin is ready.
        on_event: Called with every event of the run.

    Raises:
        ConfigError: This is not a checkout of BizOps.
        BizopsError: A part failed.
    """
    outside = {**process_variables(), **_EMBEDDED}
    project = open_project(directory=directory, environ=outside)
    if project.name != SAMPLE_COMPANY:
        raise ConfigError(
            f"This folder's project is {project.name!r}, not the sample company.",
            "Run the demo in a checkout of BizOps, so that sample data and yours "
            "never meet.",
        )
    on_step("installing the taps and target-postgres")
    raise_failures(install(project, on_end=on_installed))
    on_step(f"serving the sample company ({scale}) behind local APIs")
    kept = project.state_directory / "sandbox"
    with serve_sandbox(scale=scale, directory=kept) as sandbox:
        project = open_project(
            directory=project.directory, environ={**outside, **sandbox.variables}
        )
        on_step("bizops elt run")
        record = run_elt(EltRequest(project), on_event=on_event)
        return DemoResult(project, record, sandbox.as_of)
