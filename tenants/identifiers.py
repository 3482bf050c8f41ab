"""Numbers the state gives to traders, checked as far as each can be.

GSTIN and PAN by python-stdnum's algorithms (its own GSTIN check does not know Ladakh, code 38); Udyam,
Pehchan, FSSAI and IFSC by their published formats, since no register can be asked offline. All are
optional where the law lets a small artisan go without (Notifications 3/2018-IT and 56/2018-CT).
"""

import re

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from stdnum import luhn
from stdnum.exceptions import ValidationError as StdnumError
from stdnum.in_ import pan as stdnum_pan

from core.devanagari import plain_digits

GSTIN = re.compile(r"(?:0[1-9]|[12]\d|3[0-8]|97)[A-Z]{5}\d{4}[A-Z][1-9A-Z]Z[0-9A-Z]")
BASE_36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
UDYAM = r"\AUDYAM-[A-Z]{2}-\d{2}-\d{7}\Z"
PEHCHAN = r"\A[A-Z0-9]{6,16}\Z"
FSSAI = r"\A[1-3]\d{13}\Z"
IFSC = r"\A[A-Z]{4}0[A-Z0-9]{6}\Z"
ACCOUNT = r"\A\d{9,18}\Z"
MOBILE = r"\A[6-9]\d{9}\Z"
PIN_CODE = r"\A[1-9]\d{5}\Z"


def compact(text: str) -> str:
    """One spelling per identifier: no blanks, capitals, international digits."""
    return re.sub(r"\s", "", plain_digits(text)).upper()


def check_gstin(value: str) -> None:
    """State code (01 to 38, or 97 for other territory), PAN, entity, Z, mod-36 check digit (CGST Rule 10)."""
    try:
        if not GSTIN.fullmatch(value):
            raise StdnumError
        stdnum_pan.validate(value[2:12])
        luhn.validate(value, BASE_36)
    except StdnumError as wrong:
        raise ValidationError(
            _("“%(value)s” is not a GSTIN: 15 characters, the last is a check digit. Compare with the certificate."),
            code="gstin",
            params={"value": value},
        ) from wrong


def check_pan(value: str) -> None:
    try:
        stdnum_pan.validate(value)
    except StdnumError as wrong:
        raise ValidationError(
            _("“%(value)s” is not a PAN: five letters, four digits, one letter, as on the card."),
            code="pan",
            params={"value": value},
        ) from wrong


check_udyam = RegexValidator(UDYAM, _("“%(value)s” is not a Udyam number. It looks like UDYAM-MP-43-0012345."), "udyam")
check_pehchan = RegexValidator(
    PEHCHAN,
    _("“%(value)s” is not a Pehchan card number: 6 to 16 letters and digits, as on the card."),
    "pehchan",
)
check_fssai = RegexValidator(
    FSSAI, _("“%(value)s” is not an FSSAI number: 14 digits that begin with 1, 2 or 3."), "fssai"
)
check_ifsc = RegexValidator(
    IFSC,
    _("“%(value)s” is not an IFSC: four letters, a zero, six letters or digits, as in the passbook."),
    "ifsc",
)
check_account = RegexValidator(
    ACCOUNT, _("“%(value)s” is not a bank account number: 9 to 18 digits, as in the passbook."), "account"
)
check_mobile = RegexValidator(
    MOBILE, _("“%(value)s” is not an Indian mobile number: 10 digits that begin with 6, 7, 8 or 9."), "mobile"
)
check_pin_code = RegexValidator(PIN_CODE, _("“%(value)s” is not a PIN code: six digits."), "pin_code")
