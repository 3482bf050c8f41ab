"""How rows are named inside other rows: by their public key and their name in both languages."""

from typing import Any

from rest_framework import serializers


class Shape(serializers.Serializer[Any]):
    """What an address answers with."""


class NamedShape(Shape):
    name_en = serializers.CharField()
    name_hi = serializers.CharField()


class PlaceShape(NamedShape):
    """A state or district."""

    lgd_code = serializers.IntegerField(help_text="Code in the Local Government Directory.")


class CodedShape(NamedShape):
    """Anything that is known by a code."""

    code = serializers.CharField()


class FloorNameShape(NamedShape):
    level = serializers.IntegerField()


class TenantNameShape(NamedShape):
    id = serializers.IntegerField()


class PersonNameShape(Shape):
    id = serializers.IntegerField()
    full_name = serializers.CharField(source="__str__")


class UnitNameShape(Shape):
    number = serializers.CharField()


class SourcedShape(Shape):
    """Where a fact comes from."""

    source = serializers.CharField()  # type: ignore[assignment]
    confidence = serializers.CharField(help_text="high, medium or low")
