"""Telling somebody about a run: a command that reads it, or a web address."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bizops_cli.errors import BizopsError, ConfigError, UnreachableError
from bizops_cli.redact import redact

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

TIMEOUT_S = 30.0
_TRIES = 2


def run_command(
    arguments: Sequence[str],
    message: Mapping[str, Any],
    *,
    directory: Path,
    variables: Mapping[str, str],
) -> None:
    """Run a command with the message as JSON on its stdin.

    Raises:
        ConfigError: It cannot be started.
        BizopsError: It failed, or took longer than half a minute.
    """
    try:
        ended = subprocess.run(
            list(arguments),
            input=json.dumps(message).encode(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=directory,
            env=dict(variables),
            timeout=TIMEOUT_S,
            check=False,
        )
    except OSError as error:
        raise ConfigError(
            f"{arguments[0]} cannot be started: {error.strerror}",
            "Correct `notify:` in bizops.yml.",
        ) from error
    except subprocess.TimeoutExpired as error:
        raise BizopsError(
            f"{arguments[0]} took longer than {TIMEOUT_S:.0f} s"
        ) from error
    if ended.returncode:
        lines = ended.stderr.decode("utf-8", "replace").strip().splitlines()
        said = f": {redact(lines[-1])}" if lines else ""
        raise BizopsError(
            f"{arguments[0]} ended with exit status {ended.returncode}{said}"
        )


def post(address: str, message: Mapping[str, Any]) -> None:
    """Send the message as JSON to a web address; tried twice.

    Raises:
        ConfigError: The address is none of http or https.
        UnreachableError: Nobody took it.
    """
    import http.client
    from urllib.error import HTTPError, URLError
    from urllib.request import Request, urlopen

    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"}:
        raise ConfigError(
            "a webhook is an http or https address", "Correct `notify:` in bizops.yml."
        )
    request = Request(  # noqa: S310 (its scheme has been checked)
        address,
        data=json.dumps(message).encode(),
        headers={"Content-Type": "application/json", "User-Agent": "bizops"},
    )
    problem = ""
    for _ in range(_TRIES):
        try:
            with urlopen(request, timeout=TIMEOUT_S):  # noqa: S310 (as above)
                return
        except HTTPError as error:
            problem = f"it answered {error.code}"
        except (URLError, http.client.HTTPException, OSError) as error:
            problem = str(getattr(error, "reason", None) or type(error).__name__)
    # The path of a webhook is its password.
    raise UnreachableError(
        f"the webhook at {parts.hostname} took no message: {problem}"
    )
