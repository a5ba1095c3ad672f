"""The image without an engine: what the Dockerfile says, what its script does."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
ENTRYPOINT = ROOT / "display" / "image" / "entrypoint.sh"
# Stands for bizops: `display up` leaves a lock that is free at once.
RECORDER = """#!/bin/bash
echo "$*" >> calls.txt
if [ "$*" = "display up" ]; then
    mkdir -p .bizops/display
    touch .bizops/display/server.lock .bizops/display/server.log
fi
"""


def _instructions() -> list[tuple[str, str]]:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n", " ", "\n".join(lines))
    found = [line.split(maxsplit=1) for line in joined.splitlines() if line.strip()]
    return [(word.upper(), rest.strip()) for word, rest in found]


def _last_stage() -> list[tuple[str, str]]:
    instructions = _instructions()
    begin = max(i for i, (word, _) in enumerate(instructions) if word == "FROM")
    return instructions[begin:]


def test_the_image_is_made_from_a_base_that_can_be_chosen() -> None:
    assert _instructions()[0] == ("ARG", "BASE=debian:bookworm-slim")
    bases = [rest.split()[0] for word, rest in _instructions() if word == "FROM"]
    assert set(bases) == {"${BASE}"}


def test_the_image_runs_as_an_ordinary_user_and_its_health_is_a_log_in() -> None:
    stage = _last_stage()
    users = [rest for word, rest in stage if word == "USER"]
    assert users[-1] == "bizops"
    (health,) = [rest for word, rest in stage if word == "HEALTHCHECK"]
    assert '"bizops", "display", "status", "--log-in"' in health
    assert ("EXPOSE", "8088") in stage


def test_the_image_holds_no_secret() -> None:
    for word, rest in _instructions():
        if word in {"ENV", "ARG"}:
            assert not re.search(r"pass|secret|token|key", rest, re.IGNORECASE), rest
    ignored = (ROOT / ".dockerignore").read_text("utf-8").split()
    assert {".env", "config/bizops.conf", ".bizops", ".git"} <= set(ignored)


def test_what_the_image_copies_is_there() -> None:
    for word, rest in _instructions():
        if word == "COPY" and "--from" not in rest:
            for source in rest.split()[:-1]:
                assert (ROOT / source).exists(), source
    for path in re.findall(r"/source/([\w./-]+)", (ROOT / "Dockerfile").read_text()):
        assert (ROOT / path).exists(), path


def test_the_compose_file_takes_its_passwords_from_outside() -> None:
    document = yaml.safe_load((ROOT / "display/image/compose.yaml").read_text("utf-8"))
    assert set(document["services"]) == {"postgres", "bizops"}
    text = str(document["services"])
    for value in re.findall(r"'\w*PASSWORD\w*': '([^']*)'", text):
        assert value.startswith(("${", "/run/secrets/")), value


@pytest.fixture
def project(tmp_path: Path) -> Path:
    directory = tmp_path / "project"
    (directory / "bin").mkdir(parents=True)
    (directory / "bin" / "bizops").write_text(RECORDER)
    (directory / "bin" / "bizops").chmod(0o755)
    (directory / "bizops.yml").write_text("version: 1\nproject: p\n")
    return directory


def _run(
    project: Path, *words: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", ENTRYPOINT, *words],
        cwd=project,
        env={"PATH": f"{project / 'bin'}:{os.environ['PATH']}", **variables},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def _password(project: Path) -> str:
    text = (project / "config" / "bizops.conf").read_text()
    (found,) = re.findall(r"^password = (.*)$", text, re.MULTILINE)
    return str(found)


def test_a_password_is_made_told_once_and_kept(project: Path) -> None:
    first = _run(project)
    conf = project / "config" / "bizops.conf"
    assert conf.stat().st_mode & 0o777 == 0o600
    assert len(_password(project)) >= 24
    assert first.stderr.count(_password(project)) == 1
    second = _run(project)
    assert _password(project) not in second.stderr + second.stdout
    assert (project / "calls.txt").read_text().split("\n")[0] == "display up"


def test_a_password_given_from_outside_is_never_told(project: Path) -> None:
    ended = _run(project, BIZOPS_ADMIN_PASSWORD="from the environment")
    assert _password(project) == "from the environment"
    assert "from the environment" not in ended.stdout + ended.stderr


def test_a_password_may_come_in_a_file(project: Path) -> None:
    (project / "given").write_text("from a file\n")
    _run(project, BIZOPS_ADMIN_PASSWORD_FILE="given")
    assert _password(project) == "from a file"


def test_the_container_ends_when_the_dashboards_do(project: Path) -> None:
    ended = _run(project)
    assert ended.returncode == 1
    assert "the dashboards have ended" in ended.stderr


def test_without_a_project_it_says_how_to_mount_one(project: Path) -> None:
    (project / "bizops.yml").unlink()
    ended = _run(project)
    assert ended.returncode == 2
    assert "bizops init" in ended.stderr
    assert not (project / "config").exists()


def test_other_words_are_run_instead(project: Path) -> None:
    ended = _run(project, "bizops", "elt", "run")
    assert ended.returncode == 0
    assert (project / "calls.txt").read_text() == "elt run\n"
