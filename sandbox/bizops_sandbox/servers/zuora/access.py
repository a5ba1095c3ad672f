"""What endpoints share: the simulator behind a request, the facts of a job or file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bizops_sandbox.servers.faults import Facts
from bizops_sandbox.servers.zuora.answers import Refused

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from bizops_sandbox.servers.zuora.batch_jobs import Job
    from bizops_sandbox.servers.zuora.simulator import Simulator

HOST = "rest"


def simulator_of(request: Request) -> Simulator:
    """Return the simulator that serves a request."""
    simulator: Simulator = request.app.state.simulator
    return simulator


def base_url_of(request: Request) -> str:
    """Return the address the client reached the server at."""
    return str(request.base_url).rstrip("/")


def facts_of_job(job: Job, method: str) -> Facts:
    """Tell what a request about a job is about: the object of its only query."""
    path = f"/v1/batch-query/jobs/{job.job_id}"
    name = job.batches[0].object_name if len(job.batches) == 1 else ""
    return Facts(HOST, method, path, name)


async def answer_refusal(_request: Request, refused: Exception) -> Response:
    """Answer a refused request; Starlette calls this for each `Refused`."""
    assert isinstance(refused, Refused)  # noqa: S101
    return refused.answer
