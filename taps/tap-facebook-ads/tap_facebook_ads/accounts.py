"""Ad accounts: their time zone decides what a day is."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from reading_kit.errors import CredentialsError, SettingsError
from tap_facebook_ads.problems import Cause, GraphError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from tap_facebook_ads.client import GraphClient

logger = logging.getLogger(__name__)

_CHECKED_FIELDS = "id,account_id,name,currency,timezone_name,account_status"
_ACTIVE = 1
_STATUSES = {
    2: "disabled",
    3: "unsettled",
    7: "pending risk review",
    8: "pending settlement",
    9: "in grace period",
    100: "pending closure",
    101: "closed",
}


@dataclass(frozen=True, slots=True)
class AdAccount:
    """An account that can be read.

    Attributes:
        id: Its digits, without ``act_``.
        zone: The zone its days are days of.
    """

    id: str
    zone: ZoneInfo

    @property
    def node(self) -> str:
        """Give the account as paths name it."""
        return f"act_{self.id}"

    def day_of(self, moment: datetime) -> date:
        """Give the account's day at an instant."""
        return moment.astimezone(self.zone).date()


def check_accounts(client: GraphClient, ids: Iterable[str]) -> tuple[AdAccount, ...]:
    """Look each account up once.

    Raises:
        SettingsError: there is no such account, for this token.
        CredentialsError: the token may not read it.
    """
    return tuple(_check_account(client, each) for each in ids)


def _check_account(client: GraphClient, account_id: str) -> AdAccount:
    try:
        found = client.get_json(f"act_{account_id}", {"fields": _CHECKED_FIELDS})
    except GraphError as error:
        if error.cause is Cause.MISSING:
            msg = (
                f"account_id: there is no ad account {account_id}, or the token may "
                f"not see it: {error}"
            )
            raise SettingsError(msg) from None
        if error.cause is Cause.PERMISSION:
            raise permission_error(account_id, error) from None
        raise
    _warn_of_status(account_id, found)
    return AdAccount(account_id, _read_zone(account_id, found))


def permission_error(account_id: str, error: GraphError) -> CredentialsError:
    """Give the error of a token that may not read an account."""
    msg = (
        f"account {account_id}: the token needs the permission ads_read (or "
        f"ads_management) and the account has to be assigned to its user: {error}"
    )
    return CredentialsError(msg)


def _warn_of_status(account_id: str, found: Mapping[str, Any]) -> None:
    status = found.get("account_status")
    if isinstance(status, int) and status != _ACTIVE:
        words = _STATUSES.get(status, f"in status {status}")
        logger.warning("account %s is %s; it is read all the same", account_id, words)


def _read_zone(account_id: str, found: Mapping[str, Any]) -> ZoneInfo:
    name = found.get("timezone_name")
    try:
        return ZoneInfo(str(name))
    except (ValueError, ZoneInfoNotFoundError):
        logger.warning(
            "account %s: time zone %s is not known; days are taken as UTC's",
            account_id,
            name,
        )
        return ZoneInfo("UTC")
