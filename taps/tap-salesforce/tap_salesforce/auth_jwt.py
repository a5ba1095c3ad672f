"""The assertion of the OAuth JWT bearer flow (RS256)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from reading_kit.endpoints import is_loopback
from reading_kit.errors import SettingsError
from tap_salesforce.settings import DEFAULT_LOGIN_URL, SANDBOX_LOGIN_URL

if TYPE_CHECKING:
    from tap_salesforce.settings import Credentials

#: Salesforce takes assertions that end within five minutes.
LIFETIME_S = 180


def choose_audience(login_url: str) -> str:
    """Give the ``aud`` claim: the login host; for a My Domain, the one behind it."""
    if login_url in {DEFAULT_LOGIN_URL, SANDBOX_LOGIN_URL} or is_loopback(login_url):
        return login_url
    is_sandbox = ".sandbox." in login_url or "--" in login_url
    return SANDBOX_LOGIN_URL if is_sandbox else DEFAULT_LOGIN_URL


def read_private_key(credentials: Credentials) -> str:
    r"""Give the PEM text, from the setting or its file; ``\n`` becomes a newline.

    Raises:
        SettingsError: the file cannot be read.
    """
    if credentials.private_key:
        return credentials.private_key.replace("\\n", "\n")
    path = Path(credentials.private_key_path or "")
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not a PEM file"
        raise SettingsError(f"private_key_path: {path}: {reason}") from None


def build_assertion(credentials: Credentials, *, now_s: float) -> str:
    """Build and sign the assertion, valid for three minutes from ``now_s``.

    Raises:
        SettingsError: the key is not a usable RSA key.
    """
    try:
        import jwt
    except ImportError:
        msg = "the JWT flow needs the packages pyjwt and cryptography"
        raise SettingsError(msg) from None
    claims = {
        "iss": credentials.client_id,
        "sub": credentials.username,
        "aud": choose_audience(credentials.login_url),
        "exp": int(now_s) + LIFETIME_S,
    }
    try:
        return jwt.encode(claims, read_private_key(credentials), algorithm="RS256")
    except (ValueError, TypeError, jwt.PyJWTError):
        # The library's message may quote the key.
        msg = "private_key: not an unencrypted RSA key in PEM form"
        raise SettingsError(msg) from None
