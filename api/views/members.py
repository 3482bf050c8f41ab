"""Members of a tenant, and those who are invited to become one."""

from typing import Any, ClassVar

import django_filters
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.policy import Policy
from accounts.roles import Right, TenantRole
from api.fields import Entry, Nothing, Why
from api.filtering import YesNo
from api.shapes import PersonNameShape, Shape
from api.views.base import Endpoint
from tenants.members import change_role, end_membership, invite, withdraw_invitation
from tenants.models import Invitation, Membership, Tenant


class MemberShape(Shape):
    id = serializers.IntegerField()
    person = PersonNameShape(source="user")
    role = serializers.ChoiceField(TenantRole.choices)
    began_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class MemberFilters(django_filters.FilterSet):
    current = YesNo("ended_at", lookup_expr="isnull", label=_("is still a member"))
    role = django_filters.ChoiceFilter(choices=TenantRole.choices, label=_("role"))


class Members(Endpoint):
    """Who works for a tenant, or has."""

    policy = Policy({"GET": Right.SEE_TENANTS}, object_of="tenant")
    answers: ClassVar[Any] = {"GET": MemberShape}
    lists = True
    filterset_class = MemberFilters

    def get(self, request: Request, pk: int) -> Response:
        tenant = self.find(Tenant.objects.visible_to(self.actor), pk=pk)
        return self.page(Membership.objects.visible_to(self.actor).filter(tenant=tenant).select_related("user"))


class RoleEntry(Entry):
    role = serializers.ChoiceField(TenantRole.choices)


class OneMember(Endpoint):
    """Give a member another role. Their sessions and keys end."""

    policy = Policy({"PATCH": Right.MANAGE_MEMBERS}, object_of="membership")
    asks: ClassVar[Any] = {"PATCH": RoleEntry}
    answers: ClassVar[Any] = {"PATCH": MemberShape}

    def patch(self, request: Request, pk: int) -> Response:
        member = self.find(Membership.objects.visible_to(self.actor, Right.MANAGE_MEMBERS), pk=pk)
        return self.answer(change_role(membership=member, by=self.actor, **self.entry()))


class EndMember(Endpoint):
    """Someone stops working for a tenant. Their sessions and keys end."""

    policy = Policy({"POST": Right.MANAGE_MEMBERS}, object_of="membership")
    asks: ClassVar[Any] = {"POST": Why}
    answers: ClassVar[Any] = {"POST": MemberShape}

    def post(self, request: Request, pk: int) -> Response:
        member = self.find(Membership.objects.visible_to(self.actor, Right.MANAGE_MEMBERS), pk=pk)
        return self.answer(end_membership(membership=member, by=self.actor, at=self.now, **self.entry()))


class InvitationShape(Shape):
    id = serializers.IntegerField()
    role = serializers.ChoiceField(TenantRole.choices)
    full_name = serializers.CharField()
    email = serializers.CharField()
    mobile = serializers.CharField()
    language = serializers.CharField()
    invited_by = PersonNameShape()
    invited_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    sent_at = serializers.DateTimeField(allow_null=True)
    accepted_at = serializers.DateTimeField(allow_null=True)
    withdrawn_at = serializers.DateTimeField(allow_null=True)


class InvitationEntry(Entry):
    role = serializers.ChoiceField(TenantRole.choices)
    full_name = serializers.CharField(max_length=150)
    email = serializers.CharField(max_length=254, required=False, default="", allow_blank=True)
    mobile = serializers.CharField(max_length=20, required=False, default="", allow_blank=True)
    language = serializers.ChoiceField([("hi", "हिन्दी"), ("en", "English")], required=False, default="hi")


class Invitations(Endpoint):
    """Offers to become a member; POST invites someone for a week. The link goes out by mail."""

    policy = Policy({"GET": Right.MANAGE_MEMBERS, "POST": Right.MANAGE_MEMBERS}, object_of="tenant")
    asks: ClassVar[Any] = {"POST": InvitationEntry}
    answers: ClassVar[Any] = {"GET": InvitationShape, "POST": InvitationShape}
    lists = creates = True

    def get(self, request: Request, pk: int) -> Response:
        tenant = self.find(Tenant.objects.visible_to(self.actor, Right.MANAGE_MEMBERS), pk=pk)
        return self.page(Invitation.objects.visible_to(self.actor).filter(tenant=tenant).select_related("invited_by"))

    def post(self, request: Request, pk: int) -> Response:
        """Invite someone for a week. The link goes out by mail."""
        tenant = self.find(Tenant.objects.visible_to(self.actor, Right.MANAGE_MEMBERS), pk=pk)
        return self.answer(invite(tenant=tenant, by=self.actor, at=self.now, **self.entry()))


class WithdrawInvitation(Endpoint):
    """Take an invitation back; its link opens nothing from now on."""

    policy = Policy({"POST": Right.MANAGE_MEMBERS}, object_of="invitation")
    asks: ClassVar[Any] = {"POST": Nothing}
    answers: ClassVar[Any] = {"POST": InvitationShape}

    def post(self, request: Request, pk: int) -> Response:
        found = self.find(Invitation.objects.visible_to(self.actor), pk=pk)
        self.entry()
        return self.answer(withdraw_invitation(invitation=found, by=self.actor, at=self.now))
