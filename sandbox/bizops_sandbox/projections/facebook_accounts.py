"""The company's two ad accounts, and which campaign runs in which."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bizops_sandbox.projections.facebook_business import AdAccount
from bizops_sandbox.projections.facebook_ids import ACCOUNT_IDS, PAGE_IDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from bizops_sandbox.world.parameters import Parameters

_EVERY_THIRD = 3
_FOREIGN = "EUR"
_ZONES = {
    -8: "America/Los_Angeles",
    -6: "America/Chicago",
    -5: "America/New_York",
    0: "Europe/London",
}


def make_accounts(params: Parameters) -> dict[str, AdAccount]:
    """The accounts by the keys `us` and `emea`."""
    foreign = {item.code for item in params.currencies} & {_FOREIGN}
    return {
        "us": AdAccount(
            id=ACCOUNT_IDS["us"],
            page_id=PAGE_IDS["us"],
            name="Acme US",
            currency="USD",
            timezone_name=zone_name(params.noise.tz_offset_hours),
        ),
        "emea": AdAccount(
            id=ACCOUNT_IDS["emea"],
            page_id=PAGE_IDS["emea"],
            name="Acme EMEA",
            currency=_FOREIGN if foreign else "USD",
            timezone_name="Europe/Berlin",
        ),
    }


def zone_name(offset_hours: int) -> str:
    """A zone of this standard offset; the signs of Etc/GMT zones are turned round."""
    return _ZONES.get(offset_hours, f"Etc/GMT{-offset_hours:+d}")


def accounts_of_campaigns(
    campaign_keys: Iterable[str], accounts: Mapping[str, AdAccount]
) -> dict[str, AdAccount]:
    """The account of each campaign: every third one in order of planning is EMEA's."""
    return {
        key: accounts["emea" if number % _EVERY_THIRD == 1 else "us"]
        for number, key in enumerate(campaign_keys)
    }


def local_text(moment: datetime, account: AdAccount) -> str:
    """A date-time as the API writes it: `2018-01-31T15:59:59-0800`."""
    return moment.astimezone(account.zone).strftime("%Y-%m-%dT%H:%M:%S%z")


def local_midnight(day: date, account: AdAccount) -> datetime:
    """The first moment of a day in the account's zone."""
    return datetime(day.year, day.month, day.day, tzinfo=account.zone)


def local_day_end(day: date, account: AdAccount) -> datetime:
    """The last second of a day in the account's zone."""
    return local_midnight(day + timedelta(days=1), account) - timedelta(seconds=1)
