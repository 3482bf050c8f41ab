"""Tenants: registered, kept true, with their contacts, bank account and history."""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

import django_filters
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.policy import Policy
from accounts.roles import Right
from api.etags import require_match
from api.fields import Day, Entry, KnownCodes, KnownNumber, Nothing
from api.filtering import Search, YesNo
from api.shapes import CodedShape, NamedShape, PersonNameShape, PlaceShape, Shape
from api.views.base import Endpoint
from core.history import changes
from leases.departing import depart
from reference.models import District, Product, State
from tenants.models import BankAccount, Contact, GiAuthorisation, Paper, PaperKind, Tenant, TenantKind
from tenants.paperwork import standing
from tenants.registering import (
    change_particulars,
    drop_contact,
    keep_bank_account,
    keep_contact,
    register_tenant,
)

CHANGE_KINDS = [("+", "created"), ("~", "changed"), ("-", "removed")]
STANDINGS = [(name, name) for name in ("missing", "waiting", "expiring", "complete")]


class StandingShape(Shape):
    """How the papers stand today: the worst speaks, the kinds follow."""

    code = serializers.ChoiceField(STANDINGS)
    missing = serializers.ListField(child=serializers.ChoiceField(PaperKind.choices))
    waiting = serializers.ListField(child=serializers.ChoiceField(PaperKind.choices))
    expiring = serializers.ListField(child=serializers.ChoiceField(PaperKind.choices))


class TenantShape(NamedShape):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(TenantKind.choices)
    home_state = PlaceShape()
    home_district = PlaceShape(allow_null=True)
    is_women_led = serializers.BooleanField()
    has_shg_members = serializers.BooleanField()
    products = CodedShape(many=True)
    gi_badges = serializers.SerializerMethodField(
        help_text="GI registrations whose badge it may show today: registration and authorisation both valid."
    )
    papers = serializers.SerializerMethodField()
    gstin = serializers.CharField()
    pan = serializers.CharField()
    udyam_no = serializers.CharField()
    pehchan_no = serializers.CharField()
    fssai_no = serializers.CharField()
    address = serializers.CharField()
    pin_code = serializers.CharField()
    registered_date = serializers.DateField()
    closed_date = serializers.DateField(allow_null=True)

    def get_gi_badges(self, tenant: Any) -> list[str]:
        return sorted({authorisation.registration.code for authorisation in tenant.badges_today})

    @extend_schema_field(StandingShape)
    def get_papers(self, tenant: Any) -> Any:
        return StandingShape(standing(tenant, tenant.papers_kept, self.context["today"])).data


class TenantEntry(Entry):
    """A tenant's particulars. Numbers that the law lets a small artisan go without may be left out."""

    name_en = serializers.CharField(max_length=200)
    name_hi = serializers.CharField(max_length=200)
    kind = serializers.ChoiceField(TenantKind.choices)
    home_state = KnownNumber(lambda _actor: State.objects.all(), key="lgd_code", help_text="LGD code")
    home_district = KnownNumber(
        lambda _actor: District.objects.all(),
        key="lgd_code",
        required=False,
        allow_null=True,
        help_text="LGD code",
    )
    is_women_led = serializers.BooleanField(required=False)
    has_shg_members = serializers.BooleanField(required=False)
    products = KnownCodes(lambda _actor: Product.objects.all(), key="code", required=False)
    gstin = serializers.CharField(max_length=30, required=False, allow_blank=True)
    pan = serializers.CharField(max_length=30, required=False, allow_blank=True)
    udyam_no = serializers.CharField(max_length=40, required=False, allow_blank=True)
    pehchan_no = serializers.CharField(max_length=40, required=False, allow_blank=True)
    fssai_no = serializers.CharField(max_length=30, required=False, allow_blank=True)
    address = serializers.CharField(max_length=300, required=False, allow_blank=True)
    pin_code = serializers.CharField(max_length=20, required=False, allow_blank=True)
    why = serializers.CharField(max_length=300, required=False, allow_blank=True)


class TenantFilters(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(choices=TenantKind.choices, label=_("kind"))
    home_state = django_filters.ModelChoiceFilter(
        queryset=State.objects.all(), to_field_name="lgd_code", label=_("LGD code of the home state")
    )
    home_district = django_filters.ModelChoiceFilter(
        queryset=District.objects.all(), to_field_name="lgd_code", label=_("LGD code of the home district")
    )
    product = django_filters.ModelChoiceFilter(
        "products", queryset=Product.objects.all(), to_field_name="code", label=_("code of a product")
    )
    is_women_led = YesNo("is_women_led", label=_("led by women"))
    trading = YesNo("closed_date", lookup_expr="isnull", label=_("has not left the mall"))
    q = Search("name_en", "name_hi", label=_("part of the name"))


class Tenants(Endpoint):
    """The tenants that you may see; POST registers a new one."""

    policy = Policy({"GET": Right.SEE_TENANTS, "POST": Right.REGISTER_TENANTS})
    asks: ClassVar[Any] = {"POST": TenantEntry}
    answers: ClassVar[Any] = {"GET": TenantShape, "POST": TenantShape}
    lists = creates = True
    filterset_class = TenantFilters
    examples: ClassVar[Any] = {
        "POST": {
            "name_en": "Chanderi Weavers' Society",
            "name_hi": "चंदेरी बुनकर समिति",
            "kind": "cooperative",
            "home_state": 23,
            "home_district": 391,
            "is_women_led": True,
            "products": ["chanderi-handloom"],
            "pan": "AAACC1234D",
        }
    }
    ordering_fields = ("name_en", "name_hi", "registered_date")

    def get(self, request: Request) -> Response:
        return self.page(whole_tenants(self))

    def post(self, request: Request) -> Response:
        """Register a new tenant."""
        tenant = register_tenant(**sorted_out(self.entry()), on=self.today, by=self.actor)
        return self.answer(self.find(whole_tenants(self), pk=tenant.pk))


class OneTenant(Endpoint):
    """A tenant; PATCH changes the particulars that are named. If-Match guards against overwriting."""

    policy = Policy({"GET": Right.SEE_TENANTS, "PATCH": Right.EDIT_TENANTS}, object_of="tenant")
    asks: ClassVar[Any] = {"PATCH": TenantEntry}
    answers: ClassVar[Any] = {"GET": TenantShape, "PATCH": TenantShape}

    def get(self, request: Request, pk: int) -> Response:
        return self.answer(self.find(whole_tenants(self), pk=pk))

    @transaction.atomic
    def patch(self, request: Request, pk: int) -> Response:
        """Change the particulars that are named; If-Match guards against overwriting."""
        # Locked first, so that what If-Match is held against is still true when the change is made.
        rows = Tenant.objects.visible_to(self.actor, Right.EDIT_TENANTS)
        tenant = self.find(rows.select_for_update(), pk=pk)
        require_match(request, self.shown(self.find(whole_tenants(self), pk=pk)))
        change_particulars(tenant=tenant, **sorted_out(self.entry(partial=True)), by=self.actor)
        return self.answer(self.find(whole_tenants(self), pk=pk))


class LeaveEntry(Entry):
    on = Day(help_text="The last day in the mall: today or earlier, not before it came.")
    why = serializers.CharField(max_length=300)

    def validate_on(self, on: date) -> date:
        if on > self.context["today"]:
            raise serializers.ValidationError(_("This day has not come yet. Come back on the day itself."))
        return on


class LeaveMall(Endpoint):
    """A tenant leaves the mall; its leases must have ended first."""

    policy = Policy({"POST": Right.REGISTER_TENANTS}, object_of="tenant")
    asks: ClassVar[Any] = {"POST": LeaveEntry}
    answers: ClassVar[Any] = {"POST": TenantShape}

    def post(self, request: Request, pk: int) -> Response:
        tenant = self.find(Tenant.objects.visible_to(self.actor, Right.REGISTER_TENANTS), pk=pk)
        depart(tenant=tenant, by=self.actor, **self.entry())
        return self.answer(self.find(whole_tenants(self), pk=pk))


class ContactShape(Shape):
    id = serializers.IntegerField()
    name = serializers.CharField()
    position = serializers.CharField()
    mobile = serializers.CharField()
    email = serializers.CharField()
    is_first = serializers.BooleanField(help_text="Called first.")


class ContactEntry(Entry):
    name = serializers.CharField(max_length=150)
    position = serializers.CharField(max_length=80, required=False, allow_blank=True)
    mobile = serializers.CharField(max_length=20, required=False, allow_blank=True, help_text="10 digits")
    email = serializers.CharField(max_length=254, required=False, allow_blank=True)
    is_first = serializers.BooleanField(required=False)


class Contacts(Endpoint):
    """The people to call about a tenant."""

    policy = Policy({"GET": Right.SEE_TENANTS, "POST": Right.EDIT_TENANTS}, object_of="tenant")
    asks: ClassVar[Any] = {"POST": ContactEntry}
    answers: ClassVar[Any] = {"GET": ContactShape, "POST": ContactShape}
    lists = creates = True

    def get(self, request: Request, pk: int) -> Response:
        tenant = self.find(Tenant.objects.visible_to(self.actor), pk=pk)
        return self.page(Contact.objects.visible_to(self.actor).filter(tenant=tenant))

    def post(self, request: Request, pk: int) -> Response:
        """Add a contact."""
        tenant = self.find(Tenant.objects.visible_to(self.actor, Right.EDIT_TENANTS), pk=pk)
        return self.answer(keep_contact(tenant=tenant, contact=None, by=self.actor, **self.entry()))


class OneContact(Endpoint):
    """Change or remove a contact."""

    policy = Policy({"PATCH": Right.EDIT_TENANTS, "DELETE": Right.EDIT_TENANTS}, object_of="contact")
    asks: ClassVar[Any] = {"PATCH": ContactEntry, "DELETE": Nothing}
    answers: ClassVar[Any] = {"PATCH": ContactShape, "DELETE": None}

    def patch(self, request: Request, pk: int, contact: int) -> Response:
        """Change a contact."""
        found = self._contact(pk, contact)
        return self.answer(keep_contact(tenant=found.tenant, contact=found, by=self.actor, **self.entry(partial=True)))

    def delete(self, request: Request, pk: int, contact: int) -> Response:
        """Remove a contact."""
        found = self._contact(pk, contact)
        self.entry()
        drop_contact(contact=found, by=self.actor)
        return Response(status=204)

    def _contact(self, pk: int, contact: int) -> Contact:
        rows = Contact.objects.visible_to(self.actor, Right.EDIT_TENANTS).select_related("tenant")
        return self.find(rows, tenant=pk, pk=contact)


class BankAccountShape(Shape):
    holder = serializers.CharField()
    number = serializers.CharField()
    ifsc = serializers.CharField()
    bank = serializers.CharField()


class BankAccountEntry(Entry):
    holder = serializers.CharField(max_length=150)
    number = serializers.CharField(max_length=40)
    ifsc = serializers.CharField(max_length=20)
    bank = serializers.CharField(max_length=150, required=False, default="", allow_blank=True)


class OneBankAccount(Endpoint):
    """Where a tenant is paid; PUT says it anew, the account before stays in the history."""

    policy = Policy({"GET": Right.SEE_BANK_ACCOUNTS, "PUT": Right.EDIT_BANK_ACCOUNTS}, object_of="tenant")
    asks: ClassVar[Any] = {"PUT": BankAccountEntry}
    answers: ClassVar[Any] = {"GET": BankAccountShape, "PUT": BankAccountShape}

    def get(self, request: Request, pk: int) -> Response:
        return self.answer(self.find(BankAccount.objects.visible_to(self.actor), tenant=pk))

    def put(self, request: Request, pk: int) -> Response:
        """Say anew where a tenant is paid; the account before stays in the history."""
        tenant = self.find(Tenant.objects.visible_to(self.actor, Right.EDIT_BANK_ACCOUNTS), pk=pk)
        return self.answer(keep_bank_account(tenant=tenant, by=self.actor, **self.entry()))


class ChangedFieldShape(Shape):
    name = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()

    def to_representation(self, field: tuple[str, str, str]) -> dict[str, str]:
        return dict(zip(("name", "before", "after"), field, strict=True))


class ChangeShape(Shape):
    at = serializers.DateTimeField()
    who = PersonNameShape(allow_null=True)
    kind = serializers.ChoiceField(CHANGE_KINDS)
    of = serializers.CharField()
    why = serializers.CharField()
    fields_changed = ChangedFieldShape(many=True, source="fields")


class HistoryShape(Shape):
    changes = ChangeShape(many=True)


class TenantHistory(Endpoint):
    """The newest fifty changes of a tenant's particulars: who, when, what and why."""

    policy = Policy({"GET": Right.SEE_HISTORY}, object_of="tenant")
    answers: ClassVar[Any] = {"GET": HistoryShape}

    def get(self, request: Request, pk: int) -> Response:
        tenant = self.find(Tenant.objects.visible_to(self.actor, Right.SEE_HISTORY), pk=pk)
        return self.answer({"changes": changes(tenant)})


def whole_tenants(view: Endpoint) -> QuerySet[Tenant]:
    """The tenants that the actor may see, with what their shape shows: a fixed number of queries."""
    badges = GiAuthorisation.objects.badge_on(view.today).select_related("registration")
    return (
        Tenant.objects.visible_to(view.actor)
        .with_home()
        .prefetch_related(
            "products",
            Prefetch("papers", Paper.objects.kept(), to_attr="papers_kept"),
            Prefetch("gi_authorisations", badges, to_attr="badges_today"),
        )
    )


def sorted_out(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The entry as the operations take it: particulars, and beside them products and the reason."""
    particulars = dict(entry)
    asides: dict[str, Any] = {name: particulars.pop(name) for name in ("products", "why") if name in particulars}
    return {"particulars": particulars, **asides}
