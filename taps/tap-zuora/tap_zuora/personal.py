"""What fields tell about persons, in whatever object they stand. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reading_kit.personal import fields_by_class

if TYPE_CHECKING:
    from reading_kit.personal import PersonalClass

_OWN_FIELD = re.compile(r"(.+?)__(?:c|NS)")
_FIELDS = fields_by_class(
    email="WorkEmail PersonalEmail Email PaypalEmail AdditionalEmailAddresses",
    phone="WorkPhone HomePhone MobilePhone OtherPhone Phone Fax",
    name="FirstName LastName NickName CreditCardHolderName AchAccountName "
    "BankTransferAccountName CustomerServiceRepName SalesRepName",
    address="Address1 Address2 City PostalCode County StreetName StreetNumber "
    "CreditCardAddress1 CreditCardAddress2 CreditCardCity CreditCardPostalCode "
    "AchAddress1 AchAddress2 AchCity AchPostalCode",
    network="IPAddress",
    free_text="Notes Comment Comments",
    id="AchAccountNumberMask BankTransferAccountNumberMask CreditCardMaskNumber "
    "IBAN PaypalBaid",
)


def personal_class(name: str) -> PersonalClass | None:
    """Tell what a field says about a person; one a company made counts by its name."""
    own = _OWN_FIELD.fullmatch(name)
    return _FIELDS.get(own[1] if own else name)
