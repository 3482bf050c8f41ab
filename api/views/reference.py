"""The country: states, districts, ODOP, GI, tax. Public facts, the same for everyone."""

from typing import Any, ClassVar

import django_filters
from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.policy import Everyone, Policy, public
from api.fields import Day, Period
from api.filtering import OnDay, Search
from api.shapes import CodedShape, NamedShape, PlaceShape, Shape, SourcedShape
from api.views.base import PUBLIC_FACTS, Endpoint
from reference.models import (
    District,
    Division,
    GiRegistration,
    GiStatus,
    OdopList,
    OdopListing,
    Product,
    State,
    StateKind,
    TaxCode,
    TaxRate,
    TaxScheme,
)


class Facts(Endpoint):
    """Facts that anyone may read and keep for an hour."""

    policy = public("GET")
    caching = PUBLIC_FACTS


class TileShape(Shape):
    """Where a place stands on the map of equal tiles, from the top left."""

    column = serializers.IntegerField(source="tile_column")
    row = serializers.IntegerField(source="tile_row")


class FlagshipShape(NamedShape, SourcedShape):
    named_by = serializers.CharField(help_text="GI, ODOP or none: the list that names it.")


class StateShape(PlaceShape, SourcedShape):
    kind = serializers.ChoiceField(StateKind.choices)
    iso_code = serializers.CharField()
    gst_code = serializers.CharField()
    tile = TileShape(source="*")
    flagships = FlagshipShape(many=True)


class StateFilters(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(choices=StateKind.choices, label=_("kind"))
    q = Search("name_en", "name_hi", label=_("part of the name"))


class States(Facts):
    """The states and union territories of India."""

    answers: ClassVar[Any] = {"GET": StateShape}
    lists = True
    filterset_class = StateFilters
    ordering_fields = ("name_en", "name_hi", "lgd_code")

    def get(self, request: Request) -> Response:
        return self.page(State.objects.prefetch_related("flagships"))


class OneState(Facts):
    """A state or union territory."""

    policy = Policy({"GET": Everyone.PUBLIC}, object_of="state")
    answers: ClassVar[Any] = {"GET": StateShape}

    def get(self, request: Request, lgd_code: int) -> Response:
        return self.answer(self.find(State.objects.prefetch_related("flagships"), lgd_code=lgd_code))


class DistrictShape(PlaceShape, SourcedShape):
    state = PlaceShape()
    division = CodedShape()
    tile = TileShape(source="*")


class DistrictFilters(django_filters.FilterSet):
    division = django_filters.ModelChoiceFilter(
        queryset=Division.objects.all(), to_field_name="code", label=_("code of the division")
    )
    q = Search("name_en", "name_hi", label=_("part of the name"))


class Districts(Facts):
    """The districts of Madhya Pradesh."""

    answers: ClassVar[Any] = {"GET": DistrictShape}
    lists = True
    filterset_class = DistrictFilters
    ordering_fields = ("name_en", "name_hi", "lgd_code")

    def get(self, request: Request) -> Response:
        return self.page(District.objects.select_related("state", "division"))


class OneDistrict(Facts):
    """A district of Madhya Pradesh."""

    policy = Policy({"GET": Everyone.PUBLIC}, object_of="district")
    answers: ClassVar[Any] = {"GET": DistrictShape}

    def get(self, request: Request, lgd_code: int) -> Response:
        return self.answer(self.find(District.objects.select_related("state", "division"), lgd_code=lgd_code))


class Divisions(Facts):
    """The administrative divisions of Madhya Pradesh."""

    answers: ClassVar[Any] = {"GET": CodedShape}
    lists = True

    def get(self, request: Request) -> Response:
        return self.page(Division.objects.all())


class OdopListShape(CodedShape, SourcedShape):
    is_current = serializers.BooleanField()


class OdopLists(Facts):
    """The published lists of One District One Product; they differ and replace one another."""

    answers: ClassVar[Any] = {"GET": OdopListShape}
    lists = True

    def get(self, request: Request) -> Response:
        return self.page(OdopList.objects.all())


class ProductShape(CodedShape):
    category = serializers.CharField()
    hs_code = serializers.CharField()
    is_physical = serializers.BooleanField(help_text="Whether it can be shown and sold.")


class OdopListingShape(SourcedShape):
    id = serializers.IntegerField()
    odop_list = CodedShape()
    district = PlaceShape()
    product = ProductShape()


class OdopListingFilters(django_filters.FilterSet):
    district = django_filters.ModelChoiceFilter(
        queryset=District.objects.all(), to_field_name="lgd_code", label=_("LGD code of the district")
    )
    product = django_filters.ModelChoiceFilter(
        queryset=Product.objects.all(), to_field_name="code", label=_("code of the product")
    )
    list = django_filters.ModelChoiceFilter(
        "odop_list", queryset=OdopList.objects.all(), to_field_name="code", label=_("code of the list")
    )


class OdopListings(Facts):
    """Which product each list names for which district."""

    answers: ClassVar[Any] = {"GET": OdopListingShape}
    lists = True
    filterset_class = OdopListingFilters

    def get(self, request: Request) -> Response:
        return self.page(OdopListing.objects.select_related("odop_list", "district", "product"))


class GiRegistrationShape(CodedShape, SourcedShape):
    application_no = serializers.CharField()
    goods_kind = serializers.CharField()
    status = serializers.ChoiceField(GiStatus.choices)
    registered_year = serializers.IntegerField(allow_null=True)
    validity = Period(allow_null=True, help_text="Null where no source gives the dates.")
    is_valid_today = serializers.SerializerMethodField()
    proprietor = serializers.CharField()
    districts = PlaceShape(many=True)
    also_states = PlaceShape(many=True)

    def get_is_valid_today(self, registration: GiRegistration) -> bool:
        return registration.is_valid_on(self.context["today"])


class GiRegistrationFilters(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(choices=GiStatus.choices, label=_("status"))
    district = django_filters.ModelChoiceFilter(
        "districts",
        queryset=District.objects.all(),
        to_field_name="lgd_code",
        label=_("LGD code of the district"),
    )
    q = Search("name_en", "name_hi", label=_("part of the name"))


class GiRegistrations(Facts):
    """Geographical indications of Madhya Pradesh, with status and validity. GI is not ODOP."""

    answers: ClassVar[Any] = {"GET": GiRegistrationShape}
    lists = True
    filterset_class = GiRegistrationFilters
    ordering_fields = ("name_en", "name_hi", "code")

    def get(self, request: Request) -> Response:
        return self.page(GiRegistration.objects.prefetch_related("districts", "also_states"))


class OneGiRegistration(Facts):
    """A geographical indication."""

    policy = Policy({"GET": Everyone.PUBLIC}, object_of="registration")
    answers: ClassVar[Any] = {"GET": GiRegistrationShape}

    def get(self, request: Request, code: str) -> Response:
        return self.answer(self.find(GiRegistration.objects.prefetch_related("districts", "also_states"), code=code))


class TaxRateShape(SourcedShape):
    percent = serializers.DecimalField(max_digits=5, decimal_places=2)
    period = Period()


class TaxCodeShape(SourcedShape):
    scheme = serializers.ChoiceField(TaxScheme.choices)
    code = serializers.CharField()
    variant = serializers.CharField(help_text="Set where one code is taxed in two ways.")
    description_en = serializers.CharField()
    description_hi = serializers.CharField()
    rate = serializers.SerializerMethodField()

    @extend_schema_field(TaxRateShape(allow_null=True))
    def get_rate(self, code: Any) -> Any:
        return TaxRateShape(code.rates_then[0]).data if code.rates_then else None


class TaxCodeFilters(django_filters.FilterSet):
    scheme = django_filters.ChoiceFilter(choices=TaxScheme.choices, label=_("HSN or SAC"))
    code = django_filters.CharFilter(max_length=8, label=_("code"))
    on = OnDay(label=_("the day whose rate is asked for; today unless told"), method="as_is")

    def as_is(self, rows: Any, _name: str, _day: Any) -> Any:
        """The day chooses the rate shown with each code, not the codes."""
        return rows


class TaxCodes(Facts):
    """HSN and SAC codes with the GST rate in force on a day; null where none is on record."""

    answers: ClassVar[Any] = {"GET": TaxCodeShape}
    lists = True
    filterset_class = TaxCodeFilters

    def get(self, request: Request) -> Response:
        asked = request.query_params.get("on")
        day = Day().run_validation(asked) if asked else self.today
        rates = TaxRate.objects.filter(period__contains=day)
        return self.page(TaxCode.objects.prefetch_related(Prefetch("rates", rates, to_attr="rates_then")))
