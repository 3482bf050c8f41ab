"""The building: floors, zones, units, entrances, and the plan they are drawn on.

Coordinates are metres from the top left corner of the floor plan: x to the right, y down.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from core.names import Named
from core.periods import one_at_a_time
from reference.models import District, State


class Mall(Named):
    """The mall itself, and who owns, runs and manages it. There is exactly one."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    address_en = models.CharField(_("address in English"), max_length=300)
    address_hi = models.CharField(_("address in Hindi"), max_length=300)
    owner_en = models.CharField(_("owner in English"), max_length=200)
    owner_hi = models.CharField(_("owner in Hindi"), max_length=200)
    operator_en = models.CharField(_("operator in English"), max_length=200, blank=True)
    operator_hi = models.CharField(_("operator in Hindi"), max_length=200, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("mall")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="there_is_one_mall")]


class Floor(Named):
    """A level of the mall with its plan."""

    level = models.SmallIntegerField(_("level"), unique=True)
    width = models.DecimalField(_("width of the plan (m)"), max_digits=7, decimal_places=2)
    depth = models.DecimalField(_("depth of the plan (m)"), max_digits=7, decimal_places=2)
    outline = models.JSONField(_("outline"))  # [[x, y], ...]

    class Meta:
        verbose_name = _("floor")
        verbose_name_plural = _("floors")
        ordering: ClassVar[Any] = ["level"]


class ZoneKind(models.TextChoices):
    TRADE = "trade", _("Trade")
    SERVICE = "service", _("Service")
    OPEN = "open", _("Open space")


class Zone(Named):
    """A named part of a floor: a street of districts, the food court, the warehouse."""

    floor = models.ForeignKey(Floor, models.PROTECT, related_name="zones", verbose_name=_("floor"))
    code = models.SlugField(_("code"), unique=True)
    kind = models.CharField(_("kind"), max_length=8, choices=ZoneKind, default=ZoneKind.TRADE)
    polygon = models.JSONField(_("polygon"))

    class Meta:
        verbose_name = _("zone")
        verbose_name_plural = _("zones")
        ordering: ClassVar[Any] = ["floor__level", "code"]


class EntranceKind(models.TextChoices):
    MAIN = "main", _("Main entrance")
    SIDE = "side", _("Side entrance")
    PARKING = "parking", _("From the parking")
    SERVICE = "service", _("Goods entrance")


class Entrance(Named):
    """A door by which people or goods come in."""

    floor = models.ForeignKey(Floor, models.PROTECT, related_name="entrances", verbose_name=_("floor"))
    code = models.SlugField(_("code"), unique=True)
    kind = models.CharField(_("kind"), max_length=8, choices=EntranceKind)
    x = models.DecimalField(max_digits=7, decimal_places=2)
    y = models.DecimalField(max_digits=7, decimal_places=2)
    is_step_free = models.BooleanField(_("step-free"), default=True)

    class Meta:
        verbose_name = _("entrance")
        verbose_name_plural = _("entrances")
        ordering: ClassVar[Any] = ["floor__level", "code"]


class OwedTo(models.TextChoices):
    """Whom the scheme obliges the mall to give each unit of a category."""

    STATE = "state", _("one for each state and union territory")
    DISTRICT = "district", _("one for each district")
    NOBODY = "nobody", _("open to applicants")


class UnitCategory(Named):
    """A kind of unit in the scheme: state, district, GI, SHG, rotational, commercial, food."""

    code = models.SlugField(_("code"), unique=True)
    owed_to = models.CharField(_("owed to"), max_length=8, choices=OwedTo)
    # The scheme asks for equal spaces; an unequal one raises a warning, it is not refused.
    is_uniform = models.BooleanField(_("all of one size"), default=False)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("unit category")
        verbose_name_plural = _("unit categories")
        ordering: ClassVar[Any] = ["order"]


class Units(models.QuerySet["Unit"]):
    """Questions about units."""

    def visible_to(self, actor: Any) -> "Units":
        """The building is no secret to anyone who may see the mall at all."""
        return self if getattr(actor, "is_authenticated", False) else self.none()

    def blocked_on(self, day: date) -> "Units":
        return self.filter(blocks__period__contains=day)

    def obligatory(self) -> "Units":
        """The spaces that the scheme owes to a state or a district."""
        return self.exclude(category__owed_to=OwedTo.NOBODY)

    def with_places(self) -> "Units":
        return self.select_related("floor", "zone", "category", "state", "district")


class Unit(models.Model):
    """A space that can be let. Whether it is vacant, let or blocked is derived, never stored here."""

    number = models.CharField(_("unit number"), max_length=12, unique=True)
    floor = models.ForeignKey(Floor, models.PROTECT, related_name="units", verbose_name=_("floor"))
    zone = models.ForeignKey(Zone, models.PROTECT, related_name="units", verbose_name=_("zone"))
    category = models.ForeignKey(UnitCategory, models.PROTECT, related_name="units", verbose_name=_("category"))
    carpet_area = models.DecimalField(_("carpet area (m²)"), max_digits=8, decimal_places=2)
    chargeable_area = models.DecimalField(_("chargeable area (m²)"), max_digits=8, decimal_places=2)
    polygon = models.JSONField(_("polygon"))
    state = models.OneToOneField(
        State, models.PROTECT, related_name="unit", null=True, blank=True, verbose_name=_("owed to the state")
    )
    district = models.OneToOneField(
        District,
        models.PROTECT,
        related_name="unit",
        null=True,
        blank=True,
        verbose_name=_("owed to the district"),
    )

    objects: ClassVar[Any] = Units.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        ordering: ClassVar[Any] = ["number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(carpet_area__gt=0),
                name="carpet_area_is_positive",
                violation_error_message=_("A unit has some floor: the carpet area is above 0."),
            ),
            models.CheckConstraint(
                condition=Q(chargeable_area__gte=F("carpet_area")),
                name="chargeable_area_covers_carpet_area",
                violation_error_message=_("The chargeable area holds the carpet area: it cannot be smaller."),
            ),
            models.CheckConstraint(
                condition=Q(state__isnull=True) | Q(district__isnull=True),
                name="unit_is_owed_to_a_state_or_a_district_not_both",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def owed_place(self) -> State | District | None:
        return self.state or self.district

    @property
    def label_point(self) -> tuple[float, float]:
        """Where a label stands: the middle of the polygon's corners, in metres."""
        return middle(self.polygon)


class UnitBlock(models.Model):
    """A unit cannot be used for a time: repair, inspection, inauguration."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="blocks", verbose_name=_("unit"))
    period = DateRangeField(_("period"))
    reason = models.CharField(_("reason"), max_length=200)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("block of a unit")
        ordering: ClassVar[Any] = ["-period"]
        constraints = [
            models.CheckConstraint(
                condition=Q(period__isempty=False) & Q(period__startswith__isnull=False),
                name="block_begins_on_a_day",
            ),
            ExclusionConstraint(
                name="unit_is_blocked_once_at_a_time",
                expressions=[
                    (one_at_a_time("unit"), RangeOperators.OVERLAPS),
                    ("period", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit}: {self.reason}"


def middle(polygon: Sequence[Sequence[float]]) -> tuple[float, float]:
    """The centre of a polygon's bounding box, in metres."""
    across = [corner[0] for corner in polygon]
    down = [corner[1] for corner in polygon]
    return (min(across) + max(across)) / 2, (min(down) + max(down)) / 2


def unequal_sizes(units: Sequence[Unit]) -> dict[str, list[Decimal]]:
    """The uniform categories whose units differ in carpet area: category code -> the areas found, sorted.

    Scheme: "at least 36 commercial spaces of uniform floor area"; a difference is a warning, not an error.
    """
    sizes: dict[str, set[Decimal]] = {}
    for unit in units:
        if unit.category.is_uniform:
            sizes.setdefault(unit.category.code, set()).add(unit.carpet_area)
    return {code: sorted(areas) for code, areas in sizes.items() if len(areas) > 1}
