"""Tables beside the metrics: credit by touch, responses, true effects, expectations."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from bizops_sandbox.projections.salesforce_ids import salesforce_id
from bizops_sandbox.truth import attribution
from bizops_sandbox.truth.cells import decimal_text
from bizops_sandbox.truth.opportunities import UNATTRIBUTED
from bizops_sandbox.truth.path_models import PATH_MODELS
from bizops_sandbox.world import events as log
from bizops_sandbox.world.audience import sign_up_rates
from bizops_sandbox.world.log import events_until
from bizops_sandbox.world.moments import day_end

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bizops_sandbox.truth.known import Known
    from bizops_sandbox.world.parameters import Parameters

Cells = tuple[object, ...]
_YEARS = 10


def _credit_rows(known: Known) -> Iterator[Cells]:
    """Who gets what of each order by each model that the reader has."""
    campaigns = known.facts.campaigns
    models = list(attribution.MODELS)
    if "models" in known.sources:
        models += PATH_MODELS
    for model in models:
        for credit in known.credits(model):
            touch = credit.touch
            channel = UNATTRIBUTED
            if touch is not None:
                channel = campaigns[touch.campaign_key].channel
            yield (
                salesforce_id("Opportunity", credit.counted.deal.key),
                model,
                "" if touch is None else touch.member_id,
                "" if touch is None else salesforce_id("Campaign", touch.campaign_key),
                channel,
                decimal_text(credit.weight),
                decimal_text(credit.weight * credit.counted.iacv),
            )


def _response_rows(known: Known) -> Iterator[Cells]:
    """Every response of a person to a campaign, whichever system recorded it."""
    # A person may respond hours before the campaign is set up in the CRM.
    campaigns = known.facts.campaigns
    for event in events_until(known.events, day_end(known.as_of), log.TouchMade):
        if isinstance(event, log.TouchMade):
            campaign = campaigns.get(event.campaign_key)
            yield (
                event.person_key,
                salesforce_id("Campaign", event.campaign_key),
                "" if campaign is None else campaign.channel,
                event.kind,
                event.asset,
                event.ad_key or "",
                f"{event.at:%Y-%m-%dT%H:%M:%SZ}",
            )


def _effect_rows(params: Parameters) -> Iterator[Cells]:
    """What each channel truly does: to the chance to win, and to sign-ups by ads."""
    for channel in params.channels:
        own, with_ads = sign_up_rates(channel)
        yield (
            channel.name,
            channel.kind,
            channel.hazard_multiplier,
            decimal_text(Fraction(channel.leads_per_usd())),
            own if channel.kind == "ad" else "",
            with_ads if channel.kind == "ad" else "",
        )


def _stays(a: int, b: int) -> list[Fraction]:
    """The share that is still there after each yearly renewal, Beta(a, b) churn."""
    shares, share = [], Fraction(1)
    for term in range(1, _YEARS + 1):
        share *= Fraction(b + term - 1, a + b + term - 1)
        shares.append(share)
    return shares


def _expectation_rows(params: Parameters) -> Iterator[Cells]:
    """How long customers of a segment stay, by the propensities they are made with."""
    for segment in params.segments:
        a, b = segment.churn_a, segment.churn_b
        stays = _stays(a, b)
        expected = Fraction(a + b - 1, a - 1) if a > 1 else None
        yield (
            segment.name,
            a,
            b,
            decimal_text(Fraction(a, a + b)),
            decimal_text(expected),
            decimal_text(1 + sum(stays, Fraction(0))),
            *(decimal_text(share) for share in stays[:3]),
        )


_ATTRIBUTION = (
    "opportunity_id",
    "model",
    "source_id",
    "campaign_id",
    "channel",
    "weight",
    "iacv",
)
_RESPONSES = (
    "true_person",
    "campaign_id",
    "channel",
    "kind",
    "asset",
    "ad_key",
    "responded_at",
)
_CHANNEL_EFFECTS = (
    "channel",
    "kind",
    "win_multiplier",
    "leads_per_usd",
    "weekly_sign_ups_without_ads",
    "weekly_sign_ups_with_ads",
)
_LTV_EXPECTATION = (
    "segment",
    "churn_a",
    "churn_b",
    "first_renewal_churn",
    "expected_terms",
    "expected_terms_of_ten_renewals",
    "stays_1",
    "stays_2",
    "stays_3",
)


def extra_tables(
    known: Known,
) -> Mapping[str, tuple[Sequence[str], Iterable[Cells]]]:
    """Columns and rows by the name of the file."""
    return {
        "attribution": (_ATTRIBUTION, _credit_rows(known)),
        "responses": (_RESPONSES, _response_rows(known)),
        "channel_effects": (_CHANNEL_EFFECTS, _effect_rows(known.params)),
        "ltv_expectation": (_LTV_EXPECTATION, _expectation_rows(known.params)),
    }
