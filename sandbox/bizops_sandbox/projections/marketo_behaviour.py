"""What persons do: pages, forms, mails, scores, as the activity log tells it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from bizops_sandbox.projections.marketo_activity_types import (
    CHANGE_SCORE,
    CLICK_EMAIL,
    CLICK_LINK,
    EMAIL_BOUNCED,
    EMAIL_BOUNCED_SOFT,
    EMAIL_DELIVERED,
    FILL_OUT_FORM,
    FILL_OUT_LEAD_AD,
    OPEN_EMAIL,
    PARTNER_REFERRAL,
    SCAN_BADGE,
    SEND_EMAIL,
    VISIT_WEBPAGE,
)
from bizops_sandbox.projections.marketo_asset_rows import SITE
from bizops_sandbox.projections.marketo_assets import slug
from bizops_sandbox.projections.marketo_draws import below, is_bot_click
from bizops_sandbox.projections.marketo_leads import track_person
from bizops_sandbox.projections.marketo_state import Mark

if TYPE_CHECKING:
    from datetime import datetime

    from bizops_sandbox.projections.marketo_assets import Row
    from bizops_sandbox.projections.marketo_state import InstanceState, LeadDraft
    from bizops_sandbox.world.events import ActivityTracked, PersonScored

MAIL_LOOKAHEAD = timedelta(hours=36)
_MAIL_READ_KINDS = frozenset({"email_opened", "email_clicked"})
_POINTS = {
    "page_visited": 1,
    "email_clicked": 5,
    "form_filled": 10,
    "content_downloaded": 10,
    "ad_lead": 10,
    "badge_scanned": 10,
    "webinar_registered": 15,
    "partner_referred": 15,
}
# Before marketing qualifies a person, no behaviour alone reaches the threshold of 90.
_MOST_POINTS = 85
_SOURCES = {
    "page_visited": ("Web page visit", "Webpage visit"),
    "badge_scanned": ("List import", "Badge scans"),
    "ad_lead": ("Facebook Lead Ads", "Lead ad"),
    "partner_referred": ("List import", "Partner referrals"),
}
_AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/63.0.3239.132 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_13_3) AppleWebKit/604.5.6 (KHTML, like"
    " Gecko) Version/11.0.3 Safari/604.5.6",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 11_2_5 like Mac OS X) AppleWebKit/604.5.6"
    " (KHTML, like Gecko) Version/11.0 Mobile/15D60 Safari/604.1",
)
_DETAILS = {
    EMAIL_BOUNCED: ("1", "550 5.1.1 user unknown", "1004"),
    EMAIL_BOUNCED_SOFT: ("3", "452 4.2.2 mailbox full", "3004"),
}


def track(state: InstanceState, event: ActivityTracked) -> None:
    """A person does something the instance sees."""
    source, info = _SOURCES.get(event.kind, ("Web form fillout", "Form"))
    lead = track_person(state, event.person_key, event.at, source, info)
    told = {
        "page_visited": _visit,
        "form_filled": _fill_form,
        "content_downloaded": _download,
        "webinar_registered": _register,
        "badge_scanned": _scan_badge,
        "ad_lead": _fill_lead_ad,
        "partner_referred": _refer,
        "email_sent": _send_invitation,
        "email_opened": _open,
        "email_clicked": _click,
    }[event.kind]
    told(state, lead, event)
    points = _POINTS.get(event.kind, 0)
    if points:
        _add_points(state, lead, event.at + timedelta(seconds=1), points, event.kind)


def expect_mail(state: InstanceState, event: ActivityTracked) -> None:
    """A mail read after the instance's moment may have been sent before it."""
    lead = state.by_person.get(event.person_key)
    if lead is not None and event.kind in _MAIL_READ_KINDS:
        _deliver_before(state, lead, event)


def set_score(state: InstanceState, event: PersonScored) -> None:
    """Marketing's scoring reaches the threshold."""
    lead = state.by_person.get(event.person_key)
    if lead is not None:
        lead.is_mql = True
        _change_score(state, lead, event.at, event.score, "Scoring: fit and behaviour")
        share = Decimal(below(1000, state.seed, lead.key, "engagement")).scaleb(-1)
        state.save(lead, event.at, engagementShare=share)


def _add_points(
    state: InstanceState, lead: LeadDraft, at: datetime, points: int, kind: str
) -> None:
    old = _score(lead)
    new = old + points if lead.is_mql else min(old + points, _MOST_POINTS)
    if new != old:
        reason = f"Scoring: {kind.replace('_', ' ')}"
        _change_score(state, lead, at, new, reason)


def _change_score(
    state: InstanceState, lead: LeadDraft, at: datetime, score: int, reason: str
) -> None:
    old = _score(lead)
    attributes = {
        "Change Value": f"{score - old:+d}",
        "New Value": score,
        "Old Value": old,
        "Reason": reason,
    }
    mark = Mark(state.shelf.global_campaigns["Scoring"], 78, "Lead Score")
    state.act(lead, at, CHANGE_SCORE, attributes, mark)
    if at <= state.moment:
        state.save(lead, at, leadScore=score)


def _score(lead: LeadDraft) -> int:
    value = lead.values.get("leadScore", 0)
    return value if isinstance(value, int) else 0


def _visit(state: InstanceState, lead: LeadDraft, event: ActivityTracked) -> None:
    page = state.shelf.pages[event.asset]
    if "cookies" not in lead.values:
        cookie = f"{10**9 + below(10**9, state.seed, lead.key, 'cookie')}"
        state.save(lead, event.at, cookies=f"_mch-brightloom.example-{cookie}")
    attributes = _browsing(state, lead, event) | {
        "Webpage URL": str(page["URL"]).removeprefix(SITE)
    }
    mark = Mark(None, state.shelf.id_of(page), str(page["URL"]).split("//")[1])
    state.act(lead, event.at, VISIT_WEBPAGE, attributes, mark)


def _fill_form(state: InstanceState, lead: LeadDraft, event: ActivityTracked) -> None:
    _submit(state, lead, event, form=event.asset, page=event.asset)


def _register(state: InstanceState, lead: LeadDraft, event: ActivityTracked) -> None:
    _submit(state, lead, event, form="webinar", page="webinar")


def _submit(
    state: InstanceState,
    lead: LeadDraft,
    event: ActivityTracked,
    *,
    form: str,
    page: str,
) -> None:
    form_row, page_row = state.shelf.forms[form], state.shelf.pages[page]
    fields = f"a:2:{{Email={lead.values.get('email')},formid={form_row['id']}}}"
    attributes = _browsing(state, lead, event) | {
        "Form Fields": fields,
        "Webpage ID": page_row["id"],
    }
    program = state.shelf.programs.get(event.campaign_key or "")
    campaign_id = None if program is None else program.respond_campaign_id
    mark = Mark(campaign_id, state.shelf.id_of(form_row), str(form_row["name"]))
    state.act(lead, event.at, FILL_OUT_FORM, attributes, mark)


def _download(state: InstanceState, lead: LeadDraft, event: ActivityTracked) -> None:
    _fill_form(state, lead, event)
    page = state.shelf.pages[event.asset]
    link = f"{SITE}/files/{slug(event.asset)}.pdf"
    attributes = _browsing(state, lead, event) | {"Webpage ID": page["id"]}
    later = event.at + timedelta(seconds=5 + below(50, state.seed, lead.key, event.at))
    mark = Mark(None, 800 + state.shelf.id_of(page), link)
    state.act(lead, later, CLICK_LINK, attributes, mark)


def _scan_badge(state: InstanceState, lead: LeadDraft, event: ActivityTracked) -> None:
    program = state.shelf.programs.get(event.campaign_key or "")
    name = "Conference" if program is None else program.name
    rating = 1 + below(5, state.seed, lead.key, event.at, "rating")
    attributes = {"Interest": event.asset, "Rating": rating}
    campaign_id = None if program is None else program.respond_campaign_id
    mark = Mark(campaign_id, None, name)
    state.act(lead, event.at, SCAN_BADGE, attributes, mark)


def _fill_lead_ad(
    state: InstanceState, lead: LeadDraft, event: ActivityTracked
) -> None:
    program = state.shelf.programs.get(event.campaign_key or "")
    attributes = {} if program is None else {"Campaign Name": program.row["name"]}
    campaign_id = None if program is None else program.respond_campaign_id
    mark = Mark(campaign_id, None, f"Lead ad: {event.asset}")
    state.act(lead, event.at, FILL_OUT_LEAD_AD, attributes, mark)


def _refer(state: InstanceState, lead: LeadDraft, event: ActivityTracked) -> None:
    program = state.shelf.programs.get(event.campaign_key or "")
    name = "Partner" if program is None else program.name
    attributes = {
        "Comment": f"Asked for: {event.asset}",
        "Referred On": event.at.date().isoformat(),
    }
    campaign_id = None if program is None else program.respond_campaign_id
    state.act(
        lead, event.at, PARTNER_REFERRAL, attributes, Mark(campaign_id, None, name)
    )


def _send_invitation(
    state: InstanceState, lead: LeadDraft, event: ActivityTracked
) -> None:
    sending, mark = _sending(state, event)
    if lead.values.get("unsubscribed") is True:
        state.act(lead, event.at, SEND_EMAIL, sending, mark, result="skipped")
        return
    state.act(lead, event.at, SEND_EMAIL, sending, mark)
    later = event.at + timedelta(seconds=2 + below(20, state.seed, lead.key, event.at))
    fate = below(100, state.seed, lead.key, event.at, "bounce")
    if fate >= 3:
        state.act(lead, later, EMAIL_DELIVERED, sending, mark)
        return
    type_id = EMAIL_BOUNCED if fate == 0 else EMAIL_BOUNCED_SOFT
    category, details, subcategory = _DETAILS[type_id]
    bounce = sending | {
        "Category": category,
        "Details": details,
        "Email": lead.values.get("email"),
        "Subcategory": subcategory,
    }
    state.act(lead, later, type_id, bounce, mark)
    if type_id == EMAIL_BOUNCED and later <= state.moment:
        state.save(lead, later, emailInvalid=True, emailInvalidCause=details)


def _deliver_before(
    state: InstanceState, lead: LeadDraft, event: ActivityTracked
) -> None:
    """The mail that is read now was sent up to a day and a half ago."""
    sending, mark = _sending(state, event)
    most_s = int(MAIL_LOOKAHEAD.total_seconds()) - 120
    age_s = 120 + below(most_s, state.seed, lead.person_key, event.at, "sent")
    sent_at = max(event.at - timedelta(seconds=age_s), lead.created_at)
    state.act(lead, sent_at, SEND_EMAIL, sending, mark)
    arrived_at = min(sent_at + timedelta(seconds=2 + age_s % 20), event.at)
    state.act(lead, arrived_at, EMAIL_DELIVERED, sending, mark)


def _open(state: InstanceState, lead: LeadDraft, event: ActivityTracked) -> None:
    _deliver_before(state, lead, event)
    sending, mark = _sending(state, event)
    reading = _reading(state, lead, event)
    state.act(lead, event.at, OPEN_EMAIL, sending | reading, mark)


def _click(state: InstanceState, lead: LeadDraft, event: ActivityTracked) -> None:
    _open(state, lead, event)
    sending, mark = _sending(state, event)
    link = f"{SITE}/resources-{slug(event.asset)}.html?{_utm(state, event)}"
    attributes = (
        sending
        | _reading(state, lead, event)
        | {
            "Is Predictive": False,
            "Link": link,
            "Link ID": str(800 + below(90, event.asset)),
        }
    )
    state.act(lead, event.at, CLICK_EMAIL, attributes, mark)


def _mailing(state: InstanceState, event: ActivityTracked) -> tuple[Row, int]:
    """The email an event is about, and the smart campaign that sends it."""
    program = state.shelf.programs.get(event.campaign_key or "")
    if program is not None:
        return program.email, program.send_campaign_id
    newsletter = state.shelf.newsletters[event.asset]
    return newsletter, state.shelf.global_campaigns["Newsletter.Send"]


def _sending(
    state: InstanceState, event: ActivityTracked
) -> tuple[dict[str, object], Mark]:
    email, campaign_id = _mailing(state, event)
    attributes: dict[str, object] = {
        "Campaign Run ID": 1 + below(900, campaign_id, event.at.date()),
        "Choice Number": 0,
        "Has Predictive": False,
        "Step ID": campaign_id * 2,
        "Test Variant": 0,
    }
    mark = Mark(campaign_id, state.shelf.id_of(email), str(email["name"]))
    return attributes, mark


def _reading(
    state: InstanceState, lead: LeadDraft, event: ActivityTracked
) -> dict[str, object]:
    agent = _agent(state, lead)
    is_mobile = "iPhone" in agent
    is_bot = is_bot_click(state.seed, lead.person_key, event.at)
    return {
        "Bot Activity Pattern": "Rapid opens" if is_bot else "N/A",
        "Browser": "Safari" if "Version/11" in agent else "Chrome",
        "Device": "iPhone" if is_mobile else "unknown",
        "Is Bot Activity": is_bot,
        "Is Mobile Device": is_mobile,
        "Platform": "iOS" if is_mobile else "Desktop",
        "User Agent": agent,
    }


def _browsing(
    state: InstanceState, lead: LeadDraft, event: ActivityTracked
) -> dict[str, object]:
    address = 1 + below(250, state.seed, lead.person_key, "ip")
    return {
        "Client IP Address": f"198.51.100.{address}",
        "Query Parameters": _utm(state, event),
        "Referrer URL": f"{SITE}/",
        "User Agent": _agent(state, lead),
    }


def _agent(state: InstanceState, lead: LeadDraft) -> str:
    return _AGENTS[below(len(_AGENTS), state.seed, lead.person_key, "agent")]


def _utm(state: InstanceState, event: ActivityTracked) -> str:
    program = state.shelf.programs.get(event.campaign_key or "")
    if program is None:
        return ""
    medium = slug(program.channel)
    name = slug(str(program.row["name"]))
    return f"utm_source=brightloom&utm_medium={medium}&utm_campaign={name}"
