from __future__ import annotations

import json
import signal
import socket
import stat
import subprocess
import sys
from datetime import date

import pytest
import requests
from click.testing import CliRunner

from bizops_sandbox.cli import main
from bizops_sandbox.servers.settings import WITHOUT_WAITING
from bizops_sandbox.world.moments import day_end

TINY = ["--scale", "tiny"]


def _run(*arguments: str):
    return CliRunner().invoke(main, arguments)


@pytest.fixture(autouse=True)
def _own_signals():
    """Give pytest its Ctrl-C back after a `serve` in this process."""
    kept = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, kept)


@pytest.fixture
def start():
    """Start `bizops-sandbox serve`; every process is ended after the test."""
    processes = []

    def started(*arguments: str) -> tuple[subprocess.Popen, dict]:
        command = [sys.executable, "-m", "bizops_sandbox", "serve", *TINY, *arguments]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        processes.append(process)
        line = process.stdout.readline()
        assert line, process.stderr.read()
        return process, json.loads(line)

    yield started
    for process in processes:
        process.kill()
        process.communicate()


def _token(ready: dict) -> requests.Response:
    env = ready["env"]
    form = {
        "grant_type": "refresh_token",
        "client_id": env["SALESFORCE_CLIENT_ID"],
        "client_secret": env["SALESFORCE_CLIENT_SECRET"],
        "refresh_token": env["SALESFORCE_REFRESH_TOKEN"],
    }
    url = f"{env['SALESFORCE_LOGIN_URL']}/services/oauth2/token"
    return requests.post(url, data=form, timeout=30)


def test_serve_tells_all_a_client_needs_in_one_line_and_two_files(start, tmp_path):
    ready_file, env_file = tmp_path / "ready.json", tmp_path / "sandbox.env"
    process, ready = start(
        *("--ready-file", str(ready_file), "--write-env", str(env_file))
    )
    assert (ready["as_of"], ready["scale"]) == ("2018-01-31", "tiny")
    assert json.loads(ready_file.read_text(encoding="utf-8")) == ready
    lines = env_file.read_text(encoding="utf-8").splitlines()
    assert dict(line.split("=", 1) for line in lines[1:]) == ready["env"]
    assert stat.S_IMODE(env_file.stat().st_mode) == 0o600
    assert requests.get(ready["control_url"], timeout=30).status_code == 200
    assert _token(ready).json()["instance_url"] == ready["instance_url"]
    process.terminate()
    assert process.communicate(timeout=20) == ("", "")


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)]
)
def test_a_signal_ends_serving_even_with_a_client_connected(start, number, status):
    process, ready = start()
    with requests.Session() as session:
        session.get(ready["control_url"], timeout=30)
        process.send_signal(number)
        assert process.wait(timeout=20) == status


def test_a_taken_port_is_told_with_what_to_do():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        for option in ("--login-port", "--instance-port"):
            result = _run("serve", *TINY, option, port)
            assert result.exit_code == 2
            assert f"cannot listen at 127.0.0.1:{port}" in result.stderr
            assert "Give another --login-port or --instance-port" in result.stderr


def test_an_env_file_of_someone_else_is_refused_before_serving(tmp_path):
    path = tmp_path / ".env"
    path.write_text("SECRET=mine\n", encoding="utf-8")
    result = _run("serve", *TINY, "--write-env", str(path))
    assert result.exit_code == 2
    assert "was not written by bizops-sandbox" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["serve", "--scale", "huge"],
        ["serve", *TINY, "--as-of", "1999-01-01"],
        ["serve", *TINY, "--as-of", "soon"],
        ["serve", *TINY, "--login-port", "70000"],
        ["serve", *TINY, "--host", "256.0.0.1"],
        ["serve", *TINY, "--page-rows", "0"],
        ["serve", *TINY, "--ready-file", "/nowhere/ready.json"],
        ["truth", *TINY],
        ["truth", *TINY, "--out", "x", "--as-of", "1999-01-01"],
        ["generate", *TINY, "--out", "x", "--as-of", "2999-01-01"],
    ],
)
def test_a_wrong_option_is_a_usage_error_and_never_a_traceback(
    arguments, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    result = _run(*arguments)
    assert result.exit_code == 2
    assert "Error:" in result.stderr
    assert "Traceback" not in result.output


def test_an_earlier_day_serves_fewer_records(start):
    sizes = []
    for arguments in ([], ["--as-of", "2017-06-30"]):
        _, ready = start(*arguments)
        sizes.append(requests.get(ready["control_url"], timeout=30).json()["objects"])
    assert sizes[1]["Lead"] < sizes[0]["Lead"]
    assert sizes[1]["OpportunityStage"] == sizes[0]["OpportunityStage"]


def test_moving_the_served_company_is_the_same_as_starting_on_that_day(start):
    _, moved = start()
    _, begun = start("--as-of", "2017-06-30")
    url = moved["control_url"]
    requests.post(f"{url}/as-of", json={"as_of": "2017-06-30"}, timeout=60)
    pages = [_everything(ready) for ready in (moved, begun)]
    assert pages[0] == pages[1]


def _everything(ready: dict) -> dict[str, list]:
    token = _token(ready).json()["access_token"]
    base = f"{ready['instance_url']}/services/data/v64.0"
    found = {}
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {token}"
        for name in ("Account", "Lead", "Opportunity", "OpportunityHistory"):
            described = session.get(f"{base}/sobjects/{name}/describe").json()
            fields = ", ".join(field["name"] for field in described["fields"])
            asked = {"q": f"SELECT {fields} FROM {name}"}
            found[name] = session.get(f"{base}/queryAll", params=asked).json()[
                "records"
            ]
    assert all(found.values())
    return found


def test_generate_writes_the_records_the_servers_would_give(start, tmp_path):
    result = _run("generate", *TINY, "--out", str(tmp_path))
    assert result.exit_code == 0, result.output
    _, ready = start()
    told = {
        source: requests.get(url, timeout=60).json()["objects"]
        for source, url in ready["control_urls"].items()
    }
    assert [path.name for path in sorted(tmp_path.iterdir())] == sorted(told)
    for source, sizes in told.items():
        found = {
            path.stem: [json.loads(line) for line in path.open(encoding="utf-8")]
            for path in (tmp_path / source).iterdir()
        }
        for name, records in found.items():
            assert f"{tmp_path / source / name}.jsonl {len(records)}" in result.output
            if name in sizes:
                assert len(records) == sizes[name], name
        others = {"gitlab": {"instances"}}.get(source, set())
        assert set(sizes) - set(found) == others
    keys = [row["Id"] for row in found_in(tmp_path / "salesforce" / "Lead.jsonl")]
    assert len(set(keys)) == len(keys)


def found_in(path) -> list[dict]:
    return [json.loads(line) for line in path.open(encoding="utf-8")]


def test_generate_writes_the_sources_asked_for(tmp_path):
    only = ["--only", "zuora", "--only", "facebook"]
    result = _run("generate", *TINY, *only, "--out", str(tmp_path))
    assert result.exit_code == 0, result.output
    assert {path.name for path in tmp_path.iterdir()} == {"zuora", "facebook"}
    spend = [row["spend"] for row in found_in(tmp_path / "facebook" / "ad_days.jsonl")]
    assert spend
    assert all(isinstance(amount, float | int) for amount in spend)


def test_truth_writes_the_metrics_and_says_where(tmp_path):
    out = tmp_path / "truth"
    result = _run("truth", *TINY, "--out", str(out))
    assert result.exit_code == 0, result.output
    for name in ("events.jsonl", "metrics.csv", "identities.csv", "touches.csv"):
        assert (out / name).stat().st_size > 0
        assert str(out / name) in result.output


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("x", encoding="utf-8")
    result = _run("generate", *TINY, "--out", str(blocked / "records"))
    assert result.exit_code == 1
    assert str(blocked) in result.stderr


def test_all_five_sources_are_served_and_move_together(start):
    _, ready = start()
    names = ["salesforce", "marketo", "zuora", "facebook", "gitlab"]
    assert list(ready["control_urls"]) == names
    for name in names:
        assert any(key.startswith(f"{name.upper()}_") for key in ready["env"])
    assert ready["control_url"] == ready["control_urls"]["salesforce"]

    def days() -> set[str]:
        urls = ready["control_urls"].values()
        return {requests.get(url, timeout=60).json()["as_of"] for url in urls}

    def move(name: str, day: str) -> int:
        url = f"{ready['control_urls'][name]}/as-of"
        return requests.post(url, json={"as_of": day}, timeout=60).status_code

    # A source that nobody has asked for yet moves, too.
    assert move("salesforce", "2017-03-31") == 200
    assert days() == {"2017-03-31"}
    for number, name in enumerate(names, start=1):
        assert move(name, f"2017-0{number}-15") == 200
        assert days() == {f"2017-0{number}-15"}
        assert move(name, "1999-01-01") == 400
        assert days() == {f"2017-0{number}-15"}


def test_the_inputs_are_written_beside_the_servers_and_move_with_them(start, tmp_path):
    folder = tmp_path / "inputs"
    _, ready = start("--inputs", str(folder), "--as-of", "2017-06-30")
    assert ready["env"]["CSV_INPUTS"] == str(folder)
    months = folder / "finance_monthly.csv"
    before = months.read_text(encoding="utf-8")
    assert before.splitlines()[-1].startswith("2017-06-01,")
    assert months.stat().st_mtime == day_end(date(2017, 6, 30)).timestamp()
    url = f"{ready['control_url']}/as-of"
    answer = requests.post(url, json={"as_of": "2018-01-31"}, timeout=60)
    assert answer.status_code == 200
    assert months.read_text(encoding="utf-8").startswith(before)
    assert months.read_text(encoding="utf-8") != before
    assert months.stat().st_mtime == day_end(date(2018, 1, 31)).timestamp()


def test_nobody_waits_where_the_sandbox_is_told_so(start):
    names = ("zuora", "facebook", "gitlab", "marketo")
    only = [part for name in names for part in ("--only", name)]
    _, ready = start("--no-waiting", *only)
    for name in names:
        url = f"{ready['control_urls'][name]}/settings"
        answer = requests.post(url, json={}, timeout=60).json()
        settings = answer.get("settings", answer)
        wanted = WITHOUT_WAITING[name]
        assert {setting: settings[setting] for setting in wanted} == wanted


def test_faults_of_one_source_leave_the_others_alone(start):
    _, ready = start("--only", "zuora", "--only", "gitlab")
    controls = ready["control_urls"]
    assert list(controls) == ["zuora", "gitlab"]
    assert not any(key.startswith("SALESFORCE") for key in ready["env"])
    fault = {"fault": "status", "status": 503}
    armed = requests.post(f"{controls['zuora']}/faults", json=fault, timeout=60)
    assert armed.status_code == 201, armed.text
    sizes = [
        len(requests.get(f"{url}/faults", timeout=60).json())
        for url in controls.values()
    ]
    assert sizes == [1, 0]


def test_a_source_is_served_where_asked_and_a_taken_port_is_told():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        result = _run("serve", *TINY, "--only", "marketo", "--marketo-port", port)
        assert result.exit_code == 2
        assert f"cannot listen at 127.0.0.1:{port}" in result.stderr


def test_the_company_uses_the_sources_its_parameters_name(start, tmp_path):
    path = tmp_path / "parameters.json"
    path.write_text('{"sources": ["facebook"]}', encoding="utf-8")
    _, ready = start("--parameters", str(path))
    assert list(ready["control_urls"]) == ["facebook"]


@pytest.mark.parametrize("text", ['{"colour": "red"}', "[1]", "not JSON"])
def test_wrong_parameters_are_a_usage_error(text, tmp_path):
    path = tmp_path / "parameters.json"
    path.write_text(text, encoding="utf-8")
    out = ["--out", str(tmp_path / "out")]
    for command in ("truth", "inputs", "log"):
        result = _run(command, *TINY, "--parameters", str(path), *out)
        assert result.exit_code == 2
        assert "Traceback" not in result.output


def test_log_writes_what_truth_writes(tmp_path):
    out, truth = tmp_path / "events.jsonl", tmp_path / "truth"
    result = _run("log", *TINY, "--out", str(out))
    assert result.exit_code == 0, result.output
    _run("truth", *TINY, "--out", str(truth))
    assert out.read_bytes() == (truth / "events.jsonl").read_bytes()
    lines = out.read_bytes().count(b"\n")
    assert result.output == f"{out} {lines}\n"


@pytest.mark.parametrize(
    "command", [[], ["serve"], ["truth"], ["generate"], ["inputs"], ["log"]]
)
def test_every_command_explains_itself_with_an_example(command):
    result = _run(*command, "--help")
    assert result.exit_code == 0
    example = " ".join(["bizops-sandbox", *(command or ["serve"])])
    assert f"\n  {example}" in result.output or f"\n    {example}" in result.output
