"""Fields that many addresses share: days, areas, rows named by their public key."""

from collections.abc import Callable, Collection
from datetime import date
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.periods import last_day

EARLIEST, LATEST = date(1900, 1, 1), date(2999, 12, 31)
MANY_AT_MOST = 100


class Entry(serializers.Serializer[Any]):
    """What a caller sends. A member that nobody asked for is refused: no typing error goes unnoticed."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Collection) and hasattr(data, "keys"):
            unknown = [str(name)[:60] for name in data if name not in self.fields]
            if unknown:
                known = ", ".join(name for name, field in self.fields.items() if not field.read_only)
                sentence = _("Unknown member. Known: %(known)s.") % {"known": known or "–"}
                raise serializers.ValidationError(
                    {name: [serializers.ErrorDetail(str(sentence), "unknown_member")] for name in unknown[:20]}
                )
        return super().to_internal_value(data)


class Nothing(Entry):
    """A write that needs no body; an empty object is fine."""


class Why(Entry):
    """A write that may say why; it is kept in the history."""

    why = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class SaidWhy(Entry):
    """A write that must say why; it is kept in the history."""

    why = serializers.CharField(max_length=300)


class Day(serializers.DateField):
    """A day of the mall's calendar, as ISO 8601 has it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(input_formats=["iso-8601"], **options)

    def to_internal_value(self, value: Any) -> date:
        day = super().to_internal_value(value)
        if not EARLIEST <= day <= LATEST:
            raise serializers.ValidationError(
                _("Must lie between %(first)s and %(last)s.") % {"first": EARLIEST, "last": LATEST},
                "out_of_range",
            )
        return day


class Lasting(Entry):
    """Something that lasts from `first` to `last`, both days included; without `last` it has no end."""

    first = Day()
    last = Day(required=False, allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["last"] is not None and attrs["last"] < attrs["first"]:
            raise serializers.ValidationError({"last": [_("Must not lie before the first day.")]}, "ends_too_early")
        return attrs


@extend_schema_field(
    {
        "type": "object",
        "description": "Both days included; no last day means no end.",
        "required": ["first", "last"],
        "properties": {
            "first": {"type": "string", "format": "date", "nullable": True},
            "last": {"type": "string", "format": "date", "nullable": True},
        },
    }
)
class Period(serializers.Field[Any, Any, Any, Any]):
    """A stored half-open period, shown with the last day that still belongs."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, **options)

    def to_representation(self, span: Any) -> dict[str, date | None]:
        return {"first": span.lower, "last": last_day(span)}


class Area(serializers.DecimalField):
    """Square metres."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=8, decimal_places=2, **options)


class _Known(serializers.Field[Any, Any, Any, Any]):
    """A row named by its public key, among those that the caller may reach; a foreign one is unknown."""

    default_error_messages = {"unknown": _("There is nothing with this key.")}
    key_types: tuple[type, ...] = ()

    def __init__(self, rows: Callable[[Any], QuerySet[Any]], key: str = "pk", **options: Any) -> None:
        self.rows, self.key = rows, key
        super().__init__(**options)

    def to_internal_value(self, value: Any) -> Model:
        # A form knows only text.
        if isinstance(value, bool) or not isinstance(value, (*self.key_types, str)) or value == "":
            self.fail("unknown")
        rows = self.rows(self.context["request"].user)
        try:
            return rows.get(**{self.key: value})
        except (rows.model.DoesNotExist, ValueError, OverflowError):
            self.fail("unknown")

    def to_representation(self, value: Any) -> Any:
        return getattr(value, self.key)


@extend_schema_field({"type": "integer"})
class KnownNumber(_Known):
    """A row named by a number: its id, or its LGD code."""

    key_types = (int,)


@extend_schema_field({"type": "string"})
class KnownCode(_Known):
    """A row named by a code."""


@extend_schema_field({"type": "array", "items": {"type": "string"}, "maxItems": MANY_AT_MOST})
class KnownCodes(_Known):
    """Several rows named by their codes: one query, whatever their number."""

    default_error_messages = {
        "not_a_list": _("Must be a list of codes."),
        "too_many": _("Too many codes."),
        "unknown_codes": _("Unknown codes: %(codes)s."),
    }

    def to_internal_value(self, value: Any) -> Any:
        if not isinstance(value, list) or not all(isinstance(code, str) for code in value):
            self.fail("not_a_list")
        if len(value) > MANY_AT_MOST:
            self.fail("too_many")
        rows = list(self.rows(self.context["request"].user).filter(**{f"{self.key}__in": value}))
        if unknown := sorted(set(value) - {getattr(row, self.key) for row in rows}):
            shown = ", ".join(code[:60] for code in unknown[:5])
            raise serializers.ValidationError(self.error_messages["unknown_codes"] % {"codes": shown}, "unknown_codes")
        return rows
