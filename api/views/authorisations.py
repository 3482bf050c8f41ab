"""GI authorisations: put on record by the mall, taken off."""

from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.policy import Policy
from accounts.roles import Right
from api.fields import KnownCode, KnownNumber, Lasting, Period, SaidWhy
from api.shapes import CodedShape, Shape, TenantNameShape
from api.views.base import Endpoint
from reference.models import GiRegistration
from tenants.authorising import authorise, withdraw_authorisation
from tenants.models import GiAuthorisation, Paper, Tenant


class GiAuthorisationShape(Shape):
    id = serializers.IntegerField()
    tenant = TenantNameShape()
    registration = CodedShape()
    authorised_user_no = serializers.CharField()
    holder = serializers.CharField()
    validity = Period()
    paper = serializers.IntegerField(source="paper_id", allow_null=True, help_text="The certificate.")
    shows_badge_today = serializers.SerializerMethodField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)

    def get_shows_badge_today(self, authorisation: GiAuthorisation) -> bool:
        return authorisation.shows_badge_on(self.context["today"])


class GiAuthorisationEntry(Lasting):
    registration = KnownCode(lambda _actor: GiRegistration.objects.all(), key="code")
    authorised_user_no = serializers.CharField(max_length=30)
    holder = serializers.CharField(max_length=150)
    paper = KnownNumber(
        lambda actor: Paper.objects.visible_to(actor, Right.VERIFY_PAPERS),
        required=False,
        allow_null=True,
        default=None,
        help_text="The certificate, a paper of the same tenant.",
    )


class TenantGiAuthorisations(Endpoint):
    """What a tenant is an authorised user of; POST puts an authorisation on record."""

    policy = Policy({"GET": Right.SEE_TENANTS, "POST": Right.VERIFY_PAPERS}, object_of="tenant")
    asks: ClassVar[Any] = {"POST": GiAuthorisationEntry}
    answers: ClassVar[Any] = {"GET": GiAuthorisationShape, "POST": GiAuthorisationShape}
    lists = creates = True

    def get(self, request: Request, pk: int) -> Response:
        tenant = self.find(Tenant.objects.visible_to(self.actor), pk=pk)
        return self.page(GiAuthorisation.objects.visible_to(self.actor).with_registration().filter(tenant=tenant))

    def post(self, request: Request, pk: int) -> Response:
        """Put an authorisation on record."""
        tenant = self.find(Tenant.objects.visible_to(self.actor, Right.VERIFY_PAPERS), pk=pk)
        return self.answer(authorise(tenant=tenant, by=self.actor, **self.entry()))


class WithdrawGiAuthorisation(Endpoint):
    """Take an authorisation off the record: its badge ends at once."""

    policy = Policy({"POST": Right.VERIFY_PAPERS}, object_of="gi_authorisation")
    asks: ClassVar[Any] = {"POST": SaidWhy}
    answers: ClassVar[Any] = {"POST": GiAuthorisationShape}

    def post(self, request: Request, pk: int) -> Response:
        found = self.find(GiAuthorisation.objects.visible_to(self.actor, Right.VERIFY_PAPERS), pk=pk)
        return self.answer(withdraw_authorisation(authorisation=found, by=self.actor, at=self.now, **self.entry()))
