"""Quantities of goods as people write them."""

from decimal import Decimal
from typing import Any

from django import template
from django.utils.translation import get_language

from core.indian_format import grouped

register = template.Library()


@register.filter
def quantity(value: Any) -> str:
    """12,000 pieces or 2.5 kilograms: no zeros behind the point that say nothing."""
    if value is None or value == "":
        return ""
    exact = Decimal(value).normalize()
    return grouped(exact, max(0, -int(exact.as_tuple().exponent)))


@register.filter
def change(value: Any) -> str:
    """The same with its sign: +3, −2.5."""
    return f"+{quantity(value)}" if value and value > 0 else quantity(value)


@register.filter
def product_name(line: Any) -> str:
    """The product of a line that is counted, in the reader's language."""
    hindi = line.product_name_hi
    return hindi if get_language() == "hi" and hindi else line.product_name_en
