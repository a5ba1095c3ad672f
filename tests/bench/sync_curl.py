"""Downloading many URLs with curl, eight at once."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from tests.bench.measuring import Command
from tests.bench.sync_asking import AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


def make_download(
    urls: Sequence[tuple[str, bool]], headers: Mapping[str, str], folder: Path
) -> Command:
    """Return how curl gets URLs into the files of a folder.

    Args:
        urls: Each with whether the answer may be compressed.
        headers: Of all requests.
        folder: Where the answers go; what is in it is removed.

    Raises:
        RuntimeError: curl is not there.
    """
    program = shutil.which("curl")
    if program is None:
        raise RuntimeError("curl is not installed")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    lines: list[str] = []
    for is_packed in (True, False):
        some = [url for url, packed in urls if packed is is_packed]
        if not some:
            continue
        lines += ["next"] if lines else []
        lines += [f'header = "{name}: {value}"' for name, value in headers.items()]
        lines += ["fail", *(["compressed"] if is_packed else [])]
        for number, url in enumerate(some):
            file = folder / f"{'packed' if is_packed else 'plain'}-{number}"
            lines += [f'url = "{url}"', f'output = "{file}"']
    config = folder.with_suffix(".curl")
    config.touch(mode=0o600)
    config.write_text("\n".join(lines), "utf-8")
    flags = ("--silent", "--show-error", "--globoff", "--parallel")
    most = ("--parallel-immediate", "--parallel-max", str(AT_ONCE))
    return Command((program, *flags, *most, "--config", config))
