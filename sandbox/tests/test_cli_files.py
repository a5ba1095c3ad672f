from __future__ import annotations

import stat

import pytest

from bizops_sandbox.servers.env_file import (
    MARK,
    UnwritableError,
    check_env_file,
    write_atomically,
    write_env_file,
)


def test_variables_are_written_for_the_owner_alone(tmp_path):
    path = tmp_path / "sandbox.env"
    write_env_file(path, {"A": "1", "B": "x=y"})
    assert path.read_text(encoding="utf-8") == f"{MARK}\nA=1\nB=x=y\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_its_own_file_is_overwritten_and_nothing_is_left_beside_it(tmp_path):
    path = tmp_path / "sandbox.env"
    write_env_file(path, {"A": "1"})
    write_env_file(path, {"A": "2"})
    assert path.read_text(encoding="utf-8").endswith("A=2\n")
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("content", ["SECRET=mine\n", "", "# notes\n" + MARK])
def test_anothers_file_stays_as_it_is(tmp_path, content):
    path = tmp_path / ".env"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UnwritableError, match="was not written by bizops-sandbox"):
        write_env_file(path, {"A": "1"})
    assert path.read_text(encoding="utf-8") == content


def test_a_folder_is_not_overwritten_either(tmp_path):
    with pytest.raises(UnwritableError):
        check_env_file(tmp_path)


def test_a_file_needs_a_folder(tmp_path):
    with pytest.raises(UnwritableError, match="no folder"):
        check_env_file(tmp_path / "none" / ".env")


def test_a_write_that_fails_leaves_the_old_file(tmp_path):
    path = tmp_path / "ready.json"
    write_atomically(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(path, "\udc80")
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]
