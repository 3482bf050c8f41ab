"""The coverage board: each space that the scheme owes to a state or a district, and how it stands.

The scheme is judged by it: 36 states and union territories and every district of Madhya Pradesh.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch, TextChoices
from django.utils.translation import gettext_lazy as _

from leases.occupancy import UnitStatus, with_occupant, with_status
from mall.models import Unit
from reference.models import District, OdopListing, State
from tenants.models import Paper, Tenant
from tenants.paperwork import Standing, standing


class Cover(TextChoices):
    """How far a place's right to a space is met."""

    TRADING = "trading", _("trading")
    PAPERS = "papers", _("let, papers incomplete")
    COMING = "coming", _("let, not yet open")
    EMPTY = "empty", _("space is empty")
    BLOCKED = "blocked", _("space is blocked")
    NO_UNIT = "no_unit", _("no space on the plan")


@dataclass(frozen=True)
class Space:
    """One state or district with what the mall gives it."""

    place: State | District
    unit: Any | None
    tenant: Tenant | None
    papers: Standing | None
    cover: Cover
    products: tuple[Any, ...]


@dataclass(frozen=True)
class Board:
    """All obligatory spaces of one kind, with counts per Cover."""

    spaces: tuple[Space, ...]
    counts: dict[str, int]

    @property
    def total(self) -> int:
        return len(self.spaces)

    @property
    def trading(self) -> int:
        return self.counts.get(Cover.TRADING, 0)


def of_states(day: date) -> Board:
    """The board of the 36 states and union territories. A fixed number of queries."""
    states = State.objects.prefetch_related("flagships")
    units = _units(day).filter(state__isnull=False)
    by_place = {unit.state_id: unit for unit in units}
    return _board([_space(state, by_place.get(state.pk), tuple(state.flagships.all()), day) for state in states])


def of_districts(day: date) -> Board:
    """The board of the districts of Madhya Pradesh. A fixed number of queries."""
    listings = OdopListing.objects.filter(odop_list__is_current=True).select_related("product")
    districts = District.objects.select_related("division").prefetch_related(
        Prefetch("odop_listings", queryset=listings, to_attr="current_listings")
    )
    units = _units(day).filter(district__isnull=False)
    by_place = {unit.district_id: unit for unit in units}
    return _board(
        [
            _space(
                district,
                by_place.get(district.pk),
                tuple(listing.product for listing in district.current_listings),  # type: ignore[attr-defined]
                day,
            )
            for district in districts
        ]
    )


def _units(day: date) -> Any:
    units = with_occupant(with_status(Unit.objects.obligatory().select_related("floor", "category"), day), day)
    return units.prefetch_related(
        Prefetch("leases_now__tenant__papers", queryset=Paper.objects.kept(), to_attr="papers_kept")
    )


def _space(place: State | District, unit: Any | None, products: tuple[Any, ...], day: date) -> Space:
    lease = unit.leases_now[0] if unit is not None and unit.leases_now else None
    tenant = lease.tenant if lease else None
    papers = standing(tenant, tenant.papers_kept, day) if tenant else None
    return Space(place, unit, tenant, papers, _cover(unit, papers), products)


def _cover(unit: Any | None, papers: Standing | None) -> Cover:
    if unit is None:
        return Cover.NO_UNIT
    if unit.status == UnitStatus.BLOCKED:
        return Cover.BLOCKED
    if unit.status == UnitStatus.VACANT or papers is None:
        return Cover.EMPTY
    if unit.status in (UnitStatus.OFFERED, UnitStatus.FITTING_OUT):
        return Cover.COMING
    return Cover.TRADING if papers.code in ("complete", "expiring") else Cover.PAPERS


def _board(spaces: list[Space]) -> Board:
    return Board(tuple(spaces), dict(Counter(space.cover.value for space in spaces)))
