"""Folders of runs: one process each, swept after a kill, forgotten in the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bizops_cli.errors import BizopsError, ConfigError
from bizops_cli.model import (
    Job,
    ModelRun,
    Project,
    RunRecord,
    StreamRun,
    TapRun,
    TransformSettings,
    WarehouseSettings,
)
from bizops_cli.runlog.folder import open_run_folder, read_records, sweep
from bizops_cli.runlog.record import from_dict, read_record, to_dict, write_record
from bizops_cli.usecases.run_plan import EltRequest, plan_run

if TYPE_CHECKING:
    from pathlib import Path

RECORD = RunRecord(
    run_id="r1",
    project="p",
    environment="dev",
    job="default",
    status="running",
    started_at=datetime(2026, 1, 31, 2, 0, tzinfo=UTC),
    taps=(TapRun("tap-x", "target-y", "failed", 3, 100, 1, 1.5, 1, None, "oh"),),
    streams=(StreamRun("tap-x", "a", 3, 100, 1.5, None, '{"n": 1.10}'),),
    models=(ModelRun("model.a", "model", "success", 0.1, 5, ""),),
)


def test_a_record_is_read_back_as_it_was(tmp_path: Path) -> None:
    done = replace(RECORD, finished_at=datetime(2026, 2, 1, tzinfo=UTC), exit_status=1)
    for record in (RECORD, done):
        write_record(tmp_path, record)
        assert read_record(tmp_path) == record
        assert from_dict(to_dict(record)) == record


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"run_id": 1}'])
def test_a_damaged_record_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(BizopsError, match=r"run\.json is damaged"):
        read_record(tmp_path)


def test_a_run_id_is_used_once(tmp_path: Path) -> None:
    open_run_folder(tmp_path, "r1").close()
    with pytest.raises(ConfigError, match="there has been a run r1"):
        open_run_folder(tmp_path, "r1")


def test_the_sweep_leaves_a_run_that_is_alive(tmp_path: Path) -> None:
    folder = open_run_folder(tmp_path, "r1")
    write_record(folder.directory, RECORD)
    secret = folder.secrets_directory / "config.json"
    secret.write_text("{}")

    assert sweep(tmp_path) == []

    assert secret.exists()
    assert [record.status for record in read_records(tmp_path, limit=5)] == ["running"]
    folder.close()
    assert not secret.exists()


def test_the_sweep_cleans_up_after_a_killed_run(tmp_path: Path) -> None:
    import os

    folder = open_run_folder(tmp_path, "r1")
    write_record(folder.directory, RECORD)
    secret = folder.secrets_directory / "config.json"
    secret.write_text("{}")
    os.close(folder.lock)  # as the kernel does

    assert [record.status for record in read_records(tmp_path, limit=5)] == ["killed"]
    assert sweep(tmp_path) == ["r1"]
    assert sweep(tmp_path) == []

    assert not secret.parent.exists()
    record = read_record(folder.directory)
    assert record is not None
    assert record.status == "killed"


def test_the_oldest_runs_are_forgotten(tmp_path: Path) -> None:
    alive = open_run_folder(tmp_path, "r-alive")
    for number in range(5):
        open_run_folder(tmp_path, f"r{number}").close()

    sweep(tmp_path, kept=2)

    names = sorted(folder.name for folder in tmp_path.iterdir())
    assert names == ["r-alive", "r3", "r4"]
    alive.close()


def test_runs_are_listed_the_latest_first_and_damaged_ones_left_out(
    tmp_path: Path,
) -> None:
    for name in ("r1", "r2", "r3"):
        folder = open_run_folder(tmp_path, name)
        write_record(folder.directory, replace(RECORD, run_id=name, status="failed"))
        folder.close()
    (tmp_path / "r2" / "run.json").write_text("{")
    assert [r.run_id for r in read_records(tmp_path, limit=9)] == ["r3", "r1"]
    assert [r.run_id for r in read_records(tmp_path, limit=1)] == ["r3"]


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/b", ".x", "", "x" * 201])
def test_a_run_id_that_is_no_name_of_a_folder_is_refused(
    tmp_path: Path, name: str
) -> None:
    project = Project(
        name="p",
        directory=tmp_path,
        environment="dev",
        warehouse=WarehouseSettings(),
        taps={},
        target=None,
        transform=TransformSettings(),
        jobs={"default": Job("default", ())},
    )
    with pytest.raises(ConfigError, match="is not a valid run id"):
        plan_run(EltRequest(project=project, run_id=name))
