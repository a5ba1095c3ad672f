"""Debian's buildah, as much of an engine as there is without one."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

BASE = "localhost/bizops-base"
IMAGE = "localhost/bizops"
ROOT = Path(__file__).parents[2]
_CERTIFICATES = "/etc/ssl/certs"


@dataclass(frozen=True, slots=True)
class Engine:
    """buildah with all it keeps in one folder.

    Attributes:
        directory: Where images and containers lie; some five GB.
    """

    directory: Path

    def buildah(self, *words: str, quiet: bool = True) -> str:
        """Run buildah and give what it prints.

        Raises:
            SystemExit: It failed.
        """
        ended = subprocess.run(
            self._command(*words),
            env=self._environment(),
            stdout=subprocess.PIPE if quiet else None,
            text=True,
            check=False,
        )
        if ended.returncode:
            raise SystemExit(f"buildah {words[0]} ended with {ended.returncode}")
        return (ended.stdout or "").strip()

    def make_base(self, suite: str) -> None:
        """Make a base image of Debian, unless it is there."""
        if self.buildah("images", "--quiet", "--filter", f"reference={BASE}"):
            return
        root = self.directory / "rootfs"
        subprocess.run(
            ["debootstrap", "--variant=minbase", suite, root, *_mirror()],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        container = self.buildah("from", "scratch")
        self.buildah("copy", "--quiet", container, str(root), "/")
        self.buildah("commit", "--quiet", "--rm", container, BASE)

    def build(self, scale: str) -> None:
        """Build the image from what is committed."""
        context = self.directory / "context"
        context.mkdir(exist_ok=True)
        archive = subprocess.run(
            ["git", "archive", "HEAD"], cwd=ROOT, stdout=subprocess.PIPE, check=True
        )
        subprocess.run(["tar", "x", "-C", context], input=archive.stdout, check=True)
        self.buildah(
            *("bud", "--isolation", "chroot", "--format", "docker", "--pull-never"),
            *("--build-arg", f"BASE={BASE}", "--build-arg", f"SCALE={scale}"),
            *("--volume", f"{_CERTIFICATES}:{_CERTIFICATES}:ro", "--tag", IMAGE),
            str(context),
            quiet=False,
        )

    def start(self, container: str, log: Path, *words: str) -> subprocess.Popen[bytes]:
        """Run a command in a container, and leave it running."""
        return subprocess.Popen(
            self._command("run", "--isolation", "chroot", container, *words),
            env=self._environment(),
            stdout=log.open("ab"),
            stderr=subprocess.STDOUT,
        )

    def run(self, container: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command in a container to its end."""
        return subprocess.run(
            self._command("run", "--isolation", "chroot", container, *words),
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
        )

    def _command(self, *words: str) -> list[str]:
        places = ["--root", f"{self.directory}/storage"]
        places += ["--runroot", f"{self.directory}/run"]
        return ["buildah", *places, *words]

    def _environment(self) -> dict[str, str]:
        own = {"STORAGE_DRIVER": "vfs", "BUILDAH_ISOLATION": "chroot"}
        return {**os.environ, **own}


def _mirror() -> list[str]:
    given = os.environ.get("BIZOPS_DEBIAN_MIRROR")
    return [given] if given else []
