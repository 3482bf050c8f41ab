"""Numbers, money and dates as they are read in India, in Hindi and English.

Digits are the international ones in both languages, as the Union uses them (Constitution, Art. 343(1)).
"""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

LAKH = Decimal(100_000)
CRORE = Decimal(10_000_000)
SQUARE_FEET_IN_A_SQUARE_METRE = Decimal("10.7639104")

MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "hi": ("जन॰", "फ़र॰", "मार्च", "अप्रैल", "मई", "जून", "जुल॰", "अग॰", "सित॰", "अक्तू॰", "नव॰", "दिस॰"),
}


def grouped(number: Decimal | int, places: int = 0) -> str:
    """`number` with Indian grouping: 118200000 -> 11,82,00,000. Rounds half up to `places`."""
    exponent = Decimal(1).scaleb(-places)
    fixed = f"{Decimal(number).quantize(exponent, rounding=ROUND_HALF_UP):f}"
    sign, fixed = ("−", fixed[1:]) if fixed.startswith("-") else ("", fixed)
    whole, _dot, part = fixed.partition(".")
    head, tail = whole[:-3], whole[-3:]
    groups: list[str] = []
    while head:
        groups.insert(0, head[-2:])
        head = head[:-2]
    if not (whole.strip("0") or part.strip("0")):
        sign = ""
    return sign + ",".join([*groups, tail]) + (f".{part}" if part else "")


def rupees(amount: Decimal | int) -> str:
    """₹ with Indian grouping; paise are shown only when there are any."""
    amount = Decimal(amount)
    text = grouped(abs(amount), 0 if amount == amount.to_integral_value() else 2)
    return ("−₹" if amount < 0 else "₹") + text


def crore(amount: Decimal | int) -> str:
    """The amount in crore or lakh where it is that large: ₹11.82 crore, ₹4.5 lakh, ₹99,999."""
    amount = Decimal(amount)
    if abs(amount) >= CRORE:
        return _("₹%(amount)s crore") % {"amount": grouped(amount / CRORE, 2)}
    if abs(amount) >= LAKH:
        return _("₹%(amount)s lakh") % {"amount": grouped(amount / LAKH, 2)}
    return rupees(amount)


def day(value: date | datetime) -> str:
    """22 Nov 2026, 22 नव॰ 2026."""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    months = MONTHS["hi" if get_language() == "hi" else "en"]
    return f"{value.day} {months[value.month - 1]} {value.year}"


def moment(value: datetime) -> str:
    """22 Nov 2026, 14:05, in India's time."""
    local = timezone.localtime(value)
    return f"{day(local)}, {local:%H:%M}"


def square_feet(square_metres: Decimal) -> Decimal:
    """Square metres in whole square feet."""
    return (Decimal(square_metres) * SQUARE_FEET_IN_A_SQUARE_METRE).quantize(Decimal(1), rounding=ROUND_HALF_UP)
