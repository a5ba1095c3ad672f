"""`/rest/v1/stats`: calls and errors by day."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bizops_sandbox.servers.marketo.answers import rows_answer
from bizops_sandbox.servers.marketo.reading import simulator_of

if TYPE_CHECKING:
    from datetime import date

    from starlette.requests import Request
    from starlette.responses import Response

    from bizops_sandbox.servers.marketo.simulator import Simulator

_WEEK_DAYS = 7


async def show_usage(request: Request) -> Response:
    """Answer `GET /rest/v1/stats/usage.json`: today."""
    simulator = simulator_of(request)
    return rows_answer([_usage(simulator, simulator.clock.central_day())])


async def show_usage_of_week(request: Request) -> Response:
    """Answer `GET /rest/v1/stats/usage/last7days.json`."""
    simulator = simulator_of(request)
    return rows_answer([_usage(simulator, day) for day in _days(simulator)])


async def show_errors(request: Request) -> Response:
    """Answer `GET /rest/v1/stats/errors.json`: today."""
    simulator = simulator_of(request)
    return rows_answer([_errors(simulator, simulator.clock.central_day())])


async def show_errors_of_week(request: Request) -> Response:
    """Answer `GET /rest/v1/stats/errors/last7days.json`."""
    simulator = simulator_of(request)
    return rows_answer([_errors(simulator, day) for day in _days(simulator)])


def _days(simulator: Simulator) -> list[date]:
    today = simulator.clock.central_day()
    return [today - timedelta(days=number) for number in range(_WEEK_DAYS)]


def _usage(simulator: Simulator, day: date) -> dict[str, Any]:
    calls = simulator.usage.calls(day)
    is_today = day == simulator.clock.central_day()
    return {
        "date": day.isoformat(),
        "total": simulator.calls_today if is_today else sum(calls.values()),
        "users": [
            {"userId": user_id, "count": count}
            for user_id, count in sorted(calls.items())
        ],
    }


def _errors(simulator: Simulator, day: date) -> dict[str, Any]:
    errors = simulator.usage.errors(day)
    return {
        "date": day.isoformat(),
        "total": sum(errors.values()),
        "errors": [
            {"errorCode": code, "count": count}
            for code, count in sorted(errors.items())
        ],
    }
