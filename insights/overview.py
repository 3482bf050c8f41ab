"""What wants attention today, as far as the reader may see it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count

from accounts.roles import Reach, Right
from insights.coverage import Board, of_districts, of_states
from leases.models import Lease
from leases.occupancy import UnitStatus, with_status
from mall.models import Unit
from tenants.access import reach
from tenants.models import GiAuthorisation, Paper

PAPERS_AHEAD = timedelta(days=30)
LEASES_AHEAD = timedelta(days=90)  # letting anew takes longer than renewing a paper
SHOWN = 5


@dataclass(frozen=True)
class Due:
    """Things that end soon: how many, and the first few, soonest first."""

    count: int
    first: list[Any]


@dataclass(frozen=True)
class Overview:
    """A day in the mall. What the reader may not see is None."""

    districts: Board | None
    states: Board | None
    units: list[tuple[UnitStatus, int]] | None
    papers_waiting: int | None
    papers: Due | None
    authorisations: Due | None
    leases: Due | None


def overview(actor: Any, day: date) -> Overview:
    """The overview of `day` for someone who works for the mall. A fixed number of queries."""

    def sees(right: Right) -> bool:
        return reach(actor, right) == Reach.MALL

    tenants, leases, coverage = sees(Right.SEE_TENANTS), sees(Right.SEE_LEASES), sees(Right.SEE_COVERAGE)
    return Overview(
        districts=of_districts(day) if coverage else None,
        states=of_states(day) if coverage else None,
        units=units_by_status(day) if sees(Right.SEE_MALL) else None,
        papers_waiting=Paper.objects.visible_to(actor).waiting().count() if sees(Right.VERIFY_PAPERS) else None,
        papers=_due(Paper.objects.visible_to(actor).valid_on(day), "validity", day + PAPERS_AHEAD) if tenants else None,
        authorisations=_due(
            GiAuthorisation.objects.visible_to(actor).badge_on(day).with_registration(), "validity", day + PAPERS_AHEAD
        )
        if tenants
        else None,
        leases=_due(Lease.objects.visible_to(actor).active_on(day).select_related("unit"), "period", day + LEASES_AHEAD)
        if leases
        else None,
    )


def units_by_status(day: date) -> list[tuple[UnitStatus, int]]:
    """How many units are in each status, in the order in which statuses are told."""
    units: Any = with_status(Unit.objects.order_by(), day)
    rows = units.values("status").annotate(count=Count("pk"))
    found = {row["status"]: row["count"] for row in rows}
    order = (UnitStatus.LET, UnitStatus.FITTING_OUT, UnitStatus.OFFERED, UnitStatus.VACANT, UnitStatus.BLOCKED)
    return [(status, found.get(status, 0)) for status in order]


def _due(rows: Any, span: str, until: date) -> Due:
    """Those whose period ends by `until`. The upper end is the first day that no longer belongs."""
    ending = rows.filter(**{f"{span}__endswith__lte": until}).order_by(f"{span}__endswith", "pk")
    return Due(ending.count(), list(ending.select_related("tenant")[:SHOWN]))
