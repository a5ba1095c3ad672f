"""Addresses in settings: https, and plain http for this very machine only."""

from __future__ import annotations

from urllib.parse import urlsplit

from reading_kit.errors import SettingsError


def is_loopback(url: str) -> bool:
    """Tell whether a URL points to this very machine."""
    host = urlsplit(url).hostname or ""
    return host in {"localhost", "::1"} or host.startswith("127.")


def check_endpoint(
    url: str, *, name: str, example: str = "https://example.com", has_path: bool = False
) -> str:
    """Give a base URL without a trailing slash, or refuse it.

    Args:
        url: What the setting holds.
        name: Name of the setting.
        example: A good value of the setting, for the message.
        has_path: Whether a path may follow host and port.

    Raises:
        SettingsError: not https (plain http is for loopback addresses only), or
            more than scheme, host and port.
    """
    parts = urlsplit(url.strip().rstrip("/"))
    path = parts.path if has_path else ""
    if (
        parts.username
        or parts.password
        or parts.path != path
        or parts.query
        or parts.fragment
    ):
        what = "scheme, host and path" if has_path else "scheme and host"
        msg = f"{name}: give {what} only, e.g. {example}"
        raise SettingsError(msg)
    if parts.hostname and (
        parts.scheme == "https" or (parts.scheme == "http" and is_loopback(url))
    ):
        return f"{parts.scheme}://{parts.netloc}{path}"
    msg = f"{name}: {url!r} must begin with https:// (http:// is for loopback only)"
    raise SettingsError(msg)
