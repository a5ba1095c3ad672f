"""The benchmark's own tests: only what is right counts. Nothing is timed."""

from __future__ import annotations

import csv
import fcntl
import json
import sys
from contextlib import closing
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.bench.command import main, told
from tests.bench.comparing import Comparison, Measurement, compare
from tests.bench.contents import check_contents, checked_columns
from tests.bench.database import connect, database_at, make_schema
from tests.bench.files import write_files
from tests.bench.measuring import Command, Cost, run_measured
from tests.bench.page import write_section
from tests.bench.programs.program import LoadJob
from tests.bench.programs.registry import PROGRAMS, find_programs
from tests.bench.ratios import make_lines
from tests.bench.shape import columns_of_width
from tests.bench.table import comparison_table
from tests.bench.workload import Workload, keys

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection  # noqa: N812

ROWS = 2_000
SCHEMA = "bench"


def _load_by_psql(
    url: str, workload: Workload, directory: Path, *, schema: str = SCHEMA
) -> LoadJob:
    """Load the first edition by psql and return the job."""
    (psql,) = find_programs(["psql"])
    scratch = directory / "scratch"
    scratch.mkdir()
    job = LoadJob(
        workload=workload,
        files=write_files(workload, 1, directory / "workloads"),
        mode="load",
        database=database_at(url),
        schema=schema,
        programs=directory,
        directory=scratch,
    )
    with closing(connect(url)) as connection:
        make_schema(connection, schema)
    cost = run_measured(psql.command(job), home=directory / "home")
    assert cost.exit_code == 0, cost.last_words
    return job


def _faults(connection: Connection, job: LoadJob) -> tuple[str, ...]:
    return check_contents(
        connection,
        schema=job.schema,
        columns=job.workload.columns,
        expected=job.files.facts,
    ).faults


def test_our_target_and_psql_load_and_upsert_the_same_rows(
    fresh_database: str, tmp_path: Path
) -> None:
    programs = find_programs(["psql", "bizops", "bizops-batch", "bizops-copy"])
    said: list[str] = []
    here = Path(sys.executable).parent

    measurements = compare(
        Comparison(
            workload=Workload(rows=ROWS),
            programs=programs,
            repeats=1,
            database=database_at(fresh_database),
            cache=tmp_path,
            timeout_s=120.0,
            installed=dict.fromkeys(("bizops", "bizops-batch", "bizops-copy"), here),
        ),
        say=said.append,
    )

    assert [(m.program, m.mode, m.fault) for m in measurements] == [
        ("psql", "load", None),
        ("psql", "upsert", None),
        ("bizops", "load", None),
        ("bizops", "upsert", None),
        ("bizops-batch", "load", None),
        ("bizops-batch", "upsert", None),
        ("bizops-copy", "load", None),
        ("bizops-copy", "upsert", None),
    ]
    table = comparison_table(make_lines(measurements, programs, rows=ROWS))
    header, _, *lines = table.splitlines()
    assert len(lines) == 8
    assert {line.count("|") for line in lines} == {header.count("|")}
    assert all(line.count("—") == 1 for line in lines)  # no peer took part


@pytest.mark.parametrize(
    "change",
    [
        "delete from bench.opportunity where id like '006000000000000%'",
        "update bench.opportunity set name = name || '.' where id like '%0AAA'",
        "update bench.opportunity set amount = amount + 0.01 where id like '%7AAA'",
        "update bench.opportunity set is_closed = not is_closed"
        " where id = (select min(id) from bench.opportunity)",
        "update bench.opportunity set close_date = close_date + interval '1 second'",
        "update bench.opportunity set address = address - 'city'",
        "update bench.opportunity set tags = tags || '[\"more\"]' where id like '%3A%'",
        "update bench.opportunity set lead_source = '' where lead_source is null",
        "alter table bench.opportunity drop column tags",
        "drop table bench.opportunity",
    ],
)
def test_content_that_differs_anywhere_does_not_count(
    fresh_database: str, tmp_path: Path, change: str
) -> None:
    job = _load_by_psql(fresh_database, Workload(rows=ROWS), tmp_path)
    with closing(connect(fresh_database)) as connection:
        assert _faults(connection, job) == ()
        with connection.cursor() as cursor:
            cursor.execute(change)
        assert len(_faults(connection, job)) >= 1


def test_rows_of_the_first_edition_are_no_upsert(
    fresh_database: str, tmp_path: Path
) -> None:
    workload = Workload(rows=ROWS)
    job = _load_by_psql(fresh_database, workload, tmp_path)
    second = write_files(workload, 2, tmp_path / "workloads")
    with closing(connect(fresh_database)) as connection:
        check = check_contents(
            connection, schema=SCHEMA, columns=workload.columns, expected=second.facts
        )
    assert job.files.facts != second.facts
    assert not any("opportunity.id" in fault for fault in check.faults)
    assert len(check.faults) == workload.width - 1


@pytest.mark.parametrize("width", [5, 20, 200])
def test_every_width_and_many_streams_are_loaded_and_checked(
    fresh_database: str, tmp_path: Path, width: int
) -> None:
    workload = Workload(rows=300, width=width, streams=3, state_every=40)
    job = _load_by_psql(fresh_database, workload, tmp_path)
    assert len(job.files.facts) == 3
    with closing(connect(fresh_database)) as connection:
        assert _faults(connection, job) == ()


def test_all_forms_hold_the_same_rows(tmp_path: Path) -> None:
    workload = Workload(rows=250, state_every=100)
    files = write_files(workload, 1, tmp_path)

    messages = [json.loads(line) for line in files.singer.read_text().splitlines()]
    kinds = [message["type"] for message in messages]
    assert kinds.count("RECORD") == 250
    assert [i for i, kind in enumerate(kinds) if kind == "STATE"] == [101, 202, 253]
    assert messages[-1]["value"] == {"bookmarks": {"opportunity": {"rows": 250}}}
    records = [m["record"] for m in messages if m["type"] == "RECORD"]

    lines = files.json_lines["opportunity"].read_text().splitlines()
    assert [json.loads(line) for line in lines] == records
    with files.csv["opportunity"].open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["description"] for row in rows] == [
        record["description"] or "" for record in records
    ]
    assert [Decimal(row["amount"] or 0) for row in rows] == [
        Decimal(str(record["amount"] or 0)) for record in records
    ]

    names, *rows_of_text = files.copy["opportunity"].read_text().split("\n")[:-1]
    fields = [
        dict(zip(names.split("\t"), row.split("\t"), strict=True))
        for row in rows_of_text
    ]
    assert [row["amount"] for row in fields] == [row["amount"] or "\\N" for row in rows]
    escapes = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
    assert [row["name"] for row in fields] == [
        row["name"].translate(escapes) for row in rows
    ]


def test_only_the_forms_that_are_asked_for_are_written(tmp_path: Path) -> None:
    files = write_files(Workload(rows=10), 1, tmp_path, forms=["csv"])
    assert files.csv["opportunity"].exists()
    assert not files.singer.exists()
    write_files(Workload(rows=10), 1, tmp_path, forms=["csv", "singer"])
    assert files.singer.exists()


def test_the_workload_is_the_same_every_time_and_its_keys_are_unique(
    tmp_path: Path,
) -> None:
    workload = Workload(rows=3_000, streams=2)
    first = write_files(workload, 1, tmp_path / "a").singer.read_bytes()
    assert write_files(workload, 1, tmp_path / "b").singer.read_bytes() == first
    other = write_files(Workload(rows=3_000, streams=2, seed=2), 1, tmp_path / "c")
    assert other.singer.read_bytes() != first
    seen = [key for stream in range(2) for key in keys(workload, stream)]
    assert len(set(seen)) == len(seen) == 3_000


def test_a_record_of_twenty_columns_has_about_690_bytes(tmp_path: Path) -> None:
    files = write_files(Workload(rows=5_000), 1, tmp_path)
    with files.json_lines["opportunity"].open("rb") as file:
        sizes = [len(line) for line in islice(file, 5_000)]
    assert 650 < sum(sizes) / len(sizes) < 730


def test_a_wide_table_has_every_kind_of_column_looked_at() -> None:
    columns = columns_of_width(200)
    assert len({column.name for column in columns}) == 200
    looked_at = checked_columns(columns)
    assert {c.kind for c in looked_at} == {c.kind for c in columns}
    assert len(looked_at) < 30


def test_a_cost_has_the_cpu_and_memory_of_the_program_alone(tmp_path: Path) -> None:
    code = (
        "import sys; held = bytearray(50_000_000); sum(range(3_000_000)); sys.exit(7)"
    )
    ballast = bytearray(300_000_000)  # of this process: not to be counted
    cost = run_measured(
        Command(("/bin/sh", "-c", 'exec "$0" -c "$1"', sys.executable, code)),
        home=tmp_path,
    )
    assert len(ballast) == 300_000_000
    assert cost.exit_code == 7
    assert cost.cpu_s > 0
    assert 50_000_000 < cost.peak_rss_bytes < 200_000_000


def test_a_killed_program_is_no_success(tmp_path: Path) -> None:
    command = Command(("/bin/sh", "-c", "echo last words >&2; kill -9 $$"))
    cost = run_measured(command, home=tmp_path)
    assert cost.exit_code == -9
    assert cost.last_words == "last words"


def _measured(
    program: str, turn: int, wall_s: float, *, fault: str | None = None
) -> Measurement:
    cost = Cost(0, wall_s, cpu_s=wall_s / 2, peak_rss_bytes=10**7, last_words="")
    return Measurement(program, "load", turn, cost, fault)


def test_ratios_are_taken_within_a_round_and_wrong_programs_have_none() -> None:
    programs = find_programs(["psql", "bizops", "sling", "dlt", "pipelinewise"])
    measurements = [
        *(_measured("psql", 0, 1.0), _measured("psql", 1, 3.0)),
        *(_measured("bizops", 0, 2.0), _measured("bizops", 1, 6.0)),
        *(_measured("sling", 0, 4.0), _measured("sling", 1, 12.0)),
        *(_measured("dlt", 0, 0.1), _measured("dlt", 1, 0.1, fault="wrong content")),
        *(_measured("pipelinewise", 0, 40.0), _measured("pipelinewise", 1, 50.0)),
    ]
    lines = {
        line.program: line for line in make_lines(measurements, programs, rows=1_000)
    }
    assert lines["bizops"].to_limit == pytest.approx(0.5)
    assert lines["bizops"].to_best_peer == pytest.approx(2.0)
    assert lines["bizops"].rows_per_s == pytest.approx(250.0)
    assert lines["bizops"].cpu_us_per_row == pytest.approx(2_000.0)
    assert lines["dlt"].rows_per_s is None
    assert lines["dlt"].fault == "wrong content"
    assert "- dlt" in comparison_table(tuple(lines.values()))


def test_a_section_of_the_page_is_replaced_and_the_rest_kept(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Benchmarks\n\nBy hand.\n", "utf-8")
    write_section(page, "load", title="Loading", body="| 1 |")
    write_section(page, "start", title="Starting", body="| 2 |")
    write_section(page, "load", title="Loading", body="| 3 \\1 |")
    text = page.read_text("utf-8")
    assert text.startswith("# Benchmarks\n\nBy hand.\n\n## Loading\n")
    assert "| 1 |" not in text
    assert "| 3 \\1 |" in text
    assert text.index("| 3") < text.index("## Starting") < text.index("| 2 |")


def test_a_section_names_the_command_without_where_results_go() -> None:
    words = ["load", "--page", "--rows", "5", "--json", "out.json", "--cache", "/c"]
    assert told(words) == "python -m tests.bench load --rows 5"


def test_two_benchmarks_do_not_share_a_cache(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (tmp_path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert main(["start", "--repeats", "1", "--cache", str(tmp_path)]) == 6
    assert "another one is running" in capsys.readouterr().err


def test_an_unknown_program_is_named_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="no program peer; there are psql, bizops"):
        find_programs(["peer"])
    assert len({program.name for program in PROGRAMS}) == len(PROGRAMS)
