"""`elt run`: load the taps of a job, then build the models; keep a record of it."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import replace
from typing import TYPE_CHECKING

from bizops_cli import __version__
from bizops_cli.clock import SystemClock
from bizops_cli.errors import BizopsError, InterruptedRunError, UnreachableError
from bizops_cli.ids import new_run_id
from bizops_cli.model import RunRecord
from bizops_cli.process.signals import (
    SignalWatch,
    terminate_after,
    watch_signals,
)
from bizops_cli.runlog.events import Note, RunEnded, RunStarted
from bizops_cli.runlog.folder import open_run_folder, sweep
from bizops_cli.runlog.record import write_record
from bizops_cli.usecases.failures import in_one_line
from bizops_cli.usecases.full_refresh import check_full_refresh
from bizops_cli.usecases.load import load_tap
from bizops_cli.usecases.metric_keeping import keep_metrics
from bizops_cli.usecases.model_choice import begin_build, choose_models, end_build
from bizops_cli.usecases.notify import notify
from bizops_cli.usecases.progress import ProgressMeter
from bizops_cli.usecases.reach import remember_reaches
from bizops_cli.usecases.run_context import Control, RunContext, one_at_a_time
from bizops_cli.usecases.run_plan import EltRequest, changed_plugins, plan_run
from bizops_cli.usecases.transform import (
    build_models,
    check_models,
    dbt_directory,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from psycopg2.extensions import connection as Connection  # noqa: N812

    from bizops_cli.clock import Clock
    from bizops_cli.model import RunStatus
    from bizops_cli.runlog.events import OnEvent
    from bizops_cli.usecases.load import Load
    from bizops_cli.warehouse.address import WarehouseAddress

_TICK_S = 0.25


def run_elt(
    request: EltRequest, *, on_event: OnEvent, clock: Clock | None = None
) -> RunRecord:
    """Run a job and return its record.

    SIGINT, SIGTERM and SIGHUP end it gracefully; a second one at once.

    Raises:
        BizopsError: It failed; the record is written all the same, and the event
            `RunEnded` has been sent.
    """
    clock = clock or SystemClock()
    plan = plan_run(request)
    runs = request.project.state_directory / "runs"
    kept = request.project.retention
    for name in sweep(runs, kept=kept.runs, days=kept.days):
        on_event(Note(f"run {name} had been killed; its secrets are removed"))
    for name in changed_plugins(plan, request.project):
        on_event(Note(f"{name} has changed: run `bizops install {name}`", "warning"))
    run_id = request.run_id or new_run_id(clock.now())
    folder = open_run_folder(runs, run_id)
    watch = SignalWatch()
    control = Control(watch)
    context = RunContext(
        request=request,
        plan=plan,
        run_id=run_id,
        folder=folder,
        control=control,
        on_event=one_at_a_time(on_event),
        clock=clock,
    )
    try:
        with watch_signals(watch):
            return _Run(context).go(request.timeout_s)
    finally:
        folder.close()


class _Run:
    """One run from its first record to its last."""

    def __init__(self, context: RunContext) -> None:
        self.context = context
        request = context.request
        self.record = RunRecord(
            run_id=context.run_id,
            project=request.project.name,
            environment=request.project.environment,
            job=context.plan.job.name,
            status="running",
            started_at=context.clock.now(),
            bizops_version=__version__,
        )
        self.url: str | None = None

    def go(self, timeout_s: float | None) -> RunRecord:
        context = self.context
        write_record(context.folder.directory, self.record)
        taps = tuple(tap.name for tap in context.plan.taps)
        context.on_event(
            RunStarted(
                context.run_id, context.plan.job.name, self.record.environment, taps
            )
        )
        error: BaseException | None = None
        try:
            with terminate_after(timeout_s, on_timeout=context.control.time_out):
                self._work()
        except KeyboardInterrupt:
            error = context.control.interruption()
        except Exception as raised:  # noqa: BLE001 (raised again below)
            error = raised
        if error is not None and context.control.watch.number is not None:
            error = context.control.interruption()
        error = self._finish(error)
        if error is not None:
            raise error
        return self.record

    def _work(self) -> None:
        from bizops_cli.locks.postgres import hold_run_lock
        from bizops_cli.warehouse.connect import resolve_warehouse
        from bizops_cli.warehouse.refusals import connected
        from bizops_cli.warehouse.runs import forget_old, record_run
        from bizops_cli.warehouse.schema import migrate

        context, project = self.context, self.context.project
        address = resolve_warehouse(
            project.warehouse, directory=project.state_directory / "warehouse"
        )
        name = f"bizops {context.run_id}"
        with connected(address.url, application_name=name) as connection:
            migrate(connection)
            with hold_run_lock(
                connection,
                project=project.name,
                environment=project.environment,
                job=context.plan.job.name,
            ):
                self.url = address.url
                record_run(connection, self.record)
                forget_old(connection, project)
                self._load(connection, address)
                self._transform(connection, address)

    def _load(self, connection: Connection, address: WarehouseAddress) -> None:
        from bizops_cli.locks.postgres import is_held
        from bizops_cli.warehouse.builds import mark_unbuilt

        if not self.context.plan.taps:
            return
        check_full_refresh(self.context)
        mark_unbuilt(
            connection,
            self.context.project,
            job=self.context.plan.job.name,
            schemas=[tap.settings.raw_schema for tap in self.context.plan.taps],
        )
        loads = load_all(self.context, address, is_locked=lambda: is_held(connection))
        self.record = replace(
            self.record,
            taps=tuple(load.run for load in loads),
            streams=tuple(stream for load in loads for stream in load.streams),
        )
        if not is_held(connection):
            raise lock_lost()
        remember_reaches(connection, self.context, loads)
        raise_first(loads)

    def _transform(self, connection: Connection, address: WarehouseAddress) -> None:
        from bizops_cli.warehouse.schema import schemas_with_tables

        if self.context.plan.transform == "none":
            return
        raw = [tap.raw_schema for tap in self.context.project.taps.values()]
        loaded = schemas_with_tables(connection, raw)
        project, plan = self.context.project, self.context.plan
        choice = choose_models(connection, project, loaded, scope=plan.models)
        if choice.is_empty:
            self.context.on_event(Note("no model is fed by what has been loaded"))
            return
        begin_build(connection, project, choice)
        models = build_models(self.context, address, loaded, choice)
        self.record = replace(self.record, models=models, build=choice.scope)
        if self.context.control.watch.number is not None:
            raise self.context.control.interruption()
        keep_metrics(connection, project, self.record, loaded)
        check_models(models)
        target = dbt_directory(project) / "target"
        end_build(connection, project, choice, target, job=plan.job.name)

    def _finish(self, error: BaseException | None) -> BaseException | None:
        """Keep the record and tell of the end; return the error the run ends with.

        A run whose record cannot be kept has failed.
        """
        # Whatever signal comes now, the record is kept; a second one still ends all.
        self.context.control.watch.on_first = _go_on
        self._end_record(error)
        for keep in (self._record_in_folder, self._record_in_warehouse):
            try:
                keep()
            except BizopsError as failure:
                self.context.on_event(Note(str(failure), "warning"))
                if error is None:
                    error = failure
                    self._end_record(error)
        self.context.on_event(RunEnded(self.record))
        notify(self.context.project, self.record, on_event=self.context.on_event)
        return error

    def _end_record(self, error: BaseException | None) -> None:
        status: RunStatus = "succeeded" if error is None else "failed"
        if isinstance(error, InterruptedRunError):
            status = "interrupted"
        exit_status = 0
        if error is not None:
            exit_status = error.status if isinstance(error, BizopsError) else 1
        self.record = replace(
            self.record,
            status=status,
            finished_at=self.context.clock.now(),
            exit_status=exit_status,
            message=in_one_line(error),
        )

    def _record_in_folder(self) -> None:
        write_record(self.context.folder.directory, self.record)

    def _record_in_warehouse(self) -> None:
        """Write the record over a connection of its own: the run's may be gone."""
        from bizops_cli.warehouse.refusals import connected
        from bizops_cli.warehouse.runs import record_run

        if self.url is None:
            return
        with connected(self.url, application_name="bizops record") as connection:
            record_run(connection, self.record)


def _go_on() -> None:
    """Take a signal that comes when the run is over."""


def lock_lost() -> UnreachableError:
    """Return the error of a run whose lock has gone with its connection."""
    return UnreachableError(
        "the connection that holds the lock of this run broke",
        "The run was stopped, so that it never mixes with another. Run again: it goes "
        "on from what was committed.",
    )


def load_all(
    context: RunContext, address: WarehouseAddress, *, is_locked: Callable[[], bool]
) -> list[Load]:
    """Load every tap of the plan, some at once; in the plan's order.

    Args:
        context: The run.
        address: The warehouse.
        is_locked: Whether the run still holds its lock; without it everything stops.
    """
    target = context.plan.target
    if target is None:
        raise TypeError("a plan with taps has a target")
    control, watch = context.control, context.control.watch
    watch.on_first, watch.on_second = control.stop, control.abort
    meter = ProgressMeter(context)
    try:
        with ThreadPoolExecutor(context.plan.parallel, "load") as pool:
            futures = [
                pool.submit(load_tap, tap, target, context, address, meter.counter(tap))
                for tap in context.plan.taps
            ]
            waiting = set(futures)
            while waiting:
                _, waiting = wait(waiting, _TICK_S, FIRST_COMPLETED)
                meter.report()
                if not control.is_stopping and not is_locked():
                    context.on_event(Note(str(lock_lost()), "warning"))
                    control.stop()
            return [future.result() for future in futures]
    finally:
        watch.on_first = watch.on_second = None


def raise_first(loads: Sequence[Load]) -> None:
    """Raise the first failed load's error, naming the others.

    Raises:
        BizopsError: A load failed.
    """
    failed = [load for load in loads if load.error is not None]
    if not failed:
        return
    error = failed[0].error
    if isinstance(error, BizopsError) and len(failed) > 1:
        others = {f"also {o.run.tap}": o.run.message for o in failed[1:]}
        error.context = {**error.context, **others}
    if error is not None:
        raise error
