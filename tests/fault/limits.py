"""F10: time limits of the database, and too few connections."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psycopg2
from psycopg2 import sql

from tests.fault.trial import TrialError

if TYPE_CHECKING:
    from tests.fault.trial import Trial


_PASSWORD = "trial"


def limit_role(trial: Trial) -> str:
    """Run as a role with a limit that bites; then finish without."""
    name, setting, status, words = trial.chance.choice(
        (
            ("read only", "default_transaction_read_only to on", 4, "read-only"),
            ("statement timeout", "statement_timeout to 1", 4, "statement timeout"),
            ("one connection", "", 5, "too many connections"),
        )
    )
    role = sql.Identifier(f"role_{trial.place.schema}")
    database = sql.Identifier(urlsplit(trial.place.url).path[1:])
    execute = trial.arena.execute
    execute(
        sql.SQL("create role {} login connection limit 1 password {}").format(
            role, sql.Literal(_PASSWORD)
        )
    )
    execute(sql.SQL("grant create on database {} to {}").format(database, role))
    if setting:
        execute(sql.SQL("alter role {} set {}").format(role, sql.SQL(setting)))
    parts = urlsplit(trial.place.url)
    server = parts.netloc.rpartition("@")[2]
    url = parts._replace(
        netloc=f"role_{trial.place.schema}:{_PASSWORD}@{server}"
    ).geturl()
    try:
        holder = None if setting else psycopg2.connect(url)
        outcome = trial.run(url=url, connect_attempts=2)
        if holder is not None:
            holder.close()
        trial.check_interrupted(outcome, status)
        if words not in outcome.log:
            raise TrialError(outcome.log)
    finally:
        execute(sql.SQL("drop owned by {} cascade").format(role))
        execute(sql.SQL("drop role {}").format(role))
    trial.finish()
    return name


def wait_for_tap_within_transaction(trial: Trial) -> str:
    """Leave a transaction open while the tap thinks, whatever the database says."""
    database = sql.Identifier(urlsplit(trial.place.url).path[1:])
    alter = "alter database {} set idle_in_transaction_session_timeout to 200"
    trial.workload = replace(trial.workload, state_every=trial.workload.rows)
    trial.arena.execute(sql.SQL(alter).format(database))
    try:
        lines = list(trial.workload.lines())
        running = trial.start()
        running.feed(lines[:-10], ends=False)
        running.wait_until_fed()
        time.sleep(0.8)
        running.feed(lines[-10:])
        trial.check_interrupted(running.wait(), 0)
    finally:
        reset = "alter database {} reset idle_in_transaction_session_timeout"
        trial.arena.execute(sql.SQL(reset).format(database))
    return "tap waited for"
