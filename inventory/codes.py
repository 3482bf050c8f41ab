"""Codes that our own labels carry: a letter for the kind of thing, its number, and a check digit.

They are short enough to be typed from a label in bad light, and a mistyped digit is noticed: the last digit is
the Luhn check digit (ISO/IEC 7812-1, annex B) over the number.
"""

import re

from django.utils.translation import gettext_lazy as _
from stdnum import luhn

from core.devanagari import plain_digits
from core.refusals import Refusal

KINDS = {
    "P": "product",
    "L": "lot",
    "B": "location",
    "T": "transfer order",
    "R": "goods receipt",
    "C": "cycle count",
    "A": "adjustment",
    "I": "sheet import",
}
WRITTEN = re.compile(r"([PLBTRCAI])([0-9]{6,18})")


class WrongCode(Refusal):
    code = "wrong_label"
    status = 400
    sentence = _("This code has a wrong digit. Scan it again, or type it as it stands on the label.")


def written(kind: str, number: int) -> str:
    """The code of thing `number` of a kind: written("L", 123) is L0001230 (the last digit checks the others)."""
    digits = f"{number:06d}"
    return f"{kind}{digits}{luhn.calc_check_digit(digits)}"


def read(text: str) -> tuple[str, int] | None:
    """The letter and number that a code stands for; None where the text is no code of ours. Raises WrongCode."""
    found = WRITTEN.fullmatch(plain_digits(text).strip().upper())
    if found is None:
        return None
    if not luhn.is_valid(found[2]):
        raise WrongCode
    return found[1], int(found[2][:-1])
