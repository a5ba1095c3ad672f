"""`${secret:...}`: values kept elsewhere, masked whatever their names."""

from __future__ import annotations

import importlib.metadata
from typing import TYPE_CHECKING

import pytest

from bizops_cli.config.load import load_project, require_variables
from bizops_cli.errors import ConfigError
from bizops_cli.redact import Secret, redact

if TYPE_CHECKING:
    from pathlib import Path

    from bizops_cli.config.secrets import SecretContext
    from bizops_cli.model import Project

TEXT = """\
version: 1
project: acme
taps:
  tap-x:
    config: {user: ${secret:%s}, note: plain}
"""


def load(
    tmp_path: Path, address: str, env_file: Path | None = None, **variables: str
) -> Project:
    (tmp_path / "bizops.yml").write_text(TEXT % address)
    return load_project(directory=tmp_path, environ=variables, env_file=env_file)


def refusal(tmp_path: Path, address: str) -> str:
    project = load(tmp_path, address)  # other commands are not kept from working
    with pytest.raises(ConfigError) as caught:
        require_variables(project, ["tap-x"])
    return f"{caught.value.message}\n{caught.value.next_step}"


def test_a_secret_is_read_from_a_file_and_masked(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("swordfish-17\n")
    config = load(tmp_path, "file:token").taps["tap-x"].config
    assert config == {"user": Secret("swordfish-17"), "note": "plain"}
    assert redact("it is swordfish-17") == "it is ****"


def test_a_variable_can_be_named_a_secret(tmp_path: Path) -> None:
    project = load(tmp_path, "env:PLAIN_NAME", PLAIN_NAME="perch-22")
    assert project.taps["tap-x"].config["user"] == Secret("perch-22")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("file:none", "bizops.yml:5: the secret none cannot be read: No such file"),
        ("file:empty", "bizops.yml:5: the secret file:empty is empty"),
        ("env:NOT_SET", "bizops.yml:5: the variable NOT_SET is not set"),
        (
            "fiel:x",
            "there is no provider of secrets called 'fiel'\nDid you mean 'fil",
        ),
    ],
)
def test_a_secret_that_cannot_be_had_is_told_with_its_line(
    tmp_path: Path, address: str, said: str
) -> None:
    (tmp_path / "empty").write_text("\n")
    assert said in refusal(tmp_path, address)


def test_a_package_adds_a_provider(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def vault(reference: str, context: SecretContext) -> str:
        return f"{reference}@{context.variables['VAULT']}"

    class Point:
        name = "vault"

        def load(self) -> object:
            return vault

    def entry_points(*, group: str) -> list[Point]:
        return [Point()] if group == "bizops.secrets" else []

    monkeypatch.setattr(importlib.metadata, "entry_points", entry_points)
    config = load(tmp_path, "vault:crm/key", VAULT="v1").taps["tap-x"].config
    assert config["user"] == Secret("crm/key@v1")


def test_another_file_of_variables_takes_the_place_of_dotenv(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("NAME=from-dotenv\n")
    other = tmp_path / "staging.env"
    other.write_text("NAME=from-staging\n")
    project = load(tmp_path, "env:NAME", env_file=other)
    assert project.taps["tap-x"].config["user"] == Secret("from-staging")
    assert project.variables_file == other
    with pytest.raises(ConfigError, match="there is no file"):
        load(tmp_path, "env:NAME", env_file=tmp_path / "none.env")
