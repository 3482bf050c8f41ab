"""The first page: what the mall is, for visitors; what wants attention, for staff; one's tenant, for members."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.policy import public
from accounts.roles import Reach, Right
from insights.changes import newest
from insights.coverage import of_districts, of_states
from insights.overview import Due, overview, units_by_status
from leases.occupancy import UnitStatus
from mall.models import Mall
from tenants.access import reach
from tenants.models import Membership
from web.gate import needs_second_factor
from web.views.base import Page
from web.views.changes import with_links

NEWEST = 5


class Home(Page):
    """Four readers, four pages, one address."""

    policy = public("GET")

    def get(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not user.is_authenticated:
            return self.welcome(request)
        if needs_second_factor(user):
            return redirect("second-factor-setup")
        if user.is_mall_staff:
            return self.day(request)
        return self.doors(request)

    def welcome(self, request: HttpRequest) -> HttpResponse:
        """For visitors: the mall and how far it has come."""
        self.template = "home/welcome.html"
        today = timezone.localdate()
        units = dict(units_by_status(today))
        mall = Mall.objects.first()
        return self.show(
            request,
            mall=mall,
            address=in_language(mall, "address"),
            owner=in_language(mall, "owner"),
            states=of_states(today),
            districts=of_districts(today),
            units_let=units[UnitStatus.LET],
            units=sum(units.values()),
        )

    def day(self, request: HttpRequest) -> HttpResponse:
        """For staff: what wants attention today."""
        self.template = "home/day.html"
        today = timezone.localdate()
        view = overview(request.user, today)
        return self.show(
            request,
            view=view,
            stats=stats(view),
            dues=dues(view),
            changes=with_links(newest(request.user, per_page=NEWEST).page(1).object_list)
            if reach(request.user, Right.SEE_HISTORY) == Reach.MALL
            else None,
        )

    def doors(self, request: HttpRequest) -> HttpResponse:
        """For members: their tenant; with several, the choice; with none, why there is nothing."""
        memberships = list(
            Membership.objects.current()
            .filter(user=request.user)
            .select_related("tenant")
            .order_by("tenant__name_en", "tenant_id")
        )
        if len(memberships) == 1:
            return redirect("tenant", memberships[0].tenant_id)
        self.template = "home/doors.html"
        return self.show(request, memberships=memberships)


def in_language(thing: Any, field: str) -> str:
    """A field that exists in both languages, in the reader's."""
    return getattr(thing, f"{field}_{'hi' if get_language() == 'hi' else 'en'}", "")


def stats(view: Any) -> list[dict[str, Any]]:
    """The tiles at the head of the day: a number, where it leads."""
    tiles: list[dict[str, Any]] = []
    signs = {"let": ("good", "check"), "fitting_out": ("warn", "hammer"), "offered": ("info", "hand")}
    for status, count in view.units or []:
        tone, icon = signs.get(status, ("calm", "square") if status == UnitStatus.VACANT else ("bad", "block"))
        tiles.append(
            {
                "label": _("Units: %(status)s") % {"status": status.label},
                "value": count,
                "tone": tone,
                "icon": icon,
                "url": f"{reverse('units')}?status={status.value}",
            }
        )
    if view.papers_waiting is not None:
        tiles.append(
            {
                "label": _("Papers to check"),
                "value": view.papers_waiting,
                "tone": "warn" if view.papers_waiting else "good",
                "icon": "paper",
                "url": reverse("papers-waiting"),
            }
        )
    return tiles


def dues(view: Any) -> list[dict[str, Any]]:
    """The cards of what ends soon: each with its first lines and the way to the rest."""
    cards = []

    def card(due: Due | None, title: str, nothing: str, lines: Any, more: str = "") -> None:
        if due is not None:
            cards.append(
                {
                    "title": title,
                    "count": due.count,
                    "nothing": nothing,
                    "lines": [lines(thing) for thing in due.first],
                    "more": more,
                }
            )

    card(
        view.papers,
        _("Papers that expire within 30 days"),
        _("No paper expires within 30 days."),
        lambda paper: {
            "what": paper,
            "whose": paper.tenant,
            "url": reverse("paper", args=[paper.pk]),
            "span": paper.validity,
        },
        f"{reverse('papers-waiting')}?tab=expiring" if view.papers_waiting is not None else "",
    )
    card(
        view.authorisations,
        _("GI authorisations that end within 30 days"),
        _("No GI authorisation ends within 30 days."),
        lambda held: {
            "what": held,
            "whose": held.tenant,
            "url": reverse("tenant", args=[held.tenant_id]),
            "span": held.validity,
        },
    )
    card(
        view.leases,
        _("Leases that end within 90 days"),
        _("No lease ends within 90 days."),
        lambda lease: {
            "what": lease.unit,
            "whose": lease.tenant,
            "url": reverse("unit", args=[lease.unit.number]),
            "span": lease.period,
        },
    )
    return cards
