"""What phones noted without a network: sent in batches, each fact entered once, what stood against one settled."""

from collections.abc import Callable
from typing import Any, ClassVar

import django_filters
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.policy import Policy
from accounts.roles import Right
from api.fields import Entry
from api.idempotency import key_in
from api.shapes import PersonNameShape, Shape, TenantNameShape
from api.views.base import Endpoint
from api.views.stock_shared import OfTenant, of_a_tenant, tenant_meant
from insights.shops import shops_of
from inventory import facts
from inventory.models import FactKind, FactStatus, ScannedFact

MOST_FACTS = 100


class FactShape(Shape):
    """A fact and what became of it; `problem` says what stood against it."""

    id = serializers.IntegerField(allow_null=True, help_text="Null where its id came with other words before.")
    uid = serializers.UUIDField()
    tenant = TenantNameShape()
    kind = serializers.CharField()
    said = serializers.JSONField()
    happened_at = serializers.DateTimeField()
    received_at = serializers.DateTimeField()
    sent_by = PersonNameShape()
    status = serializers.ChoiceField(FactStatus.choices)
    problem_code = serializers.CharField()
    problem = serializers.SerializerMethodField()
    problem_details = serializers.SerializerMethodField(help_text="What the caller may act on, such as `available`.")
    movement = serializers.IntegerField(source="movement_id", allow_null=True)
    settled_by = PersonNameShape(allow_null=True)
    settled_at = serializers.DateTimeField(allow_null=True)
    settled_note = serializers.CharField()

    def get_problem(self, fact: ScannedFact) -> str:
        return facts.problem_of(fact)

    def get_problem_details(self, fact: ScannedFact) -> dict[str, Any]:
        return (fact.problem or {}).get("details") or {}


class FactsShape(Shape):
    """What became of each fact, in the order in which they were sent."""

    results = FactShape(many=True)


class SaidEntry(Entry):
    uid = serializers.UUIDField(help_text="Given by the phone; the same fact sent again keeps it.")
    kind = serializers.ChoiceField(FactKind.choices)
    happened_at = serializers.DateTimeField()
    body = serializers.JSONField(help_text="What was scanned and typed, by kind.")


class BatchEntry(Entry):
    tenant = of_a_tenant(Right.HANDLE_STOCK)
    facts = serializers.ListField(child=SaidEntry(), min_length=1, max_length=MOST_FACTS)


class FactFilters(django_filters.FilterSet):
    tenant = OfTenant()
    status = django_filters.ChoiceFilter(choices=FactStatus.choices, label=_("status"))
    kind = django_filters.ChoiceFilter(choices=FactKind.choices, label=_("kind"))


class Facts(Endpoint):
    """Facts, newest first. POST sends a batch; one that cannot be entered stops none of the others.

    Each fact is entered once, by its own `uid`, whichever batch brings it.
    """

    policy = Policy({"GET": Right.SEE_STOCK, "POST": Right.HANDLE_STOCK})
    asks: ClassVar[Any] = {"POST": BatchEntry}
    answers: ClassVar[Any] = {"GET": FactShape, "POST": FactsShape}
    lists = needs_key = True
    filterset_class = FactFilters
    examples: ClassVar[Any] = {
        "POST": {
            "facts": [
                {
                    "uid": "0b6a3c0e-5e0f-4a52-9c1e-1d5b8c8f2a11", "kind": "sale",
                    "happened_at": "2026-11-30T16:20:00+05:30",
                    "body": {"code": "L0001230", "shop": 210, "quantity": "1"},
                }
            ]
        }
    }  # fmt: skip

    def once(self, work: Callable[[], Response]) -> Response:
        """The facts keep their own keys, so that a batch of which a part was entered may be sent again whole."""
        key_in(self.request, is_needed=True)
        return work()

    def get(self, request: Request) -> Response:
        return self.page(ScannedFact.objects.visible_to(self.actor).select_related("tenant", "sent_by", "settled_by"))

    def post(self, request: Request) -> Response:
        """Send what a phone noted."""
        entry = self.entry()
        tenant = tenant_meant(self, entry.get("tenant"), Right.HANDLE_STOCK)
        found = facts.replay(
            tenant=tenant,
            said=[facts.Said(**said) for said in entry["facts"]],
            by=self.actor,
            now=self.now,
            shops=shops_of(tenant, self.today),
        )
        return self.answer({"results": found})


class RetryEntry(Entry):
    changes = serializers.DictField(required=False, help_text="Members of the body that were wrong, put right.")


class RetryFact(Endpoint):
    """Enter a conflict anew, with some of its words put right; look at `status` for what became of it."""

    policy = Policy({"POST": Right.HANDLE_STOCK}, object_of="fact")
    asks: ClassVar[Any] = {"POST": RetryEntry}
    answers: ClassVar[Any] = {"POST": FactShape}
    needs_key = True

    def post(self, request: Request, pk: int) -> Response:
        fact = self.find(ScannedFact.objects.visible_to(self.actor, Right.HANDLE_STOCK).select_related("tenant"), pk=pk)
        changes = self.entry().get("changes")
        shops = shops_of(fact.tenant, self.today)
        return self.answer(facts.retry(fact=fact, by=self.actor, now=self.now, shops=shops, changes=changes))


class DismissEntry(Entry):
    note = serializers.CharField(max_length=300, help_text="Why it is laid aside.")


class DismissFact(Endpoint):
    """Lay a conflict aside, saying why; it stays on record and nothing moves."""

    policy = Policy({"POST": Right.HANDLE_STOCK}, object_of="fact")
    asks: ClassVar[Any] = {"POST": DismissEntry}
    answers: ClassVar[Any] = {"POST": FactShape}
    needs_key = True

    def post(self, request: Request, pk: int) -> Response:
        fact = self.find(ScannedFact.objects.visible_to(self.actor, Right.HANDLE_STOCK).select_related("tenant"), pk=pk)
        return self.answer(facts.dismiss(fact=fact, by=self.actor, now=self.now, note=self.entry()["note"]))
