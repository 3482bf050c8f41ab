"""Filters that print Indian numbers, money, dates and names. Built in to every template."""

from typing import Any

from django import template
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core import indian_format, periods

register = template.Library()


@register.filter
def number(value: Any) -> str:
    return "" if value is None or value == "" else indian_format.grouped(value)


@register.filter
def rupees(value: Any) -> str:
    return "" if value is None or value == "" else indian_format.rupees(value)


@register.filter
def crore(value: Any) -> str:
    return "" if value is None or value == "" else indian_format.crore(value)


@register.filter
def day(value: Any) -> str:
    return indian_format.day(value) if value else ""


@register.filter
def moment(value: Any) -> str:
    return indian_format.moment(value) if value else ""


@register.filter
def sqm(value: Any) -> str:
    if value is None or value == "":
        return ""
    return _("%(area)s m²") % {"area": indian_format.grouped(value, 2).rstrip("0").rstrip(".")}


@register.filter
def sqft(value: Any) -> str:
    if value is None or value == "":
        return ""
    return _("%(area)s sq ft") % {"area": indian_format.grouped(indian_format.square_feet(value))}


@register.filter
def first_day(span: Any) -> Any:
    """The first day of a period, or nothing."""
    return span.lower if span else None


@register.filter
def last_day(span: Any) -> Any:
    """The last day that still belongs to a period, or nothing when it has no end."""
    return periods.last_day(span)


@register.filter
def named(thing: Any) -> str:
    """The name of a thing in the reader's language; what has no Hindi name shows its English one."""
    if thing is None:
        return ""
    hindi = getattr(thing, "name_hi", "")
    return hindi if get_language() == "hi" and hindi else thing.name_en
