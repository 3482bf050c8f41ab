"""Filters and order, strictly: a parameter that an address does not know is refused, not ignored."""

from collections.abc import Iterable
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.filters import OrderingFilter
from rest_framework.request import Request

LONGEST_SEARCH = 100


class StrictFilterBackend(DjangoFilterBackend):
    """django-filter, which refuses malformed values; unknown names are refused by `refuse_unknown`."""

    raise_exception = True


class StrictOrderingFilter(OrderingFilter):
    """`ordering=name_en,-registered_date`, from the fields that the address names in `ordering_fields`."""

    def get_valid_fields(self, queryset: Any, view: Any, context: Any = None) -> list[tuple[str, str]]:
        return [(name, name) for name in view.ordering_fields]

    def remove_invalid_fields(self, queryset: Any, fields: Any, view: Any, request: Request) -> list[str]:
        unknown = [name for name in fields if name.removeprefix("-") not in view.ordering_fields]
        if unknown:
            known = ", ".join(view.ordering_fields)
            detail = _("Unknown order. Known: %(known)s.") % {"known": known}
            raise ValidationError({"ordering": [ErrorDetail(str(detail), "unknown_ordering")]})
        return list(fields)

    def get_default_ordering(self, view: Any) -> None:
        return None


def refuse_unknown(request: Request, known: Iterable[str]) -> None:
    """Raise ValidationError for parameters of the address that are unknown, given twice or empty."""
    known = sorted(known)
    wrong: dict[str, list[ErrorDetail]] = {}
    for name, values in request.query_params.lists():
        if name not in known:
            sentence = (
                _("Unknown parameter. Known: %(known)s.") % {"known": ", ".join(known)}
                if known
                else _("This address takes no parameters.")
            )
            wrong[name[:LONGEST_SEARCH]] = [ErrorDetail(str(sentence), "unknown_filter")]
        elif len(values) > 1:
            wrong[name] = [ErrorDetail(str(_("Given more than once.")), "repeated_filter")]
        elif not values[0]:
            wrong[name] = [ErrorDetail(str(_("Given without a value.")), "empty_filter")]
    if wrong:
        raise ValidationError(wrong)


class Search(django_filters.CharFilter):
    """Part of a name, in either language."""

    def __init__(self, *fields: str, label: Any) -> None:
        super().__init__(label=label, max_length=LONGEST_SEARCH)
        self.fields = fields

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not value:
            return qs
        found = Q()
        for field in self.fields:
            found |= Q(**{f"{field}__icontains": value})
        return qs.filter(found)


class YesNo(django_filters.TypedChoiceFilter):
    """`true` or `false`; django-filter's own boolean ignores what it does not understand."""

    def __init__(self, field_name: str | None = None, *, label: Any, **extra: Any) -> None:
        super().__init__(
            field_name,
            label=label,
            choices=[("true", "true"), ("false", "false")],
            coerce=lambda text: text == "true",
            **extra,
        )


class OnDay(django_filters.DateFilter):
    """A day, written as ISO 8601 has it."""

    def __init__(self, field_name: str | None = None, **extra: Any) -> None:
        super().__init__(field_name, input_formats=["%Y-%m-%d"], **extra)
