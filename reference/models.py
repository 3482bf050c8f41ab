"""The country as the scheme sees it: states, districts, ODOP, GI, tax. Loaded, not typed in."""

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.names import Named, Sourced
from core.periods import covers, one_at_a_time


class StateKind(models.TextChoices):
    STATE = "state", _("State")
    UNION_TERRITORY = "union_territory", _("Union territory")


class State(Named, Sourced):
    """A state or union territory of India; the scheme owes each of the 36 one space."""

    kind = models.CharField(_("kind"), max_length=15, choices=StateKind)
    lgd_code = models.PositiveSmallIntegerField(_("LGD code"), unique=True)
    iso_code = models.CharField(_("ISO 3166-2 code"), max_length=6, unique=True)
    gst_code = models.CharField(_("GST state code"), max_length=2, unique=True)
    # Where its tile stands on the map of equal tiles, from the top left.
    tile_column = models.PositiveSmallIntegerField()
    tile_row = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("state or union territory")
        verbose_name_plural = _("states and union territories")
        ordering: ClassVar[Any] = ["name_en"]
        constraints = [
            models.UniqueConstraint(fields=["tile_column", "tile_row"], name="state_tiles_do_not_overlap"),
        ]


class Flagship(Named, Sourced):
    """A craft or product that stands for a state in its space, with the list that names it."""

    state = models.ForeignKey(State, models.PROTECT, related_name="flagships", verbose_name=_("state"))
    named_by = models.CharField(_("named by"), max_length=10, choices=[("GI", "GI"), ("ODOP", "ODOP"), ("none", "–")])

    class Meta:
        verbose_name = _("flagship product")
        ordering: ClassVar[Any] = ["state", "name_en"]
        constraints = [models.UniqueConstraint(fields=["state", "name_en"], name="flagship_is_named_once")]


class Division(Named):
    """An administrative division of Madhya Pradesh."""

    code = models.SlugField(_("code"), unique=True)

    class Meta:
        verbose_name = _("division")
        ordering: ClassVar[Any] = ["name_en"]


class District(Named, Sourced):
    """A district of Madhya Pradesh; the scheme owes each one an equal space, announced ones too."""

    state = models.ForeignKey(State, models.PROTECT, related_name="districts", verbose_name=_("state"))
    division = models.ForeignKey(Division, models.PROTECT, related_name="districts", verbose_name=_("division"))
    lgd_code = models.PositiveIntegerField(_("LGD code"), unique=True)
    tile_column = models.PositiveSmallIntegerField()
    tile_row = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("district")
        verbose_name_plural = _("districts")
        ordering: ClassVar[Any] = ["name_en"]
        constraints = [
            models.UniqueConstraint(fields=["state", "tile_column", "tile_row"], name="district_tiles_do_not_overlap"),
        ]


class Product(Named):
    """A kind of goods that a list may name: Batik print, orange, bamboo. Not a tenant's stock item."""

    code = models.SlugField(_("code"), unique=True)
    category = models.CharField(_("category"), max_length=40)
    hs_code = models.CharField(_("HS code"), max_length=10, blank=True)
    is_physical = models.BooleanField(_("can be shown and sold"), default=True)

    class Meta:
        verbose_name = _("listed product")
        ordering: ClassVar[Any] = ["name_en"]


class Craft(Named, Sourced):
    """A way of making by which visitors look for goods: block printing, hand weaving, bell-metal casting."""

    code = models.SlugField(_("code"), unique=True)

    class Meta:
        verbose_name = _("craft")
        ordering: ClassVar[Any] = ["name_en"]


class OdopList(Named, Sourced):
    """A published list of One District One Product. Lists differ and are replaced; each listing names its list."""

    code = models.SlugField(_("code"), unique=True)
    is_current = models.BooleanField(_("in force"), default=True)

    class Meta:
        verbose_name = _("ODOP list")
        ordering: ClassVar[Any] = ["code"]


class OdopListing(Sourced):
    """A list names a product for a district. A district may have several, one, or none."""

    odop_list = models.ForeignKey(OdopList, models.PROTECT, related_name="listings", verbose_name=_("ODOP list"))
    district = models.ForeignKey(District, models.PROTECT, related_name="odop_listings", verbose_name=_("district"))
    product = models.ForeignKey(Product, models.PROTECT, related_name="odop_listings", verbose_name=_("product"))

    class Meta:
        verbose_name = _("ODOP listing")
        verbose_name_plural = _("ODOP listings")
        ordering: ClassVar[Any] = ["district__name_en", "product__name_en"]
        constraints = [
            models.UniqueConstraint(fields=["odop_list", "district", "product"], name="a_list_names_a_product_once"),
        ]

    def __str__(self) -> str:
        return f"{self.district}: {self.product}"


class GiStatus(models.TextChoices):
    REGISTERED = "registered", _("Registered")
    APPLIED = "applied", _("Applied for")
    EXPIRED = "expired", _("Expired")
    UNVERIFIED = "unverified", _("Claimed, not confirmed")


class GiRegistrations(models.QuerySet["GiRegistration"]):
    """Questions about GI registrations."""

    def valid_on(self, day: date) -> "GiRegistrations":
        """Registered, and `day` not outside the validity on record."""
        return self.filter(Q(validity=None) | Q(validity__contains=day), status=GiStatus.REGISTERED)


class GiRegistration(Named, Sourced):
    """A geographical indication in the register of the GI Act, 1999. Not the same as ODOP.

    `validity` is None where no source gives its dates: then the status alone speaks, and pages say so.
    """

    code = models.SlugField(_("code"), unique=True)
    # Not unique: the register groups logo and word mark, and most numbers are not known to us.
    application_no = models.CharField(_("GI application number"), max_length=10, blank=True)
    goods_kind = models.CharField(_("kind of goods"), max_length=60)
    status = models.CharField(_("status"), max_length=10, choices=GiStatus)
    registered_year = models.PositiveSmallIntegerField(_("year of registration"), null=True, blank=True)
    validity = DateRangeField(_("valid"), null=True, blank=True)
    proprietor = models.CharField(_("proprietor"), max_length=200, blank=True)
    districts = models.ManyToManyField(District, related_name="gi_registrations", verbose_name=_("districts"))
    # Shared with places outside Madhya Pradesh.
    also_states = models.ManyToManyField(
        State, related_name="shared_gi_registrations", blank=True, verbose_name=_("shared with states")
    )

    objects: ClassVar[Any] = GiRegistrations.as_manager()

    class Meta:
        verbose_name = _("GI registration")
        verbose_name_plural = _("GI registrations")
        ordering: ClassVar[Any] = ["name_en"]
        constraints = [
            models.CheckConstraint(
                condition=Q(validity__isnull=True) | Q(validity__isempty=False),
                name="gi_validity_is_not_empty",
            ),
        ]

    def is_valid_on(self, day: date) -> bool:
        return self.status == GiStatus.REGISTERED and (self.validity is None or covers(self.validity, day))


class TaxScheme(models.TextChoices):
    HSN = "hsn", _("HSN (goods)")
    SAC = "sac", _("SAC (services)")


class TaxCode(Sourced):
    """A HSN or SAC code as GST treats it; where one code is taxed in two ways, each has its variant."""

    scheme = models.CharField(_("scheme"), max_length=3, choices=TaxScheme)
    code = models.CharField(_("code"), max_length=8)
    variant = models.SlugField(_("variant"), max_length=40, blank=True)
    description_en = models.CharField(_("description in English"), max_length=200)
    description_hi = models.CharField(_("description in Hindi"), max_length=200)

    class Meta:
        verbose_name = _("tax code")
        verbose_name_plural = _("tax codes")
        ordering: ClassVar[Any] = ["scheme", "code", "variant"]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "code", "variant"], name="tax_code_variant_is_kept_once"),
        ]

    def __str__(self) -> str:
        return f"{self.code}{'-' + self.variant if self.variant else ''}"

    @property
    def name_en(self) -> str:
        return self.description_en

    @property
    def name_hi(self) -> str:
        return self.description_hi


class TaxRate(Sourced):
    """The GST rate of a code during a period. Rates change by notification; old bills keep theirs."""

    tax_code = models.ForeignKey(TaxCode, models.PROTECT, related_name="rates", verbose_name=_("tax code"))
    percent = models.DecimalField(_("GST rate in percent"), max_digits=5, decimal_places=2)
    period = DateRangeField(_("in force"))

    class Meta:
        verbose_name = _("GST rate")
        ordering: ClassVar[Any] = ["tax_code", "period"]
        constraints = [
            models.CheckConstraint(
                condition=Q(percent__gte=Decimal(0)) & Q(percent__lte=Decimal(100)),
                name="gst_rate_is_a_percentage",
            ),
            models.CheckConstraint(
                condition=Q(period__isempty=False) & Q(period__startswith__isnull=False),
                name="gst_rate_begins_on_a_day",
            ),
            ExclusionConstraint(
                name="gst_rate_is_one_at_a_time",
                expressions=[
                    (one_at_a_time("tax_code"), RangeOperators.OVERLAPS),
                    ("period", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tax_code}: {self.percent}%"
