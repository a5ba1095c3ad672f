"""States in people's hands, with a real warehouse and real runs."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.conftest import COMMANDS, Toy

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def loaded(toy: Toy) -> Toy:
    """Give a project of two streams, loaded twice: at 500 rows, then at 600."""
    toy.tap(streams=["users", "orders"])
    assert toy.run("elt", "run", "--run-id", "first").returncode == 0
    toy.tap(streams=["users", "orders"], rows=600)
    assert toy.run("elt", "run", "--run-id", "second").returncode == 0
    return toy


def state(toy: Toy, tap: str = "tap-toy") -> dict | None:
    text = toy.run("state", "show", tap, "--json").stdout
    return json.loads(text).get("bookmarks")


def at(users: int, orders: int) -> dict:
    return {"users": {"n": users}, "orders": {"n": orders}}


def test_a_bookmark_is_set_and_the_next_run_starts_there(loaded: Toy) -> None:
    done = loaded.run("state", "set", "tap-toy", "users", '{"n": 550}')
    assert done.returncode == 0, done.stderr
    assert state(loaded) == at(550, 600)
    record = json.loads(loaded.run("elt", "run", "--json").stdout)
    assert {s["stream"]: s["rows"] for s in record["streams"]} == {
        "users": 50,
        "orders": 0,
    }


def test_a_number_is_kept_to_its_last_digit(loaded: Toy) -> None:
    exact = '{"n": 12345678901234567890.12345678901234567890}'
    assert loaded.run("state", "set", "tap-toy", "users", exact).returncode == 0
    assert "12345678901234567890.12345678901234567890" in (
        loaded.run("state", "show", "tap-toy", "--json").stdout
    )


def test_streams_are_forgotten_one_by_one_or_all(loaded: Toy) -> None:
    done = loaded.run("state", "clear", "tap-toy", "orders", "--yes")
    assert done.returncode == 0, done.stderr
    assert state(loaded) == {"users": {"n": 600}}
    assert loaded.run("state", "clear", "tap-toy", "--yes").returncode == 0
    assert state(loaded) is None
    assert loaded.query("select count(*) from bizops.state") == [(0,)]


def test_without_yes_it_asks_first(loaded: Toy) -> None:
    done = loaded.run("state", "clear", "tap-toy")
    assert done.returncode == 130
    assert "Forget the bookmarks of every stream of tap-toy?" in done.stderr
    assert state(loaded) == at(600, 600)


def test_a_tap_with_a_new_name_goes_on_from_the_old_ones_state(loaded: Toy) -> None:
    refused = loaded.run("state", "move", "tap-tou", "tap-toy", "--yes")
    assert refused.returncode == 2
    assert "there is no state of 'tap-tou'\nNext: Did you mean" in refused.stderr
    loaded.tap("tap-twin", streams=["users", "orders"], rows=600)
    done = loaded.run("state", "copy", "tap-toy", "tap-twin", "users", "--yes")
    assert done.returncode == 0, done.stderr
    assert state(loaded, "tap-twin") == {"users": {"n": 600}}
    assert state(loaded) == at(600, 600)

    del loaded.document["taps"]["tap-toy"]
    loaded.tap("tap-twin", streams=["users", "orders"], rows=600)
    done = loaded.run("state", "move", "tap-toy", "tap-twin", "--yes", "--json")
    assert done.returncode == 0, done.stderr
    assert [c["tap"] for c in json.loads(done.stdout)] == ["tap-twin", "tap-toy"]
    assert state(loaded, "tap-twin") == at(600, 600)
    assert loaded.query("select state_id from bizops.state") == [("toy:dev:tap-twin",)]


def test_bookmarks_of_a_file_are_added_to_those_there_are(loaded: Toy) -> None:
    (loaded.directory / "s.json").write_text('{"bookmarks": {"users": {"n": 7}}}')
    done = loaded.run("state", "merge", "s.json", "--tap", "tap-toy")
    assert done.returncode == 0, done.stderr
    assert state(loaded) == at(7, 600)


def test_history_tells_which_run_moved_what(loaded: Toy) -> None:
    loaded.run("state", "set", "tap-toy", "users", '{"n": 1}')
    past = json.loads(loaded.run("state", "history", "tap-toy", "--json").stdout)
    assert [p["run_id"] for p in past][1:] == ["second", "first"]
    assert past[0]["run_id"].endswith("-set")
    assert past[0]["moved"] == ["users"]
    assert past[1]["moved"] == ["orders", "users"]
    assert [p["is_current"] for p in past] == [True, False, False]
    assert "second" in loaded.run("state", "history", "tap-toy").stdout


def test_a_state_goes_back_as_a_whole_or_by_stream(loaded: Toy) -> None:
    done = loaded.run("state", "rollback", "tap-toy", "users", "--to", "first", "--yes")
    assert done.returncode == 0, done.stderr
    assert state(loaded) == at(500, 600)
    assert loaded.run("state", "rollback", "tap-toy", "--to", "fir", "--yes").stdout
    assert state(loaded) == at(500, 500)
    assert loaded.run("state", "rollback", "tap-toy", "--to", "second", "--yes").stdout
    assert state(loaded) == at(600, 600)


def test_a_cleared_state_can_be_had_again(loaded: Toy) -> None:
    loaded.run("state", "set", "tap-toy", "users", '{"n": 77}')
    loaded.run("state", "clear", "tap-toy", "--yes")
    (name,) = [
        p["run_id"]
        for p in json.loads(loaded.run("state", "history", "tap-toy", "--json").stdout)
        if json.loads(p["bookmarks"]["users"]) == {"n": 77}
    ]
    assert loaded.run("state", "rollback", "tap-toy", "--to", name, "--yes").stdout
    assert state(loaded) == at(77, 600)


def test_states_travel_between_environments(loaded: Toy) -> None:
    loaded.document["environments"] = {"prod": {}}
    loaded.write()
    file = loaded.directory / "states.json"
    assert loaded.run("state", "export", "--out", str(file)).returncode == 0
    done = loaded.run("state", "import", str(file), "-e", "prod", "--yes")
    assert done.returncode == 0, done.stderr
    rows = loaded.query("select state_id, value::text from bizops.state order by 1")
    assert [name for name, _ in rows] == ["toy:dev:tap-toy", "toy:prod:tap-toy"]
    assert json.loads(rows[0][1]) == json.loads(rows[1][1])
    assert loaded.run("state", "export").stdout == file.read_text()


def test_a_singer_state_of_another_runner_is_taken(toy: Toy) -> None:
    done = subprocess.run(
        [COMMANDS / "bizops", *["state", "import", "-", "--tap", "tap-toy", "--yes"]],
        input='{"bookmarks": {"users": {"n": 480}}}',
        cwd=toy.directory,
        env=toy.environ(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(toy.run("elt", "run", "--json").stdout)["rows"] == 20


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["set", "tap-tyo", "users", "{}"], "Did you mean 'tap-toy'?"),
        (["set", "tap-toy", "users", "{n}"], "the bookmark is no JSON"),
        (["clear", "tap-toy", "user", "--yes"], "Did you mean 'users'?"),
        (["rollback", "tap-toy", "--to", "frist", "--yes"], "Did you mean 'first'?"),
        (["rollback", "tap-toy", "x", "--to", "first", "--yes"], "no bookmark of 'x'"),
        (["history", "tap-tyo"], "Did you mean 'tap-toy'?"),
        (["export", "tap-tyo"], "Did you mean 'tap-toy'?"),
    ],
)
def test_what_cannot_be_meant_changes_nothing(
    loaded: Toy, words: list[str], message: str
) -> None:
    done = loaded.run("state", *words)
    assert done.returncode == 2
    assert message in done.stderr
    assert state(loaded) == at(600, 600)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "this is no state"),
        ('{"bookmarks": {}}', "no tap is named"),
        ('{"bizops_states": 1, "states": {"tap-x": {}}}', "there is no tap 'tap-x'"),
        ('{"bizops_states": 1, "states": {"tap-toy": 3}}', "is no JSON object"),
    ],
)
def test_a_file_that_is_no_state_is_refused(
    loaded: Toy, text: str, message: str
) -> None:
    file = loaded.directory / "states.json"
    file.write_text(text)
    done = loaded.run("state", "import", str(file), "--yes")
    assert done.returncode == 2
    assert message in done.stderr
    assert state(loaded) == at(600, 600)


def test_nothing_is_changed_while_a_run_is_under_way(
    loaded: Toy, wait_until: Callable[..., None]
) -> None:
    loaded.tap(rows=10**6, pause_every=10, pause_s=0.2, state_every=10)
    process = loaded.start("elt", "run", "--run-id", "long")
    try:
        wait_until(lambda: "long" in loaded.run("lock", "show").stdout, timeout_s=30)
        done = loaded.run("state", "clear", "tap-toy", "--yes")
        assert done.returncode == 6
        assert "bizops long" in done.stderr
        held = json.loads(loaded.run("lock", "show", "--json").stdout)
        assert held[0]["what"] == "job default"
        assert held[0]["run_id"] == "long"
        assert held[0]["is_alive_here"] is True
        refused = loaded.run("lock", "break", "--yes")
        assert refused.returncode == 6
        assert "run long is under way on this machine" in refused.stderr

        broken = loaded.run("lock", "break", "--yes", "--force")
        assert broken.returncode == 0, broken.stderr
        assert process.wait(timeout=60) == 5
        file = loaded.directory / ".bizops/runs/long/run.json"
        assert "holds the lock" in json.loads(file.read_text())["message"]
    finally:
        process.kill()
        if process.stdout is not None:
            process.stdout.close()
    assert loaded.run("lock", "show").stdout == "Nobody is at work.\n"


def test_a_lock_that_nobody_holds_cannot_be_broken(toy: Toy) -> None:
    done = toy.run("lock", "break", "--yes")
    assert done.returncode == 2
    assert "nobody holds the job 'default'" in done.stderr
    assert (
        "Did you mean 'default'?" in toy.run("lock", "break", "dfault", "--yes").stderr
    )
