"""The `actions` of a report's row: what people did, counted by attribution window."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from bizops_sandbox.servers.facebook.breakdowns import stable_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bizops_sandbox.projections.facebook_business import Conversion
    from bizops_sandbox.servers.facebook.breakdowns import Amounts
    from bizops_sandbox.servers.facebook.settings import Settings

LEAD = "lead"
ONSITE_LEAD = "onsite_conversion.lead_grouped"
PIXEL_LEAD = "offsite_conversion.fb_pixel_lead"
LANDING = "landing_page_view"
_CLICK_WINDOWS = {"1d_click": 1, "7d_click": 7, "28d_click": 28}
# These windows are taken in a request, and their values are null, since January 2026.
_STOPPED_WINDOWS = frozenset({"7d_view", "28d_view"})
_DEVICES = ("iphone", "android_smartphone", "desktop")
_SIX_DIGITS = Decimal("0.000001")

_Key = tuple[str, str]


@dataclass(slots=True)
class ActionSums:
    """Counts (and money) of actions by type and device, in all and by window."""

    value: dict[_Key, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    by_window: dict[tuple[_Key, str], Decimal] = field(
        default_factory=lambda: defaultdict(Decimal)
    )

    def add(self, key: _Key, amount: Decimal, windows: Iterable[str]) -> None:
        """Count an action into the windows it falls in."""
        # The default setting: seven days after a click, one after a view.
        if {"7d_click", "1d_view"} & set(windows):
            self.value[key] += amount
        for window in windows:
            self.by_window[key, window] += amount

    def keys(self) -> list[_Key]:
        """Types and devices with anything counted, in order."""
        counted = {key for key, amount in self.value.items() if amount}
        counted |= {key for (key, _), amount in self.by_window.items() if amount}
        return sorted(counted)


def windows_of(conversion: Conversion) -> tuple[str, ...]:
    """The attribution windows a conversion falls in."""
    if conversion.is_view:
        return ("1d_view",)
    return tuple(
        name for name, days in _CLICK_WINDOWS.items() if conversion.delay_days <= days
    )


def count_actions(
    amounts: Amounts,
    conversions: Sequence[Conversion],
    *,
    with_devices: bool,
    settings: Settings,
    has_offsite: bool,
) -> tuple[ActionSums, ActionSums]:
    """The counts of a row's actions, and the money of those that have a value."""
    counts, money = ActionSums(), ActionSums()
    _count_clicks(counts, amounts, with_devices=with_devices, has_offsite=has_offsite)
    for conversion in conversions:
        if not conversion.is_onsite and not has_offsite:
            continue
        device = _device(conversion) if with_devices else ""
        windows = windows_of(conversion)
        part = ONSITE_LEAD if conversion.is_onsite else PIXEL_LEAD
        kinds = [part, LEAD] if settings.has_lead_total else [part]
        for kind in kinds:
            counts.add((kind, device), Decimal(1), windows)
            if not conversion.is_onsite:
                money.add((kind, device), conversion.value, windows)
    return counts, money


def _count_clicks(
    counts: ActionSums, amounts: Amounts, *, with_devices: bool, has_offsite: bool
) -> None:
    totals = {
        "link_click": amounts.link_clicks,
        "page_engagement": amounts.engagements,
        "post_engagement": amounts.engagements,
    }
    if has_offsite:
        totals[LANDING] = amounts.landing_views
    for kind, total in totals.items():
        for device, count in _by_device(total, with_devices=with_devices):
            counts.add((kind, device), Decimal(count), tuple(_CLICK_WINDOWS))


def _by_device(total: int, *, with_devices: bool) -> list[tuple[str, int]]:
    if not with_devices:
        return [("", total)]
    phones = [total * 4 // 10, total * 35 // 100]
    return list(zip(_DEVICES, [*phones, total - sum(phones)], strict=True))


def _device(conversion: Conversion) -> str:
    number = stable_number(conversion.ad_id, conversion.converted_on, conversion.value)
    return _DEVICES[number % len(_DEVICES)]


def action_list(
    sums: ActionSums, windows: Sequence[str], *, divided_by: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The sums as the API lists them; `divided_by` maps extra keys to a value.

    An empty value in it stands for the action's device.
    """
    entries = []
    for key in sums.keys():  # noqa: SIM118 - not a mapping
        kind, device = key
        entry: dict[str, Any] = {"action_type": kind}
        for name, value in divided_by.items():
            entry[name] = value or device
        entry["value"] = plain(sums.value[key])
        entry.update(_windows(sums, key, windows))
        entries.append(entry)
    return entries


def _windows(sums: ActionSums, key: _Key, windows: Sequence[str]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for window in windows:
        if window in _STOPPED_WINDOWS:
            shown[window] = None
        elif window == "default":
            shown[window] = plain(sums.value[key])
        elif window == "dda":
            shown[window] = plain(sums.by_window[key, "7d_click"])
        elif sums.by_window[key, window]:
            shown[window] = plain(sums.by_window[key, window])
    return shown


def cost_list(
    sums: ActionSums, spend: Decimal, windows: Sequence[str]
) -> list[dict[str, Any]]:
    """What an action of each type cost."""
    entries = []
    for key in sums.keys():  # noqa: SIM118 - not a mapping
        if not sums.value[key]:
            continue
        entry: dict[str, Any] = {"action_type": key[0]}
        entry["value"] = ratio(spend, sums.value[key])
        for window in windows:
            count = sums.by_window[key, window]
            if count:
                entry[window] = ratio(spend, count)
        entries.append(entry)
    return entries


def plain(amount: Decimal) -> str:
    """A number as text without an exponent or zeros at its end."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def ratio(amount: Decimal, by: Decimal | int) -> str:
    """A quotient with at most six digits after the point."""
    quotient = Decimal(amount) / Decimal(by)
    return plain(quotient.quantize(_SIX_DIGITS, ROUND_HALF_UP))
