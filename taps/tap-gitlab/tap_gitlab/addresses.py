"""Addresses of an instance, its resources and its pages. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from reading_kit.endpoints import check_endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping

_API_PATH = "/api/v4"
_NEXT = re.compile(r';\s*rel=(?:"(?:[^"]*\s)?next(?:\s[^"]*)?"|next(?![^\s;,]))')
_EXAMPLE = "https://gitlab.example.com"


def normalize_api_url(given: str, *, name: str = "api_url") -> str:
    """Give the base URL of the API: ``https://host[/sub/path]/api/v4``.

    Old configs end in ``/api/v3``, which no supported instance has: v4 is meant.

    Raises:
        SettingsError: it cannot be used as an address.
    """
    url = given.strip().rstrip("/")
    if "://" not in url:
        url = f"https://{url}"
    url = check_endpoint(url, name=name, example=_EXAMPLE, has_path=True)
    return re.sub(r"(/api/v[34])?$", _API_PATH, url, count=1)


def site_url(api_url: str) -> str:
    """Give the address of the instance itself, where OAuth tokens are given."""
    return re.sub(r"/api/v\d+$", "", api_url)


def host_of(url: str) -> str:
    """Give host and port."""
    return urlsplit(url).netloc


def encode_id(identity: str | int) -> str:
    """Give an id or a full path as one segment of a path."""
    return quote(str(identity), safe="")


def make_url(base_url: str, path: str, params: Mapping[str, str]) -> str:
    """Give the URL of a resource.

    Every character of a value that could be mistaken is encoded: the ``+`` of a time
    zone would arrive as a space.
    """
    query = urlencode(params, quote_via=quote, safe="")
    return f"{base_url}{path}?{query}" if query else f"{base_url}{path}"


def next_url(link: str, *, current: str) -> str:
    """Give the address of the next page as a ``Link`` header names it.

    A link that leads to another origin comes from behind a proxy: only its query
    counts, so that the token never goes elsewhere.
    """
    parts, ours = urlsplit(link), urlsplit(current)
    if (parts.scheme, parts.netloc) == (ours.scheme, ours.netloc):
        return link
    return ours._replace(query=parts.query).geturl()


def find_next_link(header: str) -> str | None:
    """Give the target of ``rel="next"`` in a ``Link`` header (RFC 8288)."""
    for target, parameters in re.findall(r"<([^>]*)>([^<]*)", header):
        if _NEXT.search(parameters):
            return str(target)
    return None


def _params(url: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(url).query, keep_blank_values=True)


def with_params(url: str, changed: Mapping[str, str]) -> str:
    """Give a URL with some query parameters changed."""
    parts = urlsplit(url)
    kept = [(k, v) for k, v in _params(url) if k not in changed]
    query = urlencode([*kept, *changed.items()], quote_via=quote, safe="")
    return parts._replace(query=query).geturl()


def with_page_rows(url: str, rows: int) -> str:
    """Give the URL of the same place in a list, by pages of fewer rows.

    The row a numbered page begins with stays the same: pages are only ever halved.
    """
    params = dict(_params(url))
    changed = {"per_page": str(rows)}
    if "page" in params and "per_page" in params:
        start = (int(params["page"]) - 1) * int(params["per_page"])
        changed["page"] = str(start // rows + 1)
    return with_params(url, changed)


def without_param(url: str, name: str) -> str:
    """Give a URL without a query parameter."""
    parts = urlsplit(url)
    kept = [(k, v) for k, v in _params(url) if k != name]
    return parts._replace(query=urlencode(kept, quote_via=quote, safe="")).geturl()
