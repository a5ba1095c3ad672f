"""The SOAP login of the user name and password flow."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from tap_salesforce.settings import Credentials

_ENVELOPE = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/">'
    '<env:Body><n1:login xmlns:n1="urn:partner.soap.sforce.com">'
    "<n1:username>{username}</n1:username><n1:password>{password}</n1:password>"
    "</n1:login></env:Body></env:Envelope>"
)
_LONGEST_ANSWER_BYTES = 1_000_000


def build_login_envelope(credentials: Credentials) -> bytes:
    """Write the request; the security token follows the password."""
    password = f"{credentials.password or ''}{credentials.security_token or ''}"
    return _ENVELOPE.format(
        username=escape(credentials.username or ""), password=escape(password)
    ).encode()


def read_login_answer(body: bytes) -> tuple[str, str] | None:
    """Give session id and data host; the host is the server's without ``-api``."""
    values = _leaf_texts(body)
    if not values.get("sessionId") or not values.get("serverUrl"):
        return None
    parts = urlsplit(values["serverUrl"])
    host = parts.netloc.replace("-api.", ".", 1)
    return values["sessionId"], f"{parts.scheme}://{host}"


def _leaf_texts(body: bytes) -> dict[str, str]:
    if len(body) > _LONGEST_ANSWER_BYTES:
        return {}
    try:
        # Expat bounds entity expansion, and the answer is bounded above.
        root = ElementTree.fromstring(body)  # noqa: S314
    except ElementTree.ParseError:
        return {}
    return {
        node.tag.rpartition("}")[2]: (node.text or "").strip()
        for node in root.iter()
        if len(node) == 0
    }
