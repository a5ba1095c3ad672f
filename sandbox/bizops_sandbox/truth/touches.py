"""Touches: the responses that the CRM records, and which of them came first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from bizops_sandbox.projections.salesforce_ids import salesforce_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bizops_sandbox.truth.facts import Facts, Member
    from bizops_sandbox.truth.persons import KnownPerson, Persons

LOOKBACK_DAYS = 365
_SAME_TOUCH = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Touch:
    """A response of a known person to a campaign."""

    member_key: str
    member_id: str
    person: KnownPerson
    campaign_key: str
    touched_on: date
    recorded_at: datetime
    is_repeat: bool = False

    @property
    def order(self) -> tuple[date, datetime, str]:
        """What comes first: the day, then when it was recorded, then the id."""
        return (self.touched_on, self.recorded_at, self.member_id)


def _is_living(facts: Facts, member: Member) -> bool:
    return not (
        member.is_deleted
        or facts.campaigns[member.campaign_key].is_deleted
        or facts.last_record(member.record_key).is_deleted
    )


def find_touches(facts: Facts, persons: Persons) -> tuple[Touch, ...]:
    """All touches in order; repeats within a day are marked."""
    touches = []
    for member in facts.members.values():
        person = persons.by_record.get(member.record_key)
        if member.responded_on is None or person is None:
            continue
        if _is_living(facts, member):
            touches.append(
                Touch(
                    member_key=member.key,
                    member_id=salesforce_id("CampaignMember", member.key),
                    person=person,
                    campaign_key=member.campaign_key,
                    touched_on=member.responded_on,
                    recorded_at=member.created_at,
                )
            )
    return _marked(sorted(touches, key=lambda touch: touch.order))


def _marked(touches: Iterable[Touch]) -> tuple[Touch, ...]:
    last: dict[tuple[str, str], date] = {}
    marked = []
    for touch in touches:
        pair = (touch.person.key, touch.campaign_key)
        before = last.get(pair)
        is_repeat = before is not None and touch.touched_on - before <= _SAME_TOUCH
        last[pair] = touch.touched_on
        marked.append(
            Touch(
                member_key=touch.member_key,
                member_id=touch.member_id,
                person=touch.person,
                campaign_key=touch.campaign_key,
                touched_on=touch.touched_on,
                recorded_at=touch.recorded_at,
                is_repeat=is_repeat,
            )
        )
    return tuple(marked)


def by_person(touches: Iterable[Touch]) -> dict[str, list[Touch]]:
    """The touches that count, by known person, each in order."""
    result: dict[str, list[Touch]] = {}
    for touch in touches:
        if not touch.is_repeat:
            result.setdefault(touch.person.key, []).append(touch)
    return result


def first_touch(touches: Iterable[Touch], until: date) -> Touch | None:
    """The first touch in the year up to and with this day."""
    since = until - timedelta(days=LOOKBACK_DAYS)
    in_time = [touch for touch in touches if since <= touch.touched_on <= until]
    return min(in_time, key=lambda touch: touch.order, default=None)
