"""Start a plugin so that it dies with bizops; run as a script, imports no package.

usage: launch.py PARENT_PID EXECUTABLE [ARGUMENT...]
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
EXIT_CANNOT_START = 127


def main() -> None:
    """Ask the kernel to kill this process with its parent, then become the plugin."""
    parent = int(sys.argv[1])
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before the call above
        os._exit(EXIT_CANNOT_START)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python had it ignored
    try:
        os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606
    except OSError as error:
        sys.stderr.write(f"{sys.argv[2]} cannot be started: {error.strerror}\n")
        os._exit(EXIT_CANNOT_START)


if __name__ == "__main__":
    main()
