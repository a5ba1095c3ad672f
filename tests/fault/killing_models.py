"""F2: kills of runs that build models too, and what these models must hold then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fault.killing_runs import RunnerTrial, make_runner_trial
from tests.fault.trial import TrialError

if TYPE_CHECKING:
    from random import Random

    from tests.fault.arena import Arena
    from tests.fault.workload import Workload

# One model takes a while, so that kills come while models are built.
_FILES = {
    "dbt_project.yml": "name: trial\nprofile: bizops\n"
    "models: {trial: {+materialized: table}}\n",
    "models/sources.yml": "sources: [{name: trial, schema: raw, "
    "tables: [{name: keyed}, {name: log}]}]\n"
    "models: [{name: latest, columns: [{name: id, data_tests: [unique, not_null]}]}]\n",
    "models/latest.sql": "select id, seq, payload from {{ source('trial', 'keyed') }}",
    "models/grown.sql": """\
{{ config(materialized='incremental', unique_key='seq') }}
select seq, payload from {{ source('trial', 'log') }}
{% if is_incremental() %} where seq > (select max(seq) from {{ this }}) {% endif %}
""",
    "models/totals.sql": """\
select count(*) as rows, sum(seq) as seqs, min(slept.slept::text) as slept
from {{ ref('grown') }} cross join (select pg_sleep(0.7) as slept) as slept
""",
}


def make_modelled_trial(
    arena: Arena, url: str, *, workload: Workload, chance: Random
) -> RunnerTrial:
    """Make a project that loads into an empty database and builds models of it."""
    trial = make_runner_trial(arena, url, workload=workload, chance=chance)
    for name, text in _FILES.items():
        file = trial.project.directory / "dbt" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    trial.project.document["transform"] = {"project": "./dbt"}
    trial.project.document["jobs"]["default"]["transform"] = "build"
    trial.project.write()
    return trial


def check_models(trial: RunnerTrial) -> None:
    """Check that the models hold what the tap has sent, each row once.

    Raises:
        TrialError: They do not.
    """
    workload, query = trial.workload, trial.project.query
    wanted = [
        (row.id, row.seq, row.payload)
        for row in workload.last_keyed(workload.rows).values()
    ]
    if query("select id, seq, payload from analytics.latest order by id") != sorted(
        wanted
    ):
        raise TrialError("the model latest is not what the tap has sent")
    log = [workload.keyless_row(seq) for seq in range(workload.rows)]
    found = query("select seq, payload from analytics.grown order by seq")
    if found != [(row.seq, row.payload) for row in log]:
        raise TrialError("the model grown is not what the tap has sent")
    total = sum(row.seq for row in log)
    if query("select rows, seqs from analytics.totals") != [(workload.rows, total)]:
        raise TrialError("the model totals is not what the tap has sent")
