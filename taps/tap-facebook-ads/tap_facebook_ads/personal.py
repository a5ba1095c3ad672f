"""What fields tell about persons, by stream. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reading_kit.personal import fields_by_class

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reading_kit.personal import PersonalClass

#: What somebody has typed into a form: names, addresses, whatever was asked for.
PERSONAL: Mapping[str, Mapping[str, PersonalClass]] = {
    "leads": fields_by_class(free_text="field_data custom_disclaimer_responses"),
}
