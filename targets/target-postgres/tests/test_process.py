"""The real process: killed, stopped, locked out, unreachable, in a narrow role."""

from __future__ import annotations

import contextlib
import json
import random
import signal
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import psycopg2
import pytest
from target_runs import (
    ROLE_PASSWORD,
    Database,
    as_bytes,
    record,
    run_command,
    schema,
    state,
    url_of,
)

from target_postgres.connection import libpq_parameters

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

ROWS = 3000
STATE_EVERY = 100
STATE_ID = {"state_id": "acme:dev:tap", "run_id": "run-1", "batch_size_rows": 250}
POINTS = ("after_copy", "before_commit", "after_commit", "before_state")


def lines_after(start: int) -> list[bytes]:
    """A tap's output from a bookmark: one stream with a key, one without."""
    lines: list[Any] = [schema("keyed", id="integer", seq="integer")]
    lines.append(schema("log", keys=[], seq="integer"))
    for seq in range(start, ROWS):
        lines.append(record("keyed", id=seq % 700, seq=seq))
        lines.append(record("log", seq=seq))
        if (seq + 1) % STATE_EVERY == 0:
            lines.append(state({"bookmarks": {"keyed": {"n": seq + 1}}}))
    return [as_bytes(line) + b"\n" for line in lines]


def stored_state(db: Database) -> int:
    if db.execute("select to_regclass('bizops.state')") == [(None,)]:
        return 0
    found = db.execute("select value from bizops.state")
    return int(found[0][0]["bookmarks"]["keyed"]["n"]) if found else 0


def stored_log(db: Database) -> list[int]:
    if db.execute("select to_regclass('raw.log')") == [(None,)]:
        return []
    return [seq for (seq,) in db.execute("select seq from raw.log order by seq")]


def check_agreement(db: Database) -> int:
    """Rows without a key are exactly those the state covers."""
    covered = stored_state(db)
    assert stored_log(db) == list(range(covered))
    return covered


def check_complete(db: Database) -> None:
    assert check_agreement(db) == ROWS
    expected = {seq % 700: seq for seq in range(ROWS)}
    assert dict(db.execute("select id, seq from raw.keyed")) == expected


def feed(process: subprocess.Popen[bytes], lines: list[bytes]) -> None:
    assert process.stdin
    try:
        process.stdin.writelines(lines)
        process.stdin.close()
    except BrokenPipeError:
        pass


@pytest.mark.parametrize("occurrence", [1, 4])
@pytest.mark.parametrize("point", POINTS)
def test_killed_at_any_point_rows_and_state_agree_and_a_rerun_completes(
    db: Database, point: str, occurrence: int
) -> None:
    lines = [line.rstrip(b"\n") for line in lines_after(0)]
    killed = db.run(
        lines, environment={"BIZOPS_FAULT": f"{point}:{occurrence}"}, **STATE_ID
    )
    assert killed.status == -signal.SIGKILL
    covered = check_agreement(db)
    told = (
        json.loads(killed.states[-1])["bookmarks"]["keyed"]["n"]
        if (killed.states)
        else 0
    )
    assert told <= covered
    rest = [line.rstrip(b"\n") for line in lines_after(covered)]
    outcome = db.run(rest, **STATE_ID)
    assert outcome.status == 0, outcome.message
    check_complete(db)


def test_killed_again_and_again_at_random_nothing_is_lost_or_doubled(
    db: Database,
) -> None:
    chance = random.Random(20180101)  # noqa: S311 - no secret
    for _ in range(6):
        process = db.start(**STATE_ID)
        lines = lines_after(stored_state(db))
        feeder = threading.Thread(target=feed, args=(process, lines))
        feeder.start()
        time.sleep(0.6 + chance.random() * 0.5)
        process.kill()
        process.wait()
        feeder.join()
        check_agreement(db)
    rest = [line.rstrip(b"\n") for line in lines_after(stored_state(db))]
    assert db.run(rest, **STATE_ID).status == 0
    check_complete(db)


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)]
)
def test_p12_a_signal_stops_with_its_status_and_a_rerun_completes(
    db: Database, number: signal.Signals, status: int
) -> None:
    process = db.start(**STATE_ID)
    assert process.stdin
    process.stdin.writelines(lines_after(0)[:4000])
    process.stdin.flush()
    deadline = time.monotonic() + 20
    while stored_state(db) < 1000 and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert process.returncode == status
    assert b"Traceback" not in err
    covered = check_agreement(db)
    told = out.decode().splitlines()
    assert json.loads(told[-1])["bookmarks"]["keyed"]["n"] == covered
    rest = [line.rstrip(b"\n") for line in lines_after(covered)]
    assert db.run(rest, **STATE_ID).status == 0
    check_complete(db)


def test_p12_a_second_signal_aborts_at_once(db: Database) -> None:
    db.load([schema("keyed", id="integer", seq="integer")])
    with psycopg2.connect(db.url) as blocker, blocker.cursor() as cursor:
        cursor.execute("lock table raw.keyed in access exclusive mode")
        process = db.start(**STATE_ID)
        assert process.stdin
        process.stdin.writelines(lines_after(0)[:1000])
        process.stdin.flush()
        time.sleep(1.5)
        process.terminate()
        time.sleep(0.3)
        assert process.poll() is None
        process.terminate()
        process.communicate(timeout=5)
    assert process.returncode == 143
    assert db.count("keyed") == 0


def test_p12_after_the_grace_the_process_ends(db: Database) -> None:
    db.load([schema("keyed", id="integer", seq="integer")])
    with psycopg2.connect(db.url) as blocker, blocker.cursor() as cursor:
        cursor.execute("lock table raw.keyed in access exclusive mode")
        process = db.start(**STATE_ID, stop_grace_seconds=0.5)
        assert process.stdin
        process.stdin.writelines(lines_after(0)[:1000])
        process.stdin.flush()
        time.sleep(1.5)
        process.terminate()
        process.communicate(timeout=5)
    assert process.returncode == 143


def test_r13_a_slow_tap_sees_its_states_committed_in_time(db: Database) -> None:
    process = db.start(batch_wait_limit_seconds=0.2)
    assert process.stdin
    assert process.stdout
    for line in (schema(id="integer"), record(id=1), state({"n": 1})):
        process.stdin.write(as_bytes(line) + b"\n")
    process.stdin.flush()
    assert process.stdout.readline() == b'{"n": 1}\n'
    assert db.count("s") == 1
    assert process.poll() is None
    process.communicate(timeout=10)
    assert process.returncode == 0


def test_a_keyless_stream_without_states_is_written_whole(db: Database) -> None:
    lines = [schema("log", keys=[], seq="integer")]
    lines += [record("log", seq=n) for n in range(1000)]
    assert db.load(lines, **STATE_ID).status == 0
    assert stored_log(db) == list(range(1000))


def test_keyless_rows_too_many_to_hold_wait_in_the_transaction_for_their_state(
    db: Database,
) -> None:
    lines: list[Any] = [schema("log", keys=[], seq="integer")]
    lines += [record("log", seq=n) for n in range(1000)]
    lines.append(schema("log", keys=[], seq="integer", v="string"))
    lines += [record("log", seq=n) for n in range(1000, 1100)]
    stopped = db.load([*lines, "garbage"], **STATE_ID)
    assert stopped.status == 3
    assert stored_log(db) == []
    lines.append(state({"bookmarks": {"keyed": {"n": 1100}}}))
    outcome = db.load([*lines, record("log", seq=-1), "garbage"], **STATE_ID)
    assert outcome.status == 3
    assert check_agreement(db) in {0, 1100}
    assert db.load(lines, **STATE_ID).status == 0


def test_state_is_merged_by_stream_and_kept_with_its_history(db: Database) -> None:
    def run(run_id: str, text: str) -> None:
        line = f'{{"type": "STATE", "value": {text}}}'
        assert db.load([line], state_id="a:b:c", run_id=run_id).states == [text]

    run("r1", '{"bookmarks": {"a": {"v": 1.10}, "b": 2}, "x": 1}')
    run("r1", '{"bookmarks": {"b": {"big": 123456789012345678901}}, "y": 2}')
    run("r2", '{"bookmarks": {"c": null}}')
    assert db.execute(
        "select state_id, run_id, value::text from bizops.state_history order by 2"
    ) == [
        (
            "a:b:c",
            "r1",
            '{"bookmarks":{"a":{"v": 1.10},"b":{"big": 123456789012345678901}},"y":2}',
        ),
        (
            "a:b:c",
            "r2",
            '{"bookmarks":{"a":{"v": 1.10},"b":{"big": 123456789012345678901},'
            '"c":null}}',
        ),
    ]
    assert db.execute("select run_id from bizops.state") == [("r2",)]
    assert db.load([state([1])], state_id="a:b:c").status == 0
    assert db.execute("select value::text from bizops.state") == [("[1]",)]


def test_two_targets_may_make_the_state_tables_at_once(db: Database) -> None:
    processes = [db.start(state_id=f"id{n}", run_id="r") for n in range(4)]
    content = b"".join(
        as_bytes(line) + b"\n"
        for line in (schema(id="integer"), record(id=1), state(1))
    )
    for process in processes:
        assert process.stdin
        process.stdin.write(content)
        process.stdin.close()
    assert [process.wait(timeout=30) for process in processes] == [0] * 4
    assert db.execute("select count(*) from bizops.state") == [(4,)]
    assert db.count("s") == 1


def test_p11_a_state_in_use_stops_the_second_run_with_6(db: Database) -> None:
    first = db.start(state_id="same")
    assert first.stdin
    first.stdin.write(as_bytes(schema(id="integer")) + b"\n")
    first.stdin.flush()
    deadline = time.monotonic() + 20
    while (
        db.execute("select count(*) from pg_locks where locktype = 'advisory'")
        == [(0,)]
        and time.monotonic() < deadline
    ):
        time.sleep(0.05)
    second = db.run(
        [schema(id="integer")], state_id="same", state_lock_wait_seconds=0.5
    )
    assert second.status == 6
    assert "'same'" in second.message
    first.kill()
    first.communicate()
    assert db.run([schema(id="integer")], state_id="same").status == 0


def test_p10_an_unreachable_server_ends_with_5(db: Database) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        url = f"postgresql://u:hidden-password@127.0.0.1:{port}/d"
        outcome = db.run([schema(id="integer")], url=url, connect_attempts=2)
    assert outcome.status == 5
    assert "Traceback" not in outcome.message
    assert "hidden-password" not in outcome.message
    assert str(port) in outcome.message


def test_p10_an_unknown_database_ends_with_2(db: Database) -> None:
    outcome = db.run([schema(id="integer")], url=f"{db.url}_none")
    assert outcome.status == 2
    assert "does not exist" in outcome.message


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"batch_size_rows": 0}, "batch_size_rows"),
        ({"schema_changes": "maybe"}, "evolve, freeze, discard"),
        ({"hard_delete": "perhaps"}, "hard_delete"),
        ({"stream_maps": {"s": {"a": "b"}}}, "stream_maps"),
        ({"ssh_tunnel": {"enable": True}}, "ssh_tunnel"),
        ({"faker_config": {"seed": 1}}, "faker_config"),
        ({"url": "mysql://u:hidden@h/d"}, "url"),
    ],
)
def test_p10_a_wrong_setting_ends_with_2_and_names_it(
    db: Database, settings: dict[str, Any], words: str
) -> None:
    outcome = db.load([], **settings)
    assert outcome.status == 2
    assert words in outcome.message
    assert "hidden" not in outcome.message


def test_p10_a_config_that_cannot_be_read_ends_with_2(db: Database) -> None:
    from target_runs import run_command

    broken = db.directory / "broken.json"
    broken.write_text("{")
    for arguments in (["--config", str(broken)], ["--config", "/none.json"], ["--no"]):
        done = run_command(*arguments)
        assert done.returncode == 2, done.stderr
        assert b"Traceback" not in done.stderr


def test_unknown_settings_are_left_aside_with_a_warning(db: Database) -> None:
    outcome = db.run([schema(id="integer")], use_copy=True, hidden_thing="value")
    assert outcome.status == 0
    assert outcome.message.count("hidden_thing") == 1
    assert "value" not in outcome.message.replace("values", "")


def test_settings_of_meltanolabs_target_postgres_are_understood(db: Database) -> None:
    parts = psycopg2.extensions.parse_dsn(db.url)
    config = {
        "url": None,
        "host": parts["host"],
        "port": int(parts["port"]),
        "user": parts["user"],
        "password": parts.get("password"),
        "database": parts["dbname"],
        "ssl_enable": False,
        "ssh_tunnel": {"enable": False},
        "add_record_metadata": False,
        "batch_size_rows": "10",
    }
    assert db.run([schema(id="integer"), record(id=1)], **config).status == 0
    assert db.rows("s", "id") == [("1",)]
    url = db.url.replace("postgresql://", "postgresql+psycopg2://")
    settings = {"url": None, "sqlalchemy_url": url}
    assert db.load([schema(id="integer"), record(id=2)], **settings).status == 0


@pytest.fixture
def narrow_role(db: Database) -> Iterator[str]:
    """A role that may connect and make things in schema raw, and nothing else."""
    role = f"narrow_{db.url.rsplit('_', 1)[1]}"
    db.execute(f"create role \"{role}\" login password '{ROLE_PASSWORD}'")
    db.execute("revoke all on schema public from public")
    db.execute("create schema raw")
    db.execute(f'grant usage, create on schema raw to "{role}"')
    yield role
    db.execute(f'reassign owned by "{role}" to current_user')
    db.execute(f'drop owned by "{role}"')
    db.execute(f'drop role "{role}"')


def test_p16_a_role_with_create_on_one_schema_is_enough(
    db: Database, narrow_role: str
) -> None:
    url = url_of(db.url, narrow_role)
    settings = {"url": url, "state_schema": "raw", "state_id": "x", "run_id": "r"}
    lines = [schema(id="integer", v="integer"), record(id=1, v=1), state(1)]
    lines += [schema(id="integer", v="number"), record(id=1, v=1.5), state(2)]
    for _ in range(2):
        outcome = db.load(lines, **settings)
        assert outcome.status == 0, outcome.message
    assert db.rows("s", "id", "v") == [("1", "1.5")]


def test_p16_functions_of_other_schemas_are_never_called(own_db: Database) -> None:
    db = own_db
    name = db.url.rsplit("/", 1)[1]
    db.execute("create table public.called (what text)")
    for function in ("clock_timestamp()", "hashtextextended(text, bigint)"):
        result = "timestamptz" if "clock" in function else "bigint"
        db.execute(
            f"create function public.{function} returns {result} language plpgsql as"
            " $$begin insert into public.called values ('x'); return null; end$$"
        )
    db.execute(f'alter database "{name}" set search_path to public, pg_catalog')
    lines = [schema(id="integer"), {**record(id=1), "version": 1}]
    lines += [{"type": "ACTIVATE_VERSION", "stream": "s", "version": 1}, state(1)]
    assert db.load(lines, state_id="x", run_id="r").status == 0
    assert db.execute("select * from public.called") == []


def test_s7_no_value_of_a_row_is_in_a_message(db: Database) -> None:
    db.execute("create schema raw")
    db.execute(
        "create table raw.s (id bigint primary key, v varchar(3), u text unique)"
    )
    head = schema(id="integer", v="string", u="string")
    long = db.run([head, record(id=1, v="SECRET-VALUE")])
    twice = db.run([head, record(id=1, u="SECRET-U"), record(id=2, u="SECRET-U")])
    time_of_day = {"type": "string", "format": "time"}
    clock = db.run([schema("t", id=time_of_day), record("t", id="99:88:77")])
    assert (long.status, twice.status, clock.status) == (3, 4, 3)
    assert "'v'" in long.message
    assert "line 2" in clock.message
    for outcome in (long, twice, clock):
        assert "SECRET" not in outcome.message
        assert "99:88" not in outcome.message
        assert "Traceback" not in outcome.message


def test_p17_a_lost_connection_is_made_again_and_the_batch_repeated(
    db: Database,
) -> None:
    process = db.start(**STATE_ID, batch_wait_limit_seconds=0.2)
    lines = lines_after(0)
    assert process.stdin
    process.stdin.writelines(lines[:2000])
    process.stdin.flush()
    for _ in range(3):
        time.sleep(0.7)
        db.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name = 'target-postgres'"
            " and datname = current_database()"
        )
    process.stdin.writelines(lines[2000:])
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    check_complete(db)


def test_a_lock_on_the_table_is_waited_for_and_then_named(db: Database) -> None:
    lines = [schema(id="integer"), record(id=1)]
    db.load(lines)
    with psycopg2.connect(db.url) as blocker, blocker.cursor() as cursor:
        cursor.execute("lock table raw.s in access exclusive mode")
        outcome = db.load(lines, lock_timeout_seconds=1, connect_attempts=1)
    assert outcome.status == 4
    assert "lock timeout" in outcome.message


def test_r87_a_refusal_ends_the_run_while_the_tap_is_still_thinking(
    db: Database,
) -> None:
    db.execute("create schema raw")
    db.execute("create table raw.s (id bigint primary key, v bigint check (v < 5))")
    process = db.start(batch_size_rows=1)
    assert process.stdin
    for line in (schema(id="integer", v="integer"), record(id=1, v=9)):
        process.stdin.write(as_bytes(line) + b"\n")
    process.stdin.flush()
    assert process.wait(timeout=5) == 4
    assert b"violates check constraint" in process.communicate()[1]


def test_p13_a_slow_database_stops_the_reading(db: Database) -> None:
    db.load([schema("keyed", id="integer", seq="integer")])
    with psycopg2.connect(db.url) as blocker, blocker.cursor() as cursor:
        cursor.execute("lock table raw.keyed in access exclusive mode")
        process = db.start(batch_size_rows=100, lock_timeout_seconds=0)
        sent = 0

        def send() -> None:
            nonlocal sent
            assert process.stdin
            line = as_bytes(record("keyed", id=1, seq=1)) + b"\n"
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(
                    as_bytes(schema("keyed", id="integer", seq="integer")) + b"\n"
                )
                for _ in range(200_000):
                    process.stdin.write(line)
                    sent += 1

        sender = threading.Thread(target=send, daemon=True)
        sender.start()
        time.sleep(2.5)
        held = sent
        time.sleep(0.5)
        assert sent == held < 20_000
    process.kill()
    process.wait()
    sender.join(timeout=5)


@pytest.mark.parametrize(
    ("host", "mode"),
    [
        ("db.example.com", "verify-full"),
        ("10.0.0.7", "verify-full"),
        ("localhost", None),
        ("127.0.0.1", None),
        ("::1", None),
        ("/run/postgresql", None),
    ],
)
def test_p15_other_hosts_are_checked_by_default(host: str, mode: str | None) -> None:
    assert libpq_parameters({"host": host}).get("sslmode") == mode
    given = libpq_parameters({"host": host, "sslmode": "require"})
    assert given["sslmode"] == "require"


def test_p15_a_server_without_tls_is_refused_when_it_must_be_checked(
    db: Database,
) -> None:
    outcome = db.load(
        [schema(id="integer")], url=f"{db.url}?sslmode=require", connect_attempts=1
    )
    assert outcome.status == 2
    assert "SSL" in outcome.message


def test_p13_a_line_of_50_mebibytes_is_taken(db: Database) -> None:
    lines = [schema(id="integer", v="string"), record(id=1, v="x" * 50 * 2**20)]
    assert db.run(lines).status == 0
    assert db.execute("select length(v) from raw.s") == [(50 * 2**20,)]


@pytest.mark.parametrize(("mode", "warns"), [(0o600, False), (0o640, True)])
def test_s3_a_config_file_others_may_read_is_warned_of(
    db: Database, mode: int, warns: bool
) -> None:
    path = db.directory / "config.json"
    path.write_text(json.dumps(db.config))
    path.chmod(mode)
    done = run_command("--config", str(path))
    assert done.returncode == 0
    assert (b"may be read by others" in done.stderr) == warns


def test_p1_an_input_that_was_cut_short_leaves_nothing_to_be_repeated(
    db: Database,
) -> None:
    mark = db.directory / "cut-short"
    settings = {"state_id": "x", "batch_size_rows": 40, "cut_short_file": str(mark)}
    lines = [schema(keys=[], v="integer"), *[record(v=v) for v in range(100)]]
    lines += [state({"n": 100}), *[record(v=v) for v in range(100, 199)]]
    mark.touch()
    assert db.load(lines, **settings).status == 0
    assert db.count("s") == 100
    mark.unlink()
    rest = [schema(keys=[], v="integer"), *[record(v=v) for v in range(100, 250)]]
    assert db.load(rest, **settings).status == 0
    assert db.count("s") == 250


def test_p1_an_input_that_was_cut_short_overwrites_no_table(db: Database) -> None:
    mark = db.directory / "cut-short"
    settings = {"load_method": "overwrite", "batch_size_rows": 10}
    lines = [schema(id="integer"), *[record(id=v) for v in range(100)]]
    assert db.load(lines, **settings).status == 0
    mark.touch()
    outcome = db.load(lines[:50], cut_short_file=str(mark), **settings)
    assert (outcome.status, db.count("s")) == (0, 100)
    assert db.execute("select 1 from pg_class where relname like '_bizops_new%'") == []
