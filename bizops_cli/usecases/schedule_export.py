"""Schedules of bizops.yml written as other programs read them."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from bizops_cli.config.cron import parse_cron
from bizops_cli.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bizops_cli.config.cron import Cron
    from bizops_cli.model import Job, Project, Schedule

_HEAD = "# Written by `bizops schedule export {kind}`; change bizops.yml, not this."
_DAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
LOCKED = 6


@dataclass(frozen=True, slots=True)
class Place:
    """Where the exported commands are run.

    Attributes:
        directory: The project's folder there.
        bizops: The command there.
        environment: The environment.
    """

    directory: str
    bizops: str
    environment: str

    def command(self, *words: str) -> str:
        """Return a shell command that runs bizops in the project."""
        head = [self.bizops, "-e", self.environment]
        return shlex.join([*head, *words])


def export_cron(project: Project, schedules: Sequence[Schedule], place: Place) -> str:
    """Return lines of a crontab."""
    del project
    lines = [_HEAD.format(kind="cron")]
    for schedule in schedules:
        if schedule.timezone != "UTC":
            lines.append("# Needs a cron that knows CRON_TZ, such as cronie.")
        lines.append(f"CRON_TZ={schedule.timezone}")
        command = place.command("elt", "run", "--job", schedule.job)
        # A % is a line end in a crontab.
        line = f"cd {shlex.quote(place.directory)} && {command}".replace("%", r"\%")
        lines.append(f"# {schedule.name}")
        lines.append(f"{parse_cron(schedule.cron).text}  {line}")
    return "\n".join(lines) + "\n"


def export_systemd(
    project: Project, schedules: Sequence[Schedule], place: Place
) -> str:
    """Return a service and a timer per schedule, each under its file's name."""
    parts = [_HEAD.format(kind="systemd")]
    for schedule in schedules:
        name = f"bizops-{project.name}-{schedule.name}"
        command = place.command("elt", "run", "--job", schedule.job)
        calendars = "".join(
            f"OnCalendar={text}\n"
            for text in calendar_lines(parse_cron(schedule.cron), schedule.timezone)
        )
        parts.append(
            f"# {name}.service\n[Unit]\nDescription=BizOps {project.name}, job "
            f"{schedule.job}\nAfter=network-online.target\n"
            "Wants=network-online.target\n\n"
            f"[Service]\nType=oneshot\nWorkingDirectory={place.directory}\n"
            f"ExecStart={command}\n# Another run at work is no failure.\n"
            f"SuccessExitStatus={LOCKED}\n"
        )
        parts.append(
            f"# {name}.timer\n[Unit]\nDescription={schedule.name} of BizOps "
            f"{project.name}\n\n[Timer]\n{calendars}Persistent=true\n\n"
            "[Install]\nWantedBy=timers.target\n"
        )
    return "\n".join(parts)


def calendar_lines(cron: Cron, timezone: str) -> list[str]:
    """Return systemd's calendar events that come when a cron line does."""
    clock = f"{_listed(cron.hours, 24)}:{_listed(cron.minutes, 60)}:00 {timezone}"
    months = _listed(cron.months, 12)
    days = "*" if cron.any_day and len(cron.days) == 31 else _listed(cron.days, 31)
    names = ",".join(_DAYS[day] for day in cron.weekdays)
    weekdays = "" if len(cron.weekdays) == 7 else f"{names} "
    if cron.any_day or cron.any_weekday:
        return [f"{weekdays}*-{months}-{days} {clock}"]
    return [f"*-{months}-{days} {clock}", f"{weekdays}*-{months}-* {clock}"]


def _listed(values: tuple[int, ...], size: int) -> str:
    return "*" if len(values) == size else ",".join(f"{v:02}" for v in values)


def export_gitlab(project: Project, schedules: Sequence[Schedule], place: Place) -> str:
    """Return jobs of .gitlab-ci.yml; GitLab keeps the times of schedules itself."""
    del project
    jobs: dict[str, object] = {}
    notes = [_HEAD.format(kind="gitlab-ci")]
    for schedule in schedules:
        notes.append(
            f"# In Build > Pipeline schedules: {schedule.cron} in {schedule.timezone} "
            f"with the variable BIZOPS_SCHEDULE={schedule.name}"
        )
        jobs[f"bizops-{schedule.name}"] = {
            "rules": [{"if": f'$BIZOPS_SCHEDULE == "{schedule.name}"'}],
            "resource_group": f"bizops-{place.environment}-{schedule.job}",
            "script": [
                place.command("install", "--frozen"),
                place.command(
                    *("elt", "run", "--job", schedule.job, "--log-format", "json")
                ),
            ],
            "artifacts": {
                "when": "always",
                "paths": [".bizops/runs/*/run.json", ".bizops/runs/*/*.log"],
            },
        }
    return "\n".join(notes) + "\n" + _yaml(jobs)


def export_github(project: Project, schedules: Sequence[Schedule], place: Place) -> str:
    """Return a workflow; GitHub reads cron lines in UTC.

    Raises:
        ConfigError: A schedule is in another time zone.
    """
    for schedule in schedules:
        if schedule.timezone != "UTC":
            raise ConfigError(
                f"the schedule {schedule.name!r} is in {schedule.timezone}, "
                "but GitHub reads cron lines in UTC",
                "Write its line in UTC, with timezone: UTC.",
            )
    checkout = {
        "uses": "actions/checkout@v4",
        "with": {"persist-credentials": False},
    }
    steps = [checkout, {"run": "pip install bizops-cli"}]
    jobs = {
        schedule.name: {
            "if": f"github.event.schedule == '{parse_cron(schedule.cron).text}'",
            "runs-on": "ubuntu-latest",
            "concurrency": f"bizops-{place.environment}-{schedule.job}",
            "env": {"BIZOPS_WAREHOUSE_URL": "${{ secrets.BIZOPS_WAREHOUSE_URL }}"},
            "steps": [
                *steps,
                {"run": place.command("install", "--frozen")},
                {"run": place.command("elt", "run", "--job", schedule.job)},
            ],
        }
        for schedule in schedules
    }
    lines = list(dict.fromkeys(parse_cron(s.cron).text for s in schedules))
    workflow = {
        "name": f"bizops {project.name}",
        "on": {"schedule": [{"cron": line} for line in lines]},
        "permissions": {"contents": "read"},
        "jobs": jobs,
    }
    note = "# Give the variables of .env.example as secrets in each job's env."
    return f"{_HEAD.format(kind='github')}\n{note}\n{_yaml(workflow)}"


_AIRFLOW = """\
{head}
# One task per tap, one after the other (a job has one lock), then the models.
# The commands need what bizops.yml needs: variables, or .env in the project's folder.
from __future__ import annotations

import pendulum
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG
{dags}"""
_DAG = """
with DAG(
    dag_id={dag_id!r},
    schedule={cron!r},
    start_date=pendulum.datetime(2024, 1, 1, tz={timezone!r}),
    catchup=False,
    max_active_runs=1,
    tags=["bizops"],
):
    tasks = [
{tasks}    ]
    for earlier, later in zip(tasks, tasks[1:]):
        earlier >> later
"""
_TASK = """\
        BashOperator(
            task_id={task_id!r},
            cwd={directory!r},
            bash_command={command!r},
            skip_on_exit_code={locked},
        ),
"""


def export_airflow(
    project: Project, schedules: Sequence[Schedule], place: Place
) -> str:
    """Return a DAG file for Airflow 3: a DAG per schedule, a task per tap."""
    dags = ""
    for schedule in schedules:
        tasks = "".join(
            _TASK.format(
                task_id=name,
                directory=place.directory,
                command=command,
                locked=LOCKED,
            )
            for name, command in _steps(project.jobs[schedule.job], place)
        )
        dags += _DAG.format(
            dag_id=f"bizops_{project.name}_{schedule.name}",
            cron=parse_cron(schedule.cron).text,
            timezone=schedule.timezone,
            tasks=tasks,
        )
    return _AIRFLOW.format(head=_HEAD.format(kind="airflow"), dags=dags)


_LUIGI = '''\
{head}
# luigi --module THIS_FILE {first} --local-scheduler --retcode-task-failed 1
# Each task is done once a day; cron or systemd starts it. Without --retcode-task-failed
# luigi ends with 0 though a task has failed.
from __future__ import annotations

import datetime
import pathlib
import subprocess

import luigi

DIRECTORY = pathlib.Path({directory!r})


class BizopsTask(luigi.Task):
    """A step of a job; its mark says that it was done that day."""

    day = luigi.DateParameter(default=datetime.date.today())
    command = ""

    def output(self):
        name = f"{{type(self).__name__}}-{{self.day}}"
        return luigi.LocalTarget(DIRECTORY / ".bizops" / "luigi" / name)

    def run(self):
        subprocess.run(self.command, shell=True, cwd=DIRECTORY, check=True)
        with self.output().open("w") as mark:
            mark.write("done")
{tasks}'''
_LUIGI_TASK = """

class {name}(BizopsTask):
    command = {command!r}
{requires}"""


def export_luigi(project: Project, schedules: Sequence[Schedule], place: Place) -> str:
    """Return a module of Luigi tasks, each requiring the one before it."""
    tasks, last = "", ""
    for schedule in schedules:
        earlier = ""
        for step, command in _steps(project.jobs[schedule.job], place):
            name = _class_name(f"{schedule.name}-{step}")
            requires = (
                f"\n    def requires(self):\n        return {earlier}(day=self.day)\n"
            )
            tasks += _LUIGI_TASK.format(
                name=name, command=command, requires=requires if earlier else ""
            )
            earlier = last = name
    return _LUIGI.format(
        head=_HEAD.format(kind="luigi"),
        first=last,
        directory=place.directory,
        tasks=tasks,
    )


EXPORTS: dict[str, Callable[[Project, Sequence[Schedule], Place], str]] = {
    "cron": export_cron,
    "systemd": export_systemd,
    "gitlab-ci": export_gitlab,
    "github": export_github,
    "airflow": export_airflow,
    "luigi": export_luigi,
}


def _steps(job: Job, place: Place) -> list[tuple[str, str]]:
    """Return the parts of a job as `(name, command)`."""
    run = ("elt", "run", "--job", job.name)
    steps = [(tap, place.command(*run, tap, "--only", "el")) for tap in job.taps]
    if job.transform != "none":
        steps.append(("transform", place.command(*run, "--only", "t")))
    return steps


def _class_name(text: str) -> str:
    return "".join(part.capitalize() for part in text.replace("_", "-").split("-"))


class _Dumper(yaml.SafeDumper):
    """Writes a value again where it comes again: CI programs know no anchors."""

    def ignore_aliases(self, data: object) -> bool:
        """Tell that no value is referred to."""
        del data
        return True


def _yaml(value: object) -> str:
    return yaml.dump(
        value, Dumper=_Dumper, sort_keys=False, width=1000, allow_unicode=True
    )
