"""The state of the GitLab server: site, clock, tokens, budget, faults, journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bizops_sandbox.servers.clock import VirtualClock
from bizops_sandbox.servers.gitlab.budget import Budget
from bizops_sandbox.servers.gitlab.kept_lists import KeptLists
from bizops_sandbox.servers.gitlab.settings import Settings
from bizops_sandbox.servers.gitlab.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from bizops_sandbox.projections.gitlab_site import GitlabSite
    from bizops_sandbox.servers.faults import Fault, FaultBoard
    from bizops_sandbox.servers.journal import Journal

    SiteFactory = Callable[[date], GitlabSite]


class Simulator:
    """The company's GitLab and its customers' instances being served.

    `make_site` gives them as of the end of a day; it is called at the start and
    whenever they are moved to another day.
    """

    def __init__(  # the server's parts, each by its name
        self,
        make_site: SiteFactory,
        as_of: date,
        *,
        board: FaultBoard,
        journal: Journal,
        base_url: str = "",
        settings: Settings | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self.faults = board
        self.journal = journal
        self.base_url = base_url
        self._make_site = make_site
        self.site = make_site(as_of)
        self.as_of = as_of
        self.clock = VirtualClock(self.site.as_of)
        self.tokens = Tokens(self.settings.credentials)
        self.budget = Budget()
        self.lists = KeptLists()
        self.requests = 0
        self._imported: list[dict[str, Any]] | None = None

    def move(self, as_of: date) -> None:
        """Show everything as of another day; tokens and journal stay.

        Raises:
            ValueError: for a day outside the company's time.
        """
        site = self._make_site(as_of)
        self.site, self.as_of = site, as_of
        self.clock.move(site.as_of)
        self._imported = None
        self.lists.clear()

    def faults_of(self, name: str, object_name: str) -> list[Fault]:
        """The lasting faults of a name that are about an object."""
        return [
            fault
            for fault in self.faults.lasting(name)
            if str(fault.parameters["object"]).lower() == object_name
        ]

    @property
    def imported_issues(self) -> list[dict[str, Any]]:
        """The many issues of the imported tracker, made when first asked for."""
        if self._imported is None:
            from bizops_sandbox.servers.gitlab.imported import imported_issues

            self._imported = imported_issues(self.site)
        return self._imported
