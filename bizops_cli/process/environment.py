"""The variables a plugin sees: an allow-list, never this process's own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_ALLOWED = frozenset(
    {
        *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR"),
        *("TZ", "LANG", "LANGUAGE"),
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
        *("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY", "NO_PROXY"),
        *("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"),
        "BIZOPS_FAULT",  # where target-postgres breaks, in fault tests
    }
)


def plugin_environment(
    own: Mapping[str, str], *, environ: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the variables for a plugin.

    Args:
        own: The plugin's own variables, such as `TAP_X_START_DATE`.
        environ: Instead of this process's variables.
    """
    source = os.environ if environ is None else environ
    allowed = {
        name: value
        for name, value in source.items()
        if name.upper() in _ALLOWED or name.startswith("LC_")
    }
    return {**allowed, **own}


def installer_environment(
    *, environ: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the variables for uv and pip: those of a plugin, and their own.

    uv trusts the system's certificates unless told otherwise, as pip does.
    """
    source = os.environ if environ is None else environ
    own = {
        name: value
        for name, value in source.items()
        if name.startswith(("UV_", "PIP_", "GIT_", "XDG_")) or name == "SSH_AUTH_SOCK"
    }
    return plugin_environment({"UV_SYSTEM_CERTS": "1", **own}, environ=environ)
