"""The log of an unexpected error: a traceback without the values of variables."""

from __future__ import annotations

import contextlib
import platform
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path

from bizops_cli import __version__
from bizops_cli.errors import BizopsError
from bizops_cli.files import make_directory, write_secret_file
from bizops_cli.redact import redact


def write_crash_log(error: BaseException, *, project_directory: Path | None) -> Path:
    """Write the traceback, redacted, and return the file.

    It goes to `.bizops/logs` of the project; where there is none, or no right to
    write, to the system's temporary folder.

    Raises:
        BizopsError: It cannot be written anywhere.
    """
    name = f"crash-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.log"
    text = "".join(traceback.format_exception(error))
    head = f"bizops {__version__}, Python {platform.python_version()}, "
    head += f"{platform.platform()}\n"
    data = redact(head + text).encode()
    if project_directory is not None:
        with contextlib.suppress(BizopsError):
            file = project_directory / ".bizops" / "logs" / name
            make_directory(file.parent)
            write_secret_file(file, data)
            return file
    file = Path(tempfile.gettempdir(), name)
    write_secret_file(file, data)
    return file
