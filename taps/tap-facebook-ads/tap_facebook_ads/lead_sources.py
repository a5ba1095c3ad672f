"""Pages and lead forms, with the tokens that may read them."""

from __future__ import annotations

import functools
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tap_facebook_ads.listing import PageWalk
from tap_facebook_ads.plain_pages import fetch_plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_facebook_ads.client import GraphClient

logger = logging.getLogger(__name__)

_PAGE_ROWS = 100


@dataclass(frozen=True, slots=True)
class LeadSource:
    """A page or a lead form; without a token of its own the settings' one counts."""

    id: str
    token: str | None = field(default=None, repr=False)


def list_pages(client: GraphClient) -> tuple[LeadSource, ...]:
    """Give the pages to read: those of the settings, or all of the token.

    Protocol: lead forms and leads may want the token of their page.

    Raises:
        GraphError: the token may not list its pages.
    """
    params = {"fields": "id,access_token"}
    rows = _rows(client, "me/accounts", params, None)
    tokens = {str(row["id"]): row.get("access_token") for row in rows}
    wanted = client.settings.page_ids or tuple(tokens)
    return tuple(LeadSource(each, tokens.get(each)) for each in wanted)


def list_forms(client: GraphClient) -> tuple[LeadSource, ...]:
    """Give the lead forms to read: those of the settings, or all of the pages.

    Raises:
        GraphError: the token may not list them.
    """
    forms = {}
    for page in list_pages(client):
        path = f"{page.id}/leadgen_forms"
        for row in _rows(client, path, {"fields": "id"}, page.token):
            forms[str(row["id"])] = LeadSource(str(row["id"]), page.token)
    wanted = client.settings.form_ids or tuple(forms)
    return tuple(forms.get(each, LeadSource(each)) for each in wanted)


def _rows(
    client: GraphClient, path: str, params: Mapping[str, str], token: str | None
) -> Iterator[Mapping[str, Any]]:
    fetch = functools.partial(fetch_plain, client, path, params, token=token)
    for answer in PageWalk(fetch, _PAGE_ROWS, path).pages():
        yield from answer.rows
