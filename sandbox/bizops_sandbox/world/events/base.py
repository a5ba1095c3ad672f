"""What every event has: the moment it happened, and its JSON form."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 (msgspec reads annotations)

import msgspec


class BaseEvent(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    tag=True,
    tag_field="type",
    gc=False,
):
    """Something that happened, at a moment in UTC with whole seconds.

    In JSON an event is one object: `type`, `at`, then the fields in the order of
    the class; amounts are strings, fields at their default are left out.
    """

    at: datetime
