"""What stands in the navigation, by what someone may do."""

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from accounts.roles import Reach, Right
from tenants.access import reach, roles_in_tenants


@dataclass
class Item:
    """A line of the navigation."""

    label: Any
    url: str
    icon: str
    current: bool = False


@dataclass
class Group:
    """Lines that belong together."""

    label: Any
    items: list[Item] = field(default_factory=list)


# label, url name, icon, right, reach it must have (None: any)
OFFICE = (
    (
        _("The mall"),
        (
            (_("Coverage"), "coverage", "map", Right.SEE_COVERAGE, Reach.MALL),
            (_("Units"), "units", "unit", Right.SEE_MALL, Reach.MALL),
            (_("Floor plan"), "plan", "plan", Right.SEE_MALL, Reach.MALL),
            (_("Tenants"), "tenants", "tenants", Right.SEE_TENANTS, Reach.MALL),
            (_("Papers to check"), "papers-waiting", "paper", Right.VERIFY_PAPERS, Reach.MALL),
        ),
    ),
    (
        _("Goods"),
        (
            (_("Today's work"), "warehouse", "box", Right.KEEP_STOCK, Reach.MALL),
            (_("Warehouse map"), "warehouse-map", "plan", Right.SEE_STOCK, Reach.MALL),
            (_("Deliveries"), "receipts", "entrance", Right.SEE_STOCK, Reach.MALL),
            (_("Transfers"), "transfers", "arrow-right", Right.SEE_STOCK, Reach.MALL),
            (_("Counts"), "counts", "list", Right.SEE_STOCK, Reach.MALL),
            (_("Adjustments"), "adjustments", "edit", Right.SEE_STOCK, Reach.MALL),
            (_("Discrepancies"), "discrepancies", "warning", Right.SEE_STOCK, Reach.MALL),
            (_("Movements"), "movements", "history", Right.SEE_STOCK, Reach.MALL),
            (_("Products"), "products", "basket", Right.SEE_STOCK, Reach.MALL),
        ),
    ),
    (
        _("Reference"),
        (
            (_("Districts"), "districts", "district", Right.SEE_MALL, Reach.MALL),
            (_("States"), "states", "state", Right.SEE_MALL, Reach.MALL),
            (_("GI register"), "gi-registrations", "gi", Right.SEE_MALL, Reach.MALL),
            (_("GST rates"), "tax-codes", "tax", Right.SEE_MALL, Reach.MALL),
        ),
    ),
    (
        _("Administration"),
        (
            (_("People and roles"), "people", "people", Right.SEE_PEOPLE, Reach.MALL),
            (_("Devices"), "devices", "device", Right.MANAGE_DEVICES, Reach.MALL),
            (_("Changes"), "changes", "history", Right.SEE_HISTORY, Reach.MALL),
        ),
    ),
)


def for_page(request: HttpRequest) -> dict[str, Any]:
    """The context of every page: navigation, today, and whether this is the demo. Asks nothing until used."""
    return {
        "navigation": SimpleLazyObject(lambda: groups(request)),
        "page_date": timezone.localdate(),
        "is_demo": settings.MODE == "demo",
    }


def groups(request: HttpRequest) -> list[Group]:
    """The groups that the person may use, own tenant first."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    found = [own] if (own := _own_tenants(user, request.path)).items else []
    for label, lines in OFFICE:
        group = Group(label)
        for text, name, icon, right, far in lines:
            if reach(user, right) == far:
                group.items.append(_item(text, reverse(name), icon, request.path, exactly=name == "warehouse"))
        if group.items:
            found.append(group)
    return found


def _own_tenants(user: Any, path: str) -> Group:
    group = Group(_("My tenant"))
    for tenant in roles_in_tenants(user):
        group.items += [
            _item(_("Overview"), reverse("tenant", args=[tenant]), "home", path, exactly=True),
            _item(_("My stock"), reverse("shop-stock", args=[tenant]), "box", path),
            _item(_("Products"), reverse("tenant-products", args=[tenant]), "basket", path),
            _item(_("Papers"), reverse("tenant-papers", args=[tenant]), "paper", path),
            _item(_("Members"), reverse("tenant-members", args=[tenant]), "people", path),
        ]
    return group


def _item(label: Any, url: str, icon: str, path: str, *, exactly: bool = False) -> Item:
    return Item(label, url, icon, path == url if exactly else path.startswith(url))
