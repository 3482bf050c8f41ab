"""What the addresses of the stock share: whose goods, whose shops, and how a quantity is written."""

from collections.abc import Callable, Collection
from decimal import Decimal
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from accounts.roles import Reach, Right
from api.fields import KnownNumber
from api.keyset import wrong
from api.shapes import NamedShape
from api.views.base import Endpoint
from insights.shops import shops_of
from inventory.models import Location, Lot, PlaceKind, Product
from tenants.access import may, reach
from tenants.models import Tenant

SHOP_LIKE = (PlaceKind.UNIT, PlaceKind.FAIR)
MOST_LINES = 100
NOTE: dict[str, Any] = {"max_length": 300, "required": False, "default": "", "allow_blank": True}


class PlaceNameShape(NamedShape):
    id = serializers.IntegerField()
    slug = serializers.CharField()
    kind = serializers.ChoiceField(PlaceKind.choices)


class ProductNameShape(NamedShape):
    id = serializers.IntegerField()
    sku = serializers.CharField()
    unit_of_measure = serializers.CharField()


class Quantity(serializers.DecimalField):
    """So much of a product, in its own unit, with at most three decimals."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=14, decimal_places=3, **options)


class Above0(Quantity):
    """A quantity of something, not of nothing."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=Decimal("0.001"), **options)


class From0(Quantity):
    """A quantity that may be nothing."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=Decimal(0), **options)


def tenants_in_reach(request: Request) -> QuerySet[Tenant]:
    return Tenant.objects.visible_to(request.user, Right.SEE_STOCK)


class OfTenant(django_filters.ModelChoiceFilter):
    """Rows of one tenant, among those whose stock the caller may see; a foreign one is as unknown as none."""

    def __init__(self) -> None:
        super().__init__(queryset=tenants_in_reach, to_field_name="pk", label=_("id of the tenant"))


def own_products(right: Right) -> Callable[[Any], QuerySet[Product]]:
    """The products over which the caller has this right, for a field that names one."""
    return lambda actor: Product.objects.visible_to(actor, right).select_related("tenant")


def own_lots(right: Right) -> Callable[[Any], QuerySet[Lot]]:
    return lambda actor: Lot.objects.visible_to(actor, right).select_related("product", "tenant")


def own_tenants(right: Right) -> Callable[[Any], QuerySet[Tenant]]:
    return lambda actor: Tenant.objects.visible_to(actor, right)


def open_places(*kinds: PlaceKind) -> Callable[[Any], QuerySet[Location]]:
    """The places of these kinds that are in use; without kinds, all that are in the mall."""
    chosen = {"kind__in": kinds} if kinds else {"is_physical": True}
    return lambda actor: Location.objects.visible_to(actor).in_use().filter(**chosen)


def of_a_tenant(right: Right) -> KnownNumber:
    """The field that names the tenant, for those who may act for several; a member of one need not name it."""
    return KnownNumber(
        own_tenants(right), required=False, help_text="Its id; left out by those who belong to one tenant."
    )


def tenant_meant(view: Endpoint, named: Tenant | None, right: Right) -> Tenant:
    """The tenant that was named, else the only one for which the caller may act. Raises ValidationError."""
    if named is not None:
        return named
    if reach(view.actor, right) == Reach.OWN:
        own = list(Tenant.objects.visible_to(view.actor, right)[:2])
        if len(own) == 1:
            return own[0]
    raise wrong("tenant", "required", _("Say for which tenant."))


def one_owner(products: list[Product], field: str) -> Tenant:
    """The tenant whose products these are. Raises ValidationError where they belong to several."""
    owners = {product.tenant_id for product in products}
    if len(owners) != 1:
        raise wrong(field, "several_tenants", _("All goods of one paper are one tenant's: send one for each."))
    return products[0].tenant


def its_shop(view: Endpoint, tenant: Tenant, place: Location, field: str) -> Location:
    """The place, where it is a shop that the tenant has on lease today. Raises ValidationError."""
    if not shops_of(tenant, view.today).filter(pk=place.pk).exists():
        raise wrong(field, "foreign_shop", _("Choose a shop that the tenant has on lease."))
    return place


def must_have(view: Endpoint, right: Right, tenant: Tenant) -> None:
    """Raise PermissionDenied where the caller lacks this right over the tenant.

    For writes that a shop makes of its own goods and the warehouse of all: what is meant is known only from the body.
    """
    if not may(view.actor, right, tenant):
        raise PermissionDenied


def by_line(lines: list[dict[str, Any]], known: Collection[int]) -> dict[int, dict[str, Any]]:
    """What is said of each line of a paper. Raises ValidationError where a line is foreign or comes twice."""
    said: dict[int, dict[str, Any]] = {}
    for place, line in enumerate(lines):
        key = line.pop("line")
        if key not in known:
            raise wrong(f"lines.{place}.line", "unknown", _("There is nothing with this key."))
        if key in said:
            raise wrong(f"lines.{place}.line", "repeated", _("This line is named twice."))
        said[key] = line
    return said
