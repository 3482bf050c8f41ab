"""What the pages about one tenant share: what the reader may do there, tabs, forms, confirmations."""

from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.roles import Right
from tenants.access import may, roles_in_tenants
from tenants.models import Tenant
from web.views.base import Page, fetch

WRONG = 422  # the page again, with what is wrong


def tenant_for(request: HttpRequest, right: Right, pk: int) -> Tenant:
    """The tenant, where the reader holds `right` over it; else 404."""
    return fetch(Tenant.objects.visible_to(request.user, right).with_home(), pk=pk)


def abilities(request: HttpRequest, tenant: Tenant) -> dict[str, bool]:
    """What the reader may see and do at this tenant. Of one that has left, only reading remains."""
    user, here = request.user, tenant.closed_date is None
    return {
        "see_bank_account": may(user, Right.SEE_BANK_ACCOUNTS, tenant),
        "see_leases": may(user, Right.SEE_LEASES, tenant),
        "see_history": may(user, Right.SEE_HISTORY, tenant),
        "see_stock": may(user, Right.SEE_STOCK, tenant),
        "edit": here and may(user, Right.EDIT_TENANTS, tenant),
        "edit_bank_account": here and may(user, Right.EDIT_BANK_ACCOUNTS, tenant),
        "hand_in": here and may(user, Right.SUBMIT_PAPERS, tenant),
        "check_papers": may(user, Right.VERIFY_PAPERS, tenant),
        "authorise": here and may(user, Right.VERIFY_PAPERS, tenant),
        "manage_members": here and may(user, Right.MANAGE_MEMBERS, tenant),
        "part": here and may(user, Right.REGISTER_TENANTS, tenant),
    }


def frame(request: HttpRequest, tenant: Tenant, current: str) -> dict[str, Any]:
    """The context of a page about a tenant: the tenant, `can`, its tabs, whether it is the reader's own."""
    can = abilities(request, tenant)
    goods = [
        ("shop-stock", _("Stock")),
        ("tenant-products", _("Products")),
        ("sheets", _("Sheets")),
        ("tenant-position", _("All its goods")),
    ]
    lines = [
        ("tenant", _("Overview")),
        ("tenant-papers", _("Papers")),
        ("tenant-members", _("Members")),
        *(goods if can["see_stock"] else []),
        *([("tenant-history", _("History"))] if can["see_history"] else []),
    ]
    return {
        "tenant": tenant,
        "can": can,
        "is_own": tenant.pk in roles_in_tenants(request.user),  # type: ignore[arg-type]
        "tabs": [
            {
                "label": label,
                "url": reverse(name, args=[tenant.pk]),
                "current": name == current,
                "count": None,
            }
            for name, label in lines
        ],
    }


class FormPage(Page):
    """One form about a tenant: shown by GET, acted on by POST, shown again with what is wrong."""

    template = "tenants/form.html"

    def ask(self, request: HttpRequest, form: BaseForm, *, tenant: Tenant | None, **words: Any) -> HttpResponse:
        """Show the form. Words: heading, submit, back (URL), and optionally lead, tone, icon."""
        return self.show(
            request,
            status=WRONG if form.errors else 200,
            form=form,
            tenant=tenant,
            **words,
        )


class ConfirmPage(Page):
    """Asks once more before something that is hard to undo."""

    template = "tenants/confirm.html"

    def ask(self, request: HttpRequest, form: BaseForm | None = None, *, tenant: Tenant, **words: Any) -> HttpResponse:
        """Ask. Words: heading, question, consequence, submit, back (URL), and optionally tone."""
        return self.show(
            request,
            status=WRONG if form is not None and form.errors else 200,
            form=form,
            tenant=tenant,
            **words,
        )
