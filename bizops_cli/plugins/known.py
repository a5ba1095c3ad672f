"""The plugins BizOps comes with: what they read, and where they are installed from."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from bizops_cli import __version__


@dataclass(frozen=True, slots=True)
class KnownPlugin:
    """A tap or target of this project.

    Attributes:
        name: As in bizops.yml, and its command.
        about: What it reads or writes, in a few words.
        folder: Where its sources are in a checkout of BizOps.
    """

    name: str
    about: str
    folder: str

    @property
    def distribution(self) -> str:
        """Return the name of its package."""
        return f"bizops-{self.name}"


KNOWN: dict[str, KnownPlugin] = {
    plugin.name: plugin
    for plugin in (
        KnownPlugin("tap-salesforce", "Salesforce", "taps/tap-salesforce"),
        KnownPlugin("tap-marketo", "Marketo", "taps/tap-marketo"),
        KnownPlugin("tap-zuora", "Zuora", "taps/tap-zuora"),
        KnownPlugin("tap-facebook-ads", "Facebook Ads", "taps/tap-facebook-ads"),
        KnownPlugin("tap-gitlab", "usage of GitLab", "taps/tap-gitlab"),
        KnownPlugin("tap-csv", "CSV files", "taps/tap-csv"),
        KnownPlugin("target-postgres", "PostgreSQL", "targets/target-postgres"),
    )
}


def known_requirement(plugin: KnownPlugin, project_directory: Path) -> str:
    """Return what to install a plugin from.

    That is its folder, when bizops runs from a checkout: written from the project's
    folder where that lies in or beside the checkout. Otherwise its package.
    """
    checkout = Path(__file__).parents[2]
    folder = checkout / plugin.folder
    if not (folder / "pyproject.toml").is_file():
        return f"{plugin.distribution}=={__version__}"
    if project_directory.is_relative_to(checkout.parent):
        path = os.path.relpath(folder, project_directory)
        return path if path.startswith(".") else f"./{path}"
    return str(folder)
