"""Members of a tenant: listed, invited, given another role, parted."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.policy import Policy
from accounts.roles import Right
from core.indian_format import moment
from tenants.members import change_role, end_membership, invite, token_of, withdraw_invitation
from tenants.models import Invitation, Membership, Tenant
from tenants.tasks import send_invitations
from web.doorbell import ring
from web.forms.tenancy import InvitationForm, RoleForm, WhyForm
from web.views.base import Page, attempt, fetch
from web.views.tenant_frame import ConfirmPage, FormPage, frame, tenant_for


class TenantMembers(Page):
    """Who works for a tenant, and who is invited to. `?link=` shows the link of an open invitation."""

    policy = Policy({"GET": Right.SEE_TENANTS}, object_of="tenant")
    template = "tenants/members.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.SEE_TENANTS, pk)
        members = Membership.objects.visible_to(request.user).current().filter(tenant=tenant)
        invitations = list(
            Invitation.objects.visible_to(request.user)
            .open_at(timezone.now())
            .filter(tenant=tenant)
            .select_related("tenant", "invited_by")
        )
        asked = request.GET.get("link", "")
        shown = next((one for one in invitations if str(one.pk) == asked), None)
        return self.show(
            request,
            **frame(request, tenant, "tenant-members"),
            members=members.select_related("user"),
            invitations=invitations,
            link=link_of(request, shown) if shown else None,
        )


def link_of(request: HttpRequest, invitation: Invitation) -> dict[str, Any]:
    """The link that lets someone in, and one that shares it by WhatsApp in the invited person's language."""
    url = request.build_absolute_uri(reverse("accept-invitation", args=[token_of(invitation)]))
    with override(invitation.language):
        text = _(
            "Namaste %(name)s, you are invited to work for %(tenant)s at Unity Mall Ujjain. "
            "Open this link until %(until)s:"
        ) % {
            "name": invitation.full_name,
            "tenant": invitation.tenant,
            "until": moment(invitation.expires_at),
        }
    number = f"91{invitation.mobile}" if invitation.mobile else ""
    return {
        "invitation": invitation,
        "url": url,
        "whatsapp": f"https://wa.me/{number}?{urlencode({'text': f'{text} {url}'})}",
    }


class MemberInvite(FormPage):
    """Someone is invited to work for a tenant."""

    policy = Policy({"GET": Right.MANAGE_MEMBERS, "POST": Right.MANAGE_MEMBERS}, object_of="tenant")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._ask(request, tenant_for(request, Right.MANAGE_MEMBERS, pk), InvitationForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.MANAGE_MEMBERS, pk)
        form = InvitationForm(request.POST)
        if form.is_valid() and (
            invitation := attempt(
                request,
                form,
                lambda: invite(tenant=tenant, by=request.user, at=timezone.now(), **form.cleaned_data),  # type: ignore[arg-type]
                _("The invitation is ready. Share its link now."),
            )
        ):
            ring(send_invitations)
            return redirect(f"{reverse('tenant-members', args=[tenant.pk])}?link={invitation.pk}")
        return self._ask(request, tenant, form)

    def _ask(self, request: HttpRequest, tenant: Tenant, form: InvitationForm) -> HttpResponse:
        return self.ask(
            request,
            form,
            tenant=tenant,
            heading=_("Invite someone"),
            lead=_("The person gets a link, chooses a password and can begin. The link works once, for a week."),
            submit=_("Make the invitation"),
            back=reverse("tenant-members", args=[tenant.pk]),
        )


class InvitationWithdraw(ConfirmPage):
    """An invitation is taken back."""

    policy = Policy({"GET": Right.MANAGE_MEMBERS, "POST": Right.MANAGE_MEMBERS}, object_of="invitation")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        invitation = invitation_for(request, pk)
        return self.ask(
            request,
            tenant=invitation.tenant,
            heading=_("Withdraw an invitation"),
            question=_("Withdraw the invitation of %(name)s?") % {"name": invitation.full_name},
            consequence=_("Its link opens nothing from now on. You can invite the person again."),
            submit=_("Yes, withdraw"),
            back=reverse("tenant-members", args=[invitation.tenant_id]),
        )

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        invitation = invitation_for(request, pk)
        attempt(
            request,
            None,
            lambda: withdraw_invitation(invitation=invitation, by=request.user, at=timezone.now()),  # type: ignore[arg-type]
            _("The invitation is withdrawn."),
        )
        return redirect("tenant-members", invitation.tenant_id)


class MemberRole(FormPage):
    """A member gets another role."""

    policy = Policy({"GET": Right.MANAGE_MEMBERS, "POST": Right.MANAGE_MEMBERS}, object_of="membership")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        membership = membership_for(request, pk)
        return self._ask(request, membership, RoleForm(initial={"role": membership.role}))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        membership = membership_for(request, pk)
        form = RoleForm(request.POST)
        if form.is_valid() and attempt(
            request,
            form,
            lambda: change_role(
                membership=membership,
                role=form.cleaned_data["role"],
                by=request.user,  # type: ignore[arg-type]
            ),
            _("The role is changed. The person signs in again."),
        ):
            return redirect("tenant-members", membership.tenant_id)
        return self._ask(request, membership, form)

    def _ask(self, request: HttpRequest, membership: Membership, form: RoleForm) -> HttpResponse:
        return self.ask(
            request,
            form,
            tenant=membership.tenant,
            heading=_("Role of %(name)s") % {"name": membership.user},
            lead=_("An owner may change everything of the tenant; shop staff hand in papers and read."),
            submit=_("Save the role"),
            back=reverse("tenant-members", args=[membership.tenant_id]),
        )


class MemberEnd(ConfirmPage):
    """Someone stops working for a tenant."""

    policy = Policy({"GET": Right.MANAGE_MEMBERS, "POST": Right.MANAGE_MEMBERS}, object_of="membership")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._ask(request, membership_for(request, pk), WhyForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        membership = membership_for(request, pk)
        form = WhyForm(request.POST)
        if form.is_valid() and attempt(
            request,
            form,
            lambda: end_membership(
                membership=membership,
                by=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
                why=form.cleaned_data["why"],
            ),
            _("The person is no longer a member."),
        ):
            return redirect("tenant-members", membership.tenant_id)
        return self._ask(request, membership, form)

    def _ask(self, request: HttpRequest, membership: Membership, form: WhyForm) -> HttpResponse:
        return self.ask(
            request,
            form,
            tenant=membership.tenant,
            heading=_("End a membership"),
            question=_("Does %(name)s no longer work for %(tenant)s?")
            % {"name": membership.user, "tenant": membership.tenant},
            consequence=_("The person is signed out at once and sees nothing of this tenant any more."),
            submit=_("Yes, end the membership"),
            back=reverse("tenant-members", args=[membership.tenant_id]),
        )


def membership_for(request: HttpRequest, pk: int) -> Membership:
    """The current membership, where the reader may manage the tenant's members; else 404."""
    rows = Membership.objects.visible_to(request.user, Right.MANAGE_MEMBERS).current()
    return fetch(rows.select_related("tenant", "user"), pk=pk)


def invitation_for(request: HttpRequest, pk: int) -> Invitation:
    """The open invitation, where the reader may manage the tenant's members; else 404."""
    rows = Invitation.objects.visible_to(request.user).filter(accepted_at=None, withdrawn_at=None)
    return fetch(rows.select_related("tenant"), pk=pk)
