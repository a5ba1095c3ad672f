"""bizops.yml to Project: every mistake has its line, nearest name and next step."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bizops_cli.config.load import load_project, require_variables
from bizops_cli.config.validate import project_schema
from bizops_cli.errors import ConfigError
from bizops_cli.redact import Secret, redact

if TYPE_CHECKING:
    from bizops_cli.model import Project

WHOLE = """\
version: 1
project: acme
default_environment: dev
warehouse: {type: embedded}
taps:
  tap-salesforce:
    install: ./taps/tap-salesforce
    config: {client_id: ${CLIENT_ID}, client_secret: ${CLIENT_SECRET}, start_date: 2024-1-1}
    select: ["Account", "Opportunity.*", "!Contact.MailingAddress"]
    schema: raw_sf
  tap-other: {install: [tap-other, extra==1.0], executable: tap-o}
target: {name: target-postgres, install: ./targets/target-postgres, config: {}}
transform: {project: ./transform, vars: {fiscal_year_start_month: 2}}
jobs:
  default: {taps: [tap-salesforce, tap-other], transform: build, parallel: 2}
schedules:
  nightly: {job: default, cron: "0 3 * * *", timezone: UTC}
environments:
  prod:
    warehouse: {type: postgres, url: ${PROD_WAREHOUSE_URL}}
    taps: {tap-salesforce: {config: {start_date: 2020-01-01}}}
"""  # noqa: E501
VARIABLES = {"CLIENT_ID": "id", "CLIENT_SECRET": "se cret"}


def load(
    tmp_path: Path,
    text: str = WHOLE,
    *,
    environment: str | None = None,
    **variables: str,
) -> Project:
    (tmp_path / "bizops.yml").write_text(text)
    environ = {**VARIABLES, **variables}
    return load_project(directory=tmp_path, environment=environment, environ=environ)


def refusal(tmp_path: Path, text: str, **variables: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text, **variables)
    error = caught.value
    facts = "\n".join(f"{place}: {what}" for place, what in error.context.items())
    return f"{error.message}\n{facts}\n{error.next_step}"


def test_the_whole_file_is_read(tmp_path: Path) -> None:
    project = load(tmp_path)

    tap = project.taps["tap-salesforce"]
    assert project.name == "acme"
    assert project.environment == "dev"
    assert project.warehouse.type == "embedded"
    assert tap.config["client_id"] == "id"
    assert tap.config["client_secret"] == Secret("se cret")
    assert tap.config["start_date"] == "2024-1-1"
    assert tap.select == ("Account", "Opportunity.*", "!Contact.MailingAddress")
    assert tap.raw_schema == "raw_sf"
    assert project.taps["tap-other"].install == ("tap-other", "extra==1.0")
    assert project.taps["tap-other"].raw_schema == "raw_other"
    assert project.target is not None
    assert project.target.name == "target-postgres"
    assert project.transform.project == tmp_path / "transform"
    assert project.transform.vars == {"fiscal_year_start_month": 2}
    assert project.jobs["default"].parallel == 2
    assert redact("the se cret is") == "the **** is"


def test_an_environment_is_laid_over_the_file(tmp_path: Path) -> None:
    url = "postgresql://me:hidden-word@h/db"
    project = load(tmp_path, environment="prod", PROD_WAREHOUSE_URL=url)

    assert project.warehouse.type == "postgres"
    assert project.warehouse.url == Secret(url)
    assert project.taps["tap-salesforce"].config["start_date"] == "2020-01-01"
    assert project.taps["tap-salesforce"].config["client_id"] == "id"
    assert redact(url) == "****"
    place = project.position(("taps", "tap-salesforce", "config", "start_date"))
    assert str(place) == "bizops.yml:21"


def test_variables_of_a_block_not_in_force_may_be_unset(tmp_path: Path) -> None:
    assert load(tmp_path).environment == "dev"


def test_the_environment_can_come_from_a_variable(tmp_path: Path) -> None:
    project = load(
        tmp_path, BIZOPS_ENVIRONMENT="prod", PROD_WAREHOUSE_URL="postgresql://h/db"
    )
    assert project.environment == "prod"


def test_the_warehouse_url_in_a_variable_wins(tmp_path: Path) -> None:
    project = load(tmp_path, BIZOPS_WAREHOUSE_URL="postgresql://h/${db}")
    assert project.warehouse.type == "postgres"
    assert project.warehouse.url == Secret("postgresql://h/${db}")


def test_variables_are_filled_in_once_and_never_executed(tmp_path: Path) -> None:
    text = WHOLE.replace("start_date: 2024-1-1", 'start_date: "a${X}b$${Y}$(ls)"')
    project = load(tmp_path, text, X="${CLIENT_ID}`id`")
    assert project.taps["tap-salesforce"].config["start_date"] == (
        "a${CLIENT_ID}`id`b${Y}$(ls)"
    )


def test_a_plugin_variable_goes_to_the_longest_name(tmp_path: Path) -> None:
    text = WHOLE.replace("tap-other:", "tap-salesforce-eu:").replace(
        "[tap-salesforce, tap-other]", "[tap-salesforce]"
    )
    project = load(
        tmp_path,
        text,
        TAP_SALESFORCE_START_DATE="2025",
        TAP_SALESFORCE_EU_START_DATE="2026",
    )
    assert project.taps["tap-salesforce"].variables == {
        "START_DATE": ("TAP_SALESFORCE_START_DATE", "2025")
    }
    assert project.taps["tap-salesforce-eu"].variables == {
        "START_DATE": ("TAP_SALESFORCE_EU_START_DATE", "2026")
    }


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "    select:",
            "    selct:",
            [":9: unknown key 'selct' in taps.tap-salesforce", "mean 'select'?"],
        ),
        ("version: 1", "version: one", [":1: version must be 1", "Write 1."]),
        ("project: acme", "# none", ["'project' is missing in the file", "Add `proj"]),
        (
            "project: acme",
            "project: Acme Inc",
            [":2: 'Acme Inc' is not a valid name in project", "lower-case"],
        ),
        (
            "  tap-other:",
            "  ../tap:",
            [":11: '../tap' is not a valid name in taps"],
        ),
        (
            "type: embedded",
            "type: embeded",
            [":4: warehouse.type cannot be 'embeded'", "mean 'embedded'?"],
        ),
        (
            "type: embedded",
            "type: postgres",
            [":4: a warehouse of type postgres needs a url"],
        ),
        (
            "{type: embedded}",
            "{type: embedded, url: x}",
            [":4: the embedded warehouse has no url"],
        ),
        (
            "parallel: 2",
            "parallel: 0",
            [":15: jobs.default.parallel must be between 1 and 64"],
        ),
        (
            "parallel: 2",
            "parallel: two",
            [":15: jobs.default.parallel must be a whole number, not text"],
        ),
        (
            "[tap-salesforce, tap-other]",
            "[tap-salesforce, tap-oter]",
            [":15: the job 'default' names the tap 'tap-oter'", "mean 'tap-other'?"],
        ),
        (
            "{job: default,",
            "{job: defualt,",
            [":17: the schedule 'nightly' names the job 'defualt'", "'default'"],
        ),
        ("name: target-postgres, ", "", [":12: 'name' is missing in target"]),
        (
            "install: ./taps/tap-salesforce",
            "install: {path: x}",
            [":7: taps.tap-salesforce.install must be text or a list, not a mapping"],
        ),
        ("    select: [", "    select: ['', ", [":9: ", "select[0] is empty"]),
        (
            "    schema: raw_sf",
            "    metadata: {Account.Id: {schema: {type: [strng, null]}}}",
            [
                ":10: ",
                "schema.type[0] cannot be 'strng'",
                "Did you mean 'string'?",
                "schema.type[1] must be text, not empty",
                "Put it in quotes.",
            ],
        ),
        (
            "    schema: raw_sf",
            "    metadata: {Account.Id: {schema: {format: date}}}",
            [":10: ", "'type' is missing in taps.tap-salesforce.metadata.Account.Id"],
        ),
        ("${CLIENT_ID}", "${CLIENT ID", ["not valid YAML"]),
    ],
)
def test_mistakes_are_told_with_line_and_nearest_name(
    tmp_path: Path, old: str, new: str, expected: list[str]
) -> None:
    assert old in WHOLE
    said = refusal(tmp_path, WHOLE.replace(old, new, 1))
    for part in expected:
        assert part in said


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    text = WHOLE.replace("parallel: 2", "parralel: 2").replace("cron:", "crn:")
    said = refusal(tmp_path, text)
    assert "bizops.yml has 3 problems" in said
    assert "bizops.yml:15: unknown key 'parralel'" in said
    assert "'cron' is missing" in said


def test_an_unknown_environment_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, environment="prd")
    assert "Did you mean 'prod'?" in caught.value.next_step


@pytest.mark.parametrize("value", [None, ""])
def test_an_unset_or_empty_variable_of_a_plugin_is_told_when_it_is_needed(
    tmp_path: Path, value: str | None
) -> None:
    (tmp_path / "bizops.yml").write_text(WHOLE)
    environ = {"CLIENT_ID": "id"} | ({} if value is None else {"CLIENT_SECRET": value})
    project = load_project(directory=tmp_path, environ=environ)

    require_variables(project, ["tap-other", "target-postgres"])
    with pytest.raises(ConfigError) as caught:
        require_variables(project, ["tap-salesforce"])
    assert "bizops.yml:8: the variable CLIENT_SECRET is not set" in caught.value.message
    assert ".env" in caught.value.next_step


def test_an_unset_variable_elsewhere_stops_at_once(tmp_path: Path) -> None:
    said = refusal(
        tmp_path, WHOLE.replace("{type: embedded}", "{type: postgres, url: ${NO}}")
    )
    assert "bizops.yml:4: the variable NO is not set" in said


def test_the_dotenv_file_is_read_and_the_process_wins(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "# comment\nexport CLIENT_ID='from file'\n"
        "X=$(touch pwned)${HOME}\nCLIENT_SECRET=f\n"
    )
    text = WHOLE.replace("start_date: 2024-1-1", "start_date: ${X}")
    project = load(tmp_path, text, CLIENT_SECRET="from process")

    config = project.taps["tap-salesforce"].config
    assert config["client_id"] == "id"
    assert config["client_secret"] == Secret("from process")
    assert config["start_date"] == "$(touch pwned)${HOME}"
    assert not (tmp_path / "pwned").exists()


def test_a_broken_line_of_dotenv_is_told(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=1\nthis is no assignment\n")
    assert ".env:2: not a `NAME=value` line" in refusal(tmp_path, WHOLE)


def test_no_project_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no bizops.yml in"):
        load_project(directory=tmp_path, environ={})


def test_the_file_is_found_from_a_folder_below(tmp_path: Path, monkeypatch) -> None:
    load(tmp_path)
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert load_project(environ=VARIABLES).directory == tmp_path


def test_values_of_settings_are_never_in_a_message(tmp_path: Path) -> None:
    text = WHOLE.replace("config: {}", "config: hunter2-in-the-wrong-place")
    assert "hunter2" not in refusal(tmp_path, text)


def test_a_literal_secret_is_masked_too(tmp_path: Path) -> None:
    load(tmp_path, WHOLE.replace("${CLIENT_SECRET}", "literal-5ecret"))
    assert redact("x literal-5ecret") == "x ****"


def test_the_published_schema_is_a_schema_and_describes_every_key() -> None:
    from jsonschema import Draft202012Validator

    schema = project_schema()
    Draft202012Validator.check_schema(schema)
    text = json.dumps(schema)
    references = set(re.findall(r"#/\$defs/([a-z_]+)", text))
    assert references | {"included"} == set(schema["$defs"])


def test_the_project_file_of_this_repository_is_right() -> None:
    root = Path(__file__).parents[2]
    project = load_project(directory=root, environ={})
    assert set(project.jobs["default"].taps) == set(project.taps)
    assert project.jobs["crm"].taps == ("tap-salesforce", "tap-zuora")


KEYS = (
    *("version", "project", "default_environment", "warehouse", "taps", "target"),
    *("transform", "jobs", "schedules", "environments"),
    *("install", "config", "select", "schema", "executable", "vars", "parallel"),
    *("job", "cron", "timezone"),
)


@pytest.mark.parametrize("key", KEYS)
def test_any_mistyped_key_is_answered_with_the_right_one(
    tmp_path: Path, key: str
) -> None:
    text = re.sub(rf"\b{key}:", f"{key}x:", WHOLE, count=1)
    said = refusal(tmp_path, text)
    assert f"unknown key '{key}x'" in said
    assert f"Did you mean '{key}'?" in said
