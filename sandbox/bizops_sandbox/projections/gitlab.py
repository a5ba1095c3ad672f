"""The GitLab of the sample company, as of any day of its log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bizops_sandbox.projections.gitlab_engineering import HANDLERS
from bizops_sandbox.projections.gitlab_instances import InstanceFold
from bizops_sandbox.projections.gitlab_places import TOP_GROUP, settle
from bizops_sandbox.projections.gitlab_site import GitlabSite
from bizops_sandbox.projections.gitlab_state import SiteState
from bizops_sandbox.world.log import events_until
from bizops_sandbox.world.moments import day_end, day_start
from bizops_sandbox.world.parameters import ParameterError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from bizops_sandbox.world.events import Event
    from bizops_sandbox.world.parameters import Parameters


def project_gitlab(
    events: Iterable[Event], params: Parameters, as_of: date
) -> GitlabSite:
    """The company's GitLab and its customers' instances at the end of a day.

    Ids are running numbers in the order of the log, so that an earlier day gives the
    same ids; what was deleted until that day is gone without a trace, as in life.

    Args:
        events: The log, in time order.
        params: The parameters that made it.
        as_of: The day, in the window of the log.

    Raises:
        ParameterError: `as_of` is outside the window.
    """
    if not params.start_date <= as_of <= params.as_of:
        raise ParameterError(
            f"as_of: {as_of} is not between {params.start_date} and {params.as_of},"
            " the days of the sample company"
        )
    moment = day_end(as_of)
    state, fold = SiteState(), InstanceFold()
    settle(state, day_start(params.start_date), day_end(params.as_of))
    for event in events_until(events, moment):
        handler = HANDLERS.get(type(event))
        if handler is not None:
            handler(state, event)
        else:
            fold.take(event)
    _arrive_at(state, moment)
    return GitlabSite(
        state,
        start=params.start_date,
        moment=moment,
        due_day=params.engineering.release_day,
        instances=fold.instances(moment),
    )


def _arrive_at(state: SiteState, moment: datetime) -> None:
    """Let what was to happen by itself have happened until the moment, no more."""
    for key, project in list(state.projects.items()):
        if project.deleted_at is not None and project.deleted_at <= moment:
            del state.projects[key]
            continue
        for old_path, left_at in project.moves:
            if left_at > moment:
                project.group = state.groups[TOP_GROUP]
                project.path = old_path.rsplit("/", 1)[-1]
        project.moves = [move for move in project.moves if move[1] <= moment]
        for issue in project.issues:
            if issue.deleted_at is not None and issue.deleted_at > moment:
                issue.deleted_at = None
