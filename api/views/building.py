"""The building: floors, zones, entrances, units, the plan, and what keeps a unit from use."""

from typing import Any, ClassVar

import django_filters
from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.policy import Policy
from accounts.roles import Right
from api.fields import Area, Day, Entry, Lasting, Period
from api.filtering import Search
from api.shapes import CodedShape, FloorNameShape, PlaceShape, Shape
from api.views.base import Endpoint
from core.indian_format import square_feet
from leases.occupancy import UnitStatus, with_status
from mall.models import (
    Entrance,
    EntranceKind,
    Floor,
    OwedTo,
    Unit,
    UnitBlock,
    UnitCategory,
    Zone,
    ZoneKind,
)
from mall.upkeep import block_unit, correct_areas, free_unit
from reference.models import District, State

SEE = Policy({"GET": Right.SEE_MALL})


class Polygon(serializers.ListField):
    """Corners as [[x, y], …], in metres from the top left corner of the plan."""

    child = serializers.ListField(child=serializers.FloatField(), min_length=2, max_length=2)


class FloorShape(FloorNameShape):
    width = serializers.DecimalField(max_digits=7, decimal_places=2)
    depth = serializers.DecimalField(max_digits=7, decimal_places=2)


class Floors(Endpoint):
    """The floors of the mall, from the lowest."""

    policy = SEE
    answers: ClassVar[Any] = {"GET": FloorShape}
    lists = True

    def get(self, request: Request) -> Response:
        return self.page(Floor.objects.all())


class ZoneOnPlanShape(CodedShape):
    kind = serializers.ChoiceField(ZoneKind.choices)
    polygon = Polygon()


class EntranceShape(CodedShape):
    kind = serializers.ChoiceField(EntranceKind.choices)
    x = serializers.DecimalField(max_digits=7, decimal_places=2)
    y = serializers.DecimalField(max_digits=7, decimal_places=2)
    is_step_free = serializers.BooleanField()
    floor = serializers.IntegerField(source="floor.level", help_text="Level of the floor.")


class UnitOnPlanShape(Shape):
    number = serializers.CharField()
    zone = serializers.CharField(source="zone.code")
    category = serializers.CharField(source="category.code")
    status = serializers.ChoiceField(UnitStatus.choices)
    state = PlaceShape(allow_null=True)
    district = PlaceShape(allow_null=True)
    polygon = Polygon()


class PlanShape(FloorShape):
    """A floor with everything that is drawn on it. Metres from the top left corner: x right, y down."""

    outline = Polygon()
    zones = ZoneOnPlanShape(many=True)
    units = UnitOnPlanShape(many=True)
    entrances = EntranceShape(many=True)


class Plan(Endpoint):
    """The plan of a floor as geometry, with the status of each unit today."""

    policy = Policy({"GET": Right.SEE_MALL}, object_of="floor")
    answers: ClassVar[Any] = {"GET": PlanShape}

    def get(self, request: Request, level: int) -> Response:
        floors = Floor.objects.prefetch_related(
            Prefetch("units", units_today(self)),
            "zones",
            Prefetch("entrances", Entrance.objects.select_related("floor")),
        )
        return self.answer(self.find(floors, level=level))


class ZoneShape(CodedShape):
    kind = serializers.ChoiceField(ZoneKind.choices)
    floor = FloorNameShape()


class Zones(Endpoint):
    """The zones of the mall: streets of districts, the food court, the warehouse."""

    policy = SEE
    answers: ClassVar[Any] = {"GET": ZoneShape}
    lists = True

    def get(self, request: Request) -> Response:
        return self.page(Zone.objects.select_related("floor"))


class Entrances(Endpoint):
    """The doors by which people and goods come in."""

    policy = SEE
    answers: ClassVar[Any] = {"GET": EntranceShape}
    lists = True

    def get(self, request: Request) -> Response:
        return self.page(Entrance.objects.select_related("floor"))


class UnitCategoryShape(CodedShape):
    owed_to = serializers.ChoiceField(OwedTo.choices)
    is_uniform = serializers.BooleanField()


class UnitCategories(Endpoint):
    """The kinds of unit that the scheme knows."""

    policy = SEE
    answers: ClassVar[Any] = {"GET": UnitCategoryShape}
    lists = True

    def get(self, request: Request) -> Response:
        return self.page(UnitCategory.objects.all())


class BlockShape(Shape):
    id = serializers.IntegerField()
    period = Period()
    reason = serializers.CharField()


class UnitShape(Shape):
    number = serializers.CharField()
    floor = FloorNameShape()
    zone = CodedShape()
    category = CodedShape()
    carpet_area = serializers.DecimalField(max_digits=8, decimal_places=2, help_text="m²")
    chargeable_area = serializers.DecimalField(max_digits=8, decimal_places=2, help_text="m²")
    carpet_area_sqft = serializers.SerializerMethodField(help_text="Whole square feet.")
    status = serializers.ChoiceField(UnitStatus.choices, help_text="Derived for today.")
    state = PlaceShape(allow_null=True, help_text="The state that it is owed to.")
    district = PlaceShape(allow_null=True, help_text="The district that it is owed to.")

    def get_carpet_area_sqft(self, unit: Unit) -> str:
        return str(square_feet(unit.carpet_area))


class WholeUnitShape(UnitShape):
    """A unit with its outline and the blocks that have not ended."""

    polygon = Polygon()
    blocks = BlockShape(many=True)


class UnitFilters(django_filters.FilterSet):
    floor = django_filters.ModelChoiceFilter(
        queryset=Floor.objects.all(), to_field_name="level", label=_("level of the floor")
    )
    zone = django_filters.ModelChoiceFilter(
        queryset=Zone.objects.all(), to_field_name="code", label=_("code of the zone")
    )
    category = django_filters.ModelChoiceFilter(
        queryset=UnitCategory.objects.all(), to_field_name="code", label=_("code of the category")
    )
    status = django_filters.ChoiceFilter(choices=UnitStatus.choices, label=_("status today"))
    state = django_filters.ModelChoiceFilter(
        queryset=State.objects.all(), to_field_name="lgd_code", label=_("LGD code of the state it is owed to")
    )
    district = django_filters.ModelChoiceFilter(
        queryset=District.objects.all(),
        to_field_name="lgd_code",
        label=_("LGD code of the district it is owed to"),
    )
    q = Search(
        "number",
        "state__name_en",
        "state__name_hi",
        "district__name_en",
        "district__name_hi",
        label=_("part of the number or of the place's name"),
    )


class Units(Endpoint):
    """The units of the mall with their status today. Who has them is told by the leases."""

    policy = SEE
    answers: ClassVar[Any] = {"GET": UnitShape}
    lists = True
    filterset_class = UnitFilters
    ordering_fields = ("number", "carpet_area", "chargeable_area")

    def get(self, request: Request) -> Response:
        # A list has no use for outlines: they stay in the database.
        return self.page(units_today(self).defer("polygon", "zone__polygon", "floor__outline"))


class AreasEntry(Entry):
    carpet_area = Area(required=False)
    chargeable_area = Area(required=False)
    reason = serializers.CharField(max_length=300, help_text="Kept in the history: the survey, the order.")


class OneUnit(Endpoint):
    """A unit; PATCH corrects its areas after a survey."""

    policy = Policy({"GET": Right.SEE_MALL, "PATCH": Right.KEEP_MALL}, object_of="unit")
    asks: ClassVar[Any] = {"PATCH": AreasEntry}
    answers: ClassVar[Any] = {"GET": WholeUnitShape, "PATCH": WholeUnitShape}

    def get(self, request: Request, number: str) -> Response:
        return self.answer(self.find(whole_units(self), number=number))

    def patch(self, request: Request, number: str) -> Response:
        """Correct the areas of a unit after a survey."""
        unit = self.find(Unit.objects.visible_to(self.actor), number=number)
        entry = self.entry()
        correct_areas(
            unit=unit,
            carpet_area=entry.get("carpet_area", unit.carpet_area),
            chargeable_area=entry.get("chargeable_area", unit.chargeable_area),
            by=self.actor,
            why=entry["reason"],
        )
        return self.answer(self.find(whole_units(self), pk=unit.pk))


class BlockEntry(Lasting):
    reason = serializers.CharField(max_length=200)


class UnitBlocks(Endpoint):
    """Take a unit out of use for a time."""

    policy = Policy({"POST": Right.KEEP_MALL}, object_of="unit")
    asks: ClassVar[Any] = {"POST": BlockEntry}
    answers: ClassVar[Any] = {"POST": BlockShape}
    creates = True

    def post(self, request: Request, number: str) -> Response:
        unit = self.find(Unit.objects.visible_to(self.actor), number=number)
        return self.answer(block_unit(unit=unit, by=self.actor, **self.entry()))


class FreeEntry(Entry):
    on = Day(required=False, help_text="The first day on which the unit can be used again; today unless told.")
    why = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class FreeBlock(Endpoint):
    """End a block, so that the unit can be used."""

    policy = Policy({"POST": Right.KEEP_MALL}, object_of="block")
    asks: ClassVar[Any] = {"POST": FreeEntry}
    answers: ClassVar[Any] = {"POST": BlockShape}

    def post(self, request: Request, pk: int) -> Response:
        block = self.find(UnitBlock.objects.filter(unit__in=Unit.objects.visible_to(self.actor)), pk=pk)
        entry = self.entry()
        return self.answer(free_unit(block=block, on=entry.get("on", self.today), by=self.actor, why=entry["why"]))


def units_today(view: Endpoint) -> QuerySet[Unit]:
    return with_status(Unit.objects.visible_to(view.actor).with_places(), view.today)


def whole_units(view: Endpoint) -> QuerySet[Unit]:
    """Units with the blocks that hold today or later."""
    blocks = UnitBlock.objects.filter(Q(period__endswith__gt=view.today) | Q(period__endswith=None))
    return units_today(view).prefetch_related(Prefetch("blocks", blocks))
