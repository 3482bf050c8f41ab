"""Which shops a tenant has: the leases say which units, the warehouse which places of goods."""

from datetime import date

from django.db.models import QuerySet

from inventory.models import Location
from inventory.places import shops_of_units
from leases.models import Lease
from tenants.models import Tenant


def shops_of(tenant: Tenant, day: date) -> QuerySet[Location]:
    """The places of goods in the units that the tenant has on lease on `day`. One query when asked."""
    units = Lease.objects.active_on(day).filter(tenant=tenant).values("unit")
    return shops_of_units(units).order_by("slug")
