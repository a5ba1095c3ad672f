"""bizops.yml is changed where it must be, and nowhere else."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bizops_cli.config.changes import change_project
from bizops_cli.config.document import parse_document
from bizops_cli.config.edit import ABSENT, changed_text
from bizops_cli.errors import BizopsError, ConfigError

FILE = Path("bizops.yml")
TEXT = """\
# The project.
version: 1
project: toy   # a name
taps:
  # the first
  tap-a:
    install: ./taps/tap-a    # here
    config: {token: ${TOKEN}, start_date: 2024-01-01}  # secret
    select:
      - Account   # all of it
      - "Opportunity.*"
      - '!Contact'
      # the end of the list

  # the second
  tap-b:
    select: [One, Two,
      Three]   # flow
    config:
target: {name: target-x}

# the jobs
jobs:
  default: {taps: [tap-a]}
"""
A = ("taps", "tap-a")


def changed_lines(path: tuple, value: object, text: str = TEXT) -> list[str]:
    new = changed_text(text, path, value, FILE)
    diff = difflib.ndiff(text.splitlines(), new.splitlines())
    return [line for line in diff if line[0] in "+-"]


CASES: list[tuple[tuple, object, list[str]]] = [
    (("project",), "other", [
        "- project: toy   # a name", "+ project: other   # a name"]),
    ((*A, "install"), "tap-a==1", [
        "-     install: ./taps/tap-a    # here", "+     install: tap-a==1    # here"]),
    ((*A, "config", "token"), "${T}", [
        "-     config: {token: ${TOKEN}, start_date: 2024-01-01}  # secret",
        "+     config: {token: '${T}', start_date: 2024-01-01}  # secret"]),
    ((*A, "config", "rows"), 5, [
        "-     config: {token: ${TOKEN}, start_date: 2024-01-01}  # secret",
        "+     config: {token: ${TOKEN}, start_date: 2024-01-01, rows: 5}  # secret"]),
    ((*A, "config", "token"), ABSENT, [
        "-     config: {token: ${TOKEN}, start_date: 2024-01-01}  # secret",
        "+     config: {start_date: 2024-01-01}  # secret"]),
    ((*A, "config", "start_date"), ABSENT, [
        "-     config: {token: ${TOKEN}, start_date: 2024-01-01}  # secret",
        "+     config: {token: ${TOKEN}}  # secret"]),
    ((*A, "select"), ["Account", "Opportunity.*", "!Contact", "Lead"], [
        "+       - Lead"]),
    ((*A, "select"), ["Account", "!Contact"], ['-       - "Opportunity.*"']),
    ((*A, "select"), ["Opportunity.*", "User"], [
        "-       - Account   # all of it", "-       - '!Contact'", "+       - User"]),
    (("taps", "tap-b", "select"), ["One", "Three", "Four"], [
        "-     select: [One, Two,", "-       Three]   # flow",
        "+     select: [One, Three, Four]   # flow"]),
    (("taps", "tap-b", "select"), ["One", "Two", "Three", "Four"], [
        "-       Three]   # flow", "+       Three, Four]   # flow"]),
    (("taps", "tap-b", "config", "a"), {"b": 1}, ["+       a:", "+         b: 1"]),
    (("taps", "tap-c"), {"install": "x", "config": {"a": "yes", "b": ["c"]}}, [
        "+   tap-c:", "+     install: x", "+     config:", "+       a: 'yes'",
        "+       b: [c]"]),
    (("taps", "tap-a"), ABSENT, ["-   tap-a:", "-     install: ./taps/tap-a    # here",
        "-     config: {token: ${TOKEN}, start_date: 2024-01-01}  # secret",
        "-     select:", "-       - Account   # all of it", '-       - "Opportunity.*"',
        "-       - '!Contact'"]),
    (("transform", "vars", "a"), 1, ["+ transform:", "+   vars:", "+     a: 1"]),
    (("target", "config", "a"), True, [
        "- target: {name: target-x}", "+ target: {name: target-x, config: {a: true}}"]),
    (("jobs", "default", "taps"), ["tap-a", "tap-b"], [
        "-   default: {taps: [tap-a]}", "+   default: {taps: [tap-a, tap-b]}"]),
    (("jobs", "default"), ABSENT, ["-   default: {taps: [tap-a]}", "+   {}"]),
    (("nothing", "there"), ABSENT, []),
    ((*A, "schema"), ABSENT, []),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "expected"), CASES, ids=str)
def test_only_the_words_concerned_change(
    path: tuple, value: object, expected: list[str]
) -> None:
    changed = [line for line in changed_lines(path, value) if line[0] != "?"]
    assert sorted(changed) == sorted(expected)


@pytest.mark.parametrize("empty", [" {}", "", " ~", " null", "\n  {}"])
@pytest.mark.parametrize("comment", ["", "   # none yet"])
def test_an_empty_value_becomes_a_block(empty: str, comment: str) -> None:
    text = f"version: 1\ntaps:{empty}{comment}\n# end\njobs: {{}}\n"
    new = changed_text(text, ("taps", "tap-c", "install"), "./c", FILE)
    lines = new.splitlines()
    assert lines[1].startswith("taps:")
    assert lines[-4:] == ["  tap-c:", "    install: ./c", "# end", "jobs: {}"]


def test_windows_line_ends_and_byte_order_mark_stay() -> None:
    text = "\ufeff" + TEXT.replace("\n", "\r\n")
    new = changed_text(text, ("taps", "tap-c", "install"), "x", FILE)
    assert new.startswith("\ufeff")
    assert new.count("\n") == new.count("\r\n") == text.count("\n") + 2


def test_a_file_without_an_end_of_line_gets_one_where_a_line_follows() -> None:
    text = "version: 1\nproject: toy"
    new = changed_text(text, ("jobs", "default", "parallel"), 2, FILE)
    assert new == text + "\njobs:\n  default:\n    parallel: 2\n"


def test_what_anchors_share_is_left_to_people() -> None:
    with pytest.raises(BizopsError, match="cannot be changed here") as caught:
        changed_text("a: &x {b: 1}\nc: *x\n", ("c", "b"), 3, FILE)
    assert "by hand" in caught.value.next_step


def test_a_file_that_would_be_wrong_is_not_written(tmp_path: Path) -> None:
    file = tmp_path / "bizops.yml"
    file.write_text("version: 1\nproject: toy\n")
    file.chmod(0o640)
    with pytest.raises(ConfigError, match="unknown key 'tups'"):
        change_project(file, [(("project",), "x"), (("tups",), 1)])
    assert file.read_text() == "version: 1\nproject: toy\n"
    assert change_project(file, [(("project",), "x")])
    assert file.read_text() == "version: 1\nproject: x\n"
    assert file.stat().st_mode & 0o777 == 0o640
    assert not change_project(file, [(("project",), "x")])


SCALARS = st.none() | st.booleans() | st.integers() | st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Co")), max_size=12
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "no", "x-y"]), inner, max_size=3)
    ),
    max_leaves=5,
)
PATHS = st.sampled_from([
    ("project",), (*A, "config"), (*A, "config", "token"), (*A, "select"), A,
    ("taps", "tap-b", "config"), ("taps", "tap-b", "config", "k"), ("taps", "tap-b"),
    ("taps", "tap-b", "select"), ("target",), ("target", "config", "k"), ("jobs",),
    ("jobs", "default"), ("jobs", "default", "taps"), ("new", "er"), ("taps",),
])  # fmt: skip


@given(st.lists(st.tuples(PATHS, VALUES | st.just(ABSENT)), max_size=5))
def test_any_chain_of_changes_means_what_was_asked_for(changes: list[Any]) -> None:
    """`changed_text` compares itself; here it may only never give up or lose words."""
    text = TEXT
    for path, value in changes:
        try:
            text = changed_text(text, path, value, FILE)
        except (ConfigError, TypeError, AttributeError):
            continue  # a step on the way had become another kind of value
    document = parse_document(text, FILE)
    assert "# the jobs" in text
    assert "# The project." in text
    assert document.value["version"] == 1
