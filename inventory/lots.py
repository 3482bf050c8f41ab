"""What is true of a lot for ever, kept at hand: lots are never changed, so a process asks for each only once."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from inventory.models import Grain, Lot
from tenants.models import Tenant


@dataclass(frozen=True)
class LotFacts:
    """Whose the lot is (a Tenant with nothing but its key), how it is counted, until when it is good."""

    tenant: Tenant
    grain: Grain
    expiry_date: date | None


def lot_facts(key: int) -> LotFacts | None:
    """The lasting facts of a lot, whoever asks: see to it that they may know. None where there is no such lot."""
    try:
        return _asked(key)
    except LookupError:
        return None


@lru_cache(maxsize=50_000)
def _asked(key: int) -> LotFacts:
    row = Lot.objects.filter(pk=key).values_list("tenant_id", "grain", "expiry_date").first()
    if row is None:
        raise LookupError(key)  # exceptions are not kept: the lot may come later
    tenant, grain, expiry_date = row
    return LotFacts(Tenant(pk=tenant), Grain(grain), expiry_date)
