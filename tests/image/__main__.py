"""Builds the image, runs it, and holds it to what doc/display.md promises of it."""

from __future__ import annotations

import argparse
import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.image.engine import IMAGE, Engine

if TYPE_CHECKING:
    from collections.abc import Sequence

START_TIMEOUT_S = 400
STOP_TIMEOUT_S = 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Do it all; return 0 if every promise was kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.image")
    parser.add_argument("--scale", default="tiny", help="of the sample company in it")
    parser.add_argument("--suite", default="bookworm", help="of Debian, for the base")
    parser.add_argument("--keep", type=Path, help="folder to work in and leave there")
    parser.add_argument("--no-build", action="store_true", help="run what --keep has")
    chosen = parser.parse_args(arguments)
    for program in ("buildah", "debootstrap", "git"):
        if shutil.which(program) is None:
            sys.stderr.write(f"{program} is needed: apt-get install {program}\n")
            return 2
    if chosen.keep:
        chosen.keep.mkdir(parents=True, exist_ok=True)
        engine = Engine(chosen.keep.resolve())
        if not chosen.no_build:
            _build(engine, chosen.scale, chosen.suite)
        return _try_image(engine)
    with tempfile.TemporaryDirectory(prefix="bizops-image-") as folder:
        engine = Engine(Path(folder))
        _build(engine, chosen.scale, chosen.suite)
        return _try_image(engine)


def _build(engine: Engine, scale: str, suite: str) -> None:
    engine.make_base(suite)
    engine.build(scale)


def _try_image(engine: Engine) -> int:
    port = _free_port()
    container = engine.buildah("from", "--pull-never", IMAGE)
    log = engine.directory / "container.log"
    log.unlink(missing_ok=True)
    kept = [
        _promise("runs as an ordinary user", _is_ordinary(engine, container)),
        _promise("holds no secret", _has_no_secret(engine, container)),
    ]
    for attempt in ("first", "second"):
        serving = engine.start(
            container,
            log,
            "env",
            f"BIZOPS_DISPLAY_PORT={port}",
            "bizops-image",
            "serve",
        )
        try:
            started = _comes_up(engine, container, serving)
            kept.append(
                _promise(f"lets the administrator in, {attempt} start", started)
            )
        finally:
            stopped = _stops(serving)
        kept.append(_promise(f"stops when told to, {attempt} time", stopped))
    told = len(re.findall("told only now", log.read_text("utf-8", "replace")))
    kept.append(_promise("tells the made password once", told == 1))
    return 0 if all(kept) else 1


def _free_port() -> int:
    """Give a port nobody has: the container is on this machine's network."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def _promise(what: str, is_kept: bool) -> bool:
    sys.stdout.write(f"{'kept  ' if is_kept else 'BROKEN'}  the image {what}\n")
    sys.stdout.flush()
    return is_kept


def _is_ordinary(engine: Engine, container: str) -> bool:
    return engine.run(container, "id", "-u").stdout.strip() == "1000"


def _has_no_secret(engine: Engine, container: str) -> bool:
    files = "/project/config/bizops.conf /project/.env /project/.bizops/display"
    files += " /project/.bizops/warehouse/password"
    found = engine.run(container, "sh", "-c", f"ls -d {files} 2> /dev/null")
    return found.stdout.strip() == ""


def _comes_up(engine: Engine, container: str, serving: subprocess.Popen[bytes]) -> bool:
    deadline_s = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline_s and serving.poll() is None:
        found = engine.run(
            container, "bizops", "display", "status", "--log-in", "--json"
        )
        if found.returncode == 0:
            return bool(json.loads(found.stdout)["dashboards"])
        time.sleep(2)
    return False


def _stops(serving: subprocess.Popen[bytes]) -> bool:
    """Send what an engine sends to the first process of a container."""
    for process in _below(serving.pid):
        words = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
        if words[:1] == [b"/bin/bash"] and any(b"bizops-image" in w for w in words):
            subprocess.run(["kill", "-TERM", str(process)], check=False)
    try:
        return serving.wait(timeout=STOP_TIMEOUT_S) == 0
    except subprocess.TimeoutExpired:
        serving.kill()
        return False


def _below(parent: int) -> list[int]:
    found = []
    for children in Path(f"/proc/{parent}/task").glob("*/children"):
        for child in map(int, children.read_text().split()):
            found += [child, *_below(child)]
    return found


if __name__ == "__main__":
    sys.exit(main())
