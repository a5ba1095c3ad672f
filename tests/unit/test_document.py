"""YAML as bizops reads it: lines, duplicates, tags, bombs, words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bizops_cli.config.document import read_document
from bizops_cli.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


def read(tmp_path: Path, text: str):
    file = tmp_path / "bizops.yml"
    file.write_text(text, encoding="utf-8")
    return read_document(file)


def test_values_have_their_lines(tmp_path: Path) -> None:
    document = read(tmp_path, "a: 1\nb:\n  c: [x,\n    y]\n")

    assert document.value == {"a": 1, "b": {"c": ["x", "y"]}}
    lines = {path: position.line for path, position in document.positions.items()}
    assert lines[("b", "c")] == 3
    assert lines[("b", "c", 1)] == 4


def test_words_are_what_they_look_like(tmp_path: Path) -> None:
    text = "[yes, no, on, NO, true, 2024-01-01, 1:30, 0777, 1e3, ~, .5, 1_000]"
    assert read(tmp_path, f"a: {text}").value["a"] == [
        *("yes", "no", "on", "NO", True, "2024-01-01", "1:30", "0777"),
        *(1000.0, None, 0.5, "1_000"),
    ]


def test_variables_may_stand_unquoted_inside_braces(tmp_path: Path) -> None:
    document = read(tmp_path, "a: {b: ${X}, c: [${Y}, 'p-${Z}']} # ${W}\n")
    assert document.value == {"a": {"b": "${X}", "c": ["${Y}", "p-${Z}"]}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "a: 1\nb: 2\na: 3\n",
            "bizops.yml:3: the key 'a' stands twice (first on line 1",
        ),
        ("a: !!python/object:os.system x\n", "bizops.yml:1: the tag"),
        ("a:\n  b: !thing {}\n", "bizops.yml:2: the tag '!thing' is not allowed"),
        ("a: [1,\nb: 2\n", "not valid YAML"),
        ("a: 1\n  b: 2\n", "bizops.yml:2: not valid YAML"),
        ("a: 1\n---\nb: 2\n", "not valid YAML"),
        ("? [a]\n: 1\n", "bizops.yml:1: a key must be text"),
        ("a: &x [*x]\n", "an alias contains itself"),
        ("", "bizops.yml is empty"),
        ("# nothing\n", "bizops.yml is empty"),
        ("- a\n", "bizops.yml is no mapping"),
        ("a: \x07\n", "not valid YAML"),
    ],
)
def test_bad_files_are_refused_with_their_line(
    tmp_path: Path, text: str, expected: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    assert expected in caught.value.message


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "bizops.yml"
    file.write_bytes(b"a: caf\xe9\n")
    with pytest.raises(ConfigError, match=r"not UTF-8 text \(byte 6"):
        read_document(file)


def test_aliases_cannot_blow_the_document_up(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    for number in range(1, 9):
        names = ", ".join([f"*a{number - 1}"] * 9)
        lines.append(f"a{number}: &a{number} [{names}]")
    with pytest.raises(ConfigError, match="too large"):
        read(tmp_path, "\n".join(lines))


def test_deep_nesting_is_refused_and_not_a_crash(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        read(tmp_path, "a: " + "[" * 5000 + "]" * 5000)


def test_anchors_and_merge_keys_work(tmp_path: Path) -> None:
    text = "base: &b {x: 1, y: 2}\nmine: {<<: *b, y: 3}\nlist: {<<: [*b, {z: 4}]}\n"
    value = read(tmp_path, text).value
    assert value["mine"] == {"x": 1, "y": 3}
    assert value["list"] == {"x": 1, "y": 2, "z": 4}


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.text(st.characters(codec="ascii", categories=("L", "N")), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.from_regex(r"[a-z]{1,6}", fullmatch=True), inner, max_size=4
        )
    ),
    max_leaves=20,
)


@given(
    st.dictionaries(st.from_regex(r"k[a-z]{1,6}", fullmatch=True), PLAIN, min_size=1)
)
def test_what_yaml_writes_is_read_back(tmp_path_factory, value: dict) -> None:
    folder = tmp_path_factory.mktemp("yaml")
    text = yaml.safe_dump(value, default_style='"')
    plain = re.sub(r'!!(null|bool|int) "([^"]*)"', r"\2", text)
    assert read(folder, plain).value == value


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(tmp_path_factory, text: str) -> None:
    folder = tmp_path_factory.mktemp("any")
    try:
        text.encode()
        read(folder, text)
    except (ConfigError, UnicodeEncodeError):
        pass
