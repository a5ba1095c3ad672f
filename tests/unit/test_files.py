"""Files are whole or not there; secrets are for their owner."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from bizops_cli.errors import BizopsError
from bizops_cli.files import make_directory, write_atomically, write_secret_file


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    write_atomically(file, b"one")
    write_atomically(file, b"two", mode=0o600)
    assert file.read_bytes() == b"two"
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]


FULL = """
import resource, signal, sys
from pathlib import Path
from bizops_cli.errors import BizopsError
from bizops_cli.files import write_atomically
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_atomically(Path(sys.argv[1]), b"x" * 5000)
except BizopsError as error:
    print(error.message, "|", error.next_step)
"""


def test_when_nothing_more_fits_the_old_file_stays(tmp_path: Path) -> None:
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    file = tmp_path / "run.json"
    file.write_bytes(b"old")

    done = subprocess.run(
        [sys.executable, "-c", FULL, file], capture_output=True, text=True, check=True
    )

    assert f"{file} cannot be written" in done.stdout
    assert "Free some space" in done.stdout
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_secret_file_never_follows_a_link_nor_takes_a_file_over(
    tmp_path: Path,
) -> None:
    victim = tmp_path / "victim"
    link = tmp_path / "link"
    link.symlink_to(victim)
    for file in (link, tmp_path / "there"):
        if file != link:
            file.write_text("old")
        with pytest.raises(BizopsError, match="cannot be written"):
            write_secret_file(file, b"secret")
    assert not victim.exists()


def test_a_secret_file_is_closed_to_others_whatever_the_umask(tmp_path: Path) -> None:
    umask = os.umask(0)
    try:
        write_secret_file(tmp_path / "x", b"secret")
        make_directory(tmp_path / "d", mode=0o700)
    finally:
        os.umask(umask)
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "d").stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BizopsError, match="cannot be written"):
        make_directory(tmp_path / "file" / "below")
    with pytest.raises(BizopsError, match="cannot be written"):
        write_atomically(Path("/dev/full/x"), b"")
