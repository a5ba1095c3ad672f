"""`run.json`: the record of a run, from and to plain values."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bizops_cli.errors import BizopsError
from bizops_cli.files import write_atomically
from bizops_cli.model import ModelRun, RunRecord, StreamRun, TapRun
from bizops_cli.redact import redact

if TYPE_CHECKING:
    from pathlib import Path

FILE_NAME = "run.json"


def write_record(folder: Path, record: RunRecord) -> None:
    """Put the record into the run's folder, whole or not at all.

    Raises:
        BizopsError: The disk is full or the folder cannot be written.
    """
    text = json.dumps(to_dict(record), indent=2, ensure_ascii=False)
    write_atomically(folder / FILE_NAME, (redact(text) + "\n").encode())


def read_record(folder: Path) -> RunRecord | None:
    """Return the record of a run's folder; None when it has none.

    Raises:
        BizopsError: The file is damaged.
    """
    file = folder / FILE_NAME
    try:
        return from_dict(json.loads(file.read_bytes()))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise BizopsError(
            f"{file} is damaged: {type(error).__name__}",
            "Remove the folder of this run; the warehouse has the record as well.",
        ) from error


def to_dict(record: RunRecord) -> dict[str, Any]:
    """Return the record as JSON has it; instants as ISO 8601."""
    value = asdict(record)
    value["started_at"] = record.started_at.isoformat()
    value["finished_at"] = record.finished_at and record.finished_at.isoformat()
    value["rows"] = record.rows
    return value


def from_dict(value: dict[str, Any]) -> RunRecord:
    """Return the record of its JSON.

    Raises:
        KeyError: Something is missing.
        TypeError: Something is of another kind.
        ValueError: An instant is none.
    """
    finished_at = value["finished_at"]
    return RunRecord(
        run_id=value["run_id"],
        project=value["project"],
        environment=value["environment"],
        job=value["job"],
        status=value["status"],
        started_at=datetime.fromisoformat(value["started_at"]),
        finished_at=datetime.fromisoformat(finished_at) if finished_at else None,
        exit_status=value["exit_status"],
        message=value["message"],
        bizops_version=value["bizops_version"],
        build=value.get("build"),
        taps=tuple(TapRun(**item) for item in value["taps"]),
        streams=tuple(StreamRun(**item) for item in value["streams"]),
        models=tuple(ModelRun(**item) for item in value["models"]),
    )
