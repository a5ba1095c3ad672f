"""`bizops runs`."""

from __future__ import annotations

import click

from bizops_cli.cli.main import SuggestingGroup
from bizops_cli.cli.options import (
    CommonOptions,
    common_options,
    examples,
    json_option,
    pass_common,
)
from bizops_cli.cli.output import print_json, print_table, say


@click.group(cls=SuggestingGroup)
def runs() -> None:
    """Look at past runs."""


@runs.command(
    "list",
    epilog=examples("bizops runs list", "bizops runs list --limit 100 --json"),
)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@json_option
@common_options
@pass_common
def list_(common: CommonOptions, *, limit: int, as_json: bool) -> None:
    """List the latest runs, the latest first."""
    from bizops_cli.runlog.record import to_dict
    from bizops_cli.usecases.runs import list_runs

    project = common.open()
    records = list_runs(project, limit=limit)
    if as_json:
        print_json([to_dict(record) for record in records])
    elif not records:
        say("There has been no run yet. Next: bizops elt run")
    else:
        print_table(
            ["run", "job", "status", "started (UTC)", "rows", "exit", "message"],
            [
                (
                    *(r.run_id, r.job, r.status, r.started_at, r.rows),
                    *(r.exit_status, r.message),
                )
                for r in records
            ],
        )


@runs.command(
    epilog=examples(
        "bizops runs show                   the latest run",
        "bizops runs show 20260131T02 --json",
    )
)
@click.argument("run_id", required=False, metavar="[RUN]")
@json_option
@common_options
@pass_common
def show(common: CommonOptions, *, run_id: str | None, as_json: bool) -> None:
    """Show one run: its streams, rows, bookmarks and models.

    RUN may be the start of its id; without it, the latest run is shown.
    """
    from bizops_cli.cli.summary import print_run
    from bizops_cli.runlog.record import to_dict
    from bizops_cli.usecases.runs import show_run

    project = common.open()
    record = show_run(project, run_id)
    if as_json:
        print_json(to_dict(record))
    else:
        print_run(record)


@runs.command(
    epilog=examples(
        "bizops runs logs                                  all of the latest run",
        "bizops runs logs 20260131T02 --plugin tap-salesforce",
    )
)
@click.argument("run_id", required=False, metavar="[RUN]")
@click.option("--plugin", metavar="NAME", help="Only this tap's or target's log.")
@json_option
@common_options
@pass_common
def logs(
    common: CommonOptions, *, run_id: str | None, plugin: str | None, as_json: bool
) -> None:
    """Print what taps and target wrote in a run; secrets are masked."""
    from bizops_cli.usecases.runs import read_logs

    project = common.open()
    files = read_logs(project, run_id, plugin=plugin)
    if as_json:
        print_json([{"log": f.name, "lines": f.text.splitlines()} for f in files])
        return
    for file in files:
        if len(files) > 1:
            say(f"== {file.name}")
        say(file.text.rstrip("\n"))


@runs.command(
    epilog=examples(
        "bizops runs trace marts.fct_opportunities --key 006000000000001AAA",
        "bizops runs trace dim_customers --key 001000000000001AAA --json",
        "bizops runs trace raw_salesforce.Account --key 001000000000001AAA",
    )
)
@click.argument("model", metavar="SCHEMA.TABLE")
@click.option("--key", required=True, metavar="VALUE", help="An id in one of its rows.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@json_option
@common_options
@pass_common
def trace(
    common: CommonOptions, *, model: str, key: str, limit: int, as_json: bool
) -> None:
    """Follow a row of a model back to source records and the runs that brought them."""
    from bizops_cli.runlog.record import to_dict
    from bizops_cli.usecases.trace import trace as follow

    project = common.open()
    found = follow(project, model, key, limit=limit)
    if as_json:
        print_json(
            {
                **{name: getattr(found, name) for name in ("model", "key", "rows")},
                **{name: getattr(found, name) for name in ("path", "raw_rows")},
                "looked_at": found.looked_at,
                "runs": [to_dict(run) for run in found.runs],
            }
        )
        return
    say(f"{found.model}: {len(found.rows)} rows with {key}")
    if found.path:
        say(f"built from {', '.join(found.path)}")
    rows = [*found.raw_rows, *(row for row in found.rows if row.run_id)]
    print_table(
        ["raw table", "key in", "run", "extracted at"],
        [(r.table, ", ".join(r.columns), r.run_id, r.extracted_at) for r in rows],
    )
    for run in found.runs:
        say(f"run {run.run_id}: {run.status}, {run.started_at:%Y-%m-%d %H:%M} UTC")


@runs.command(
    epilog=examples(
        "bizops runs cost                   of the latest run",
        "bizops runs cost 20260131T02",
        "bizops runs cost --last 30         of thirty runs together",
    )
)
@click.argument("run_id", required=False, metavar="[RUN]")
@click.option(
    "--last", type=click.IntRange(1, 1000), help="Of so many latest runs together."
)
@json_option
@common_options
@pass_common
def cost(
    common: CommonOptions, *, run_id: str | None, last: int | None, as_json: bool
) -> None:
    """Show what a run took: rows, bytes, API calls, seconds, processor, by source.

    What a call costs, no API tells: hold calls against the quota of your contract, and
    set `api_call_budget` or `api_call_quota` in bizops.yml.
    """
    from bizops_cli.usecases.run_cost import cost_of
    from bizops_cli.usecases.runs import list_runs, show_run

    if run_id is not None and last is not None:
        raise click.UsageError("Name a run or say --last, not both.")
    project = common.open()
    if last is None:
        records = [show_run(project, run_id)]
    else:
        records = list_runs(project, limit=last)
    found = cost_of(records)
    if as_json:
        print_json(found)
        return
    print_table(
        [
            "source",
            "runs",
            "rows",
            "MB",
            "API calls",
            "quota",
            "seconds",
            "tap CPU",
            "target CPU",
        ],
        [
            (
                *(c.source, c.runs, c.rows),
                None if c.size_bytes is None else round(c.size_bytes / 1e6, 1),
                c.api_calls,
                None if c.quota_percent is None else f"{c.quota_percent:.0f} %",
                *(c.duration_s, c.tap_cpu_s, c.target_cpu_s),
            )
            for c in found
        ],
    )
