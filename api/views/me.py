"""Who am I, what may I do, and the keys of my own systems."""

from datetime import timedelta
from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.directory import own_keys
from accounts.keys import issue_key, revoke_key, rotate_key
from accounts.models import Device, User
from accounts.policy import Everyone, Policy, own_account
from accounts.roles import Reach, Right
from api.fields import Nothing
from api.shapes import Shape
from api.views.base import Endpoint
from api.views.keys import KeyEntry, KeyShape, NewKeyShape, RotateEntry, refuse_wider
from tenants.access import reach, roles_in_tenants, tenants_with
from tenants.models import Tenant

ACTOR_KINDS = [(kind, kind) for kind in ("person", "device")]


class HeldRightShape(Shape):
    right = serializers.CharField()
    reach = serializers.ChoiceField([(far.value, far.value) for far in Reach])
    tenants = serializers.ListField(
        child=serializers.IntegerField(), allow_null=True, help_text="With reach own: the tenants it reaches."
    )


class OwnTenantShape(Shape):
    id = serializers.IntegerField()
    name_en = serializers.CharField()
    name_hi = serializers.CharField()
    role = serializers.CharField()


class MeShape(Shape):
    kind = serializers.ChoiceField(ACTOR_KINDS)
    name = serializers.CharField()
    language = serializers.CharField(allow_null=True)
    roles = serializers.ListField(child=serializers.CharField())
    rights = HeldRightShape(many=True)
    tenants = OwnTenantShape(many=True)


class Me(Endpoint):
    """Who the mall takes you for, with your rights and how far they reach."""

    policy = Policy({"GET": Everyone.KNOWN})
    answers: ClassVar[Any] = {"GET": MeShape}

    def get(self, request: Request) -> Response:
        return self.answer(_described(self.actor))


class MyKeys(Endpoint):
    """The keys of your own systems; POST makes one. A key ends when your roles change."""

    policy = own_account("GET", "POST")
    asks: ClassVar[Any] = {"POST": KeyEntry}
    answers: ClassVar[Any] = {"GET": KeyShape, "POST": NewKeyShape}
    lists = creates = True
    secrets = ("text",)

    def get(self, request: Request) -> Response:
        return self.page(own_keys(self.actor))

    def post(self, request: Request) -> Response:
        """Make a key. It is shown this once."""
        entry = self.entry()
        refuse_wider(self.actor, entry["scopes"])
        return self.answer(issue_key(holder=self.actor, **entry)._asdict())


class RotateMyKey(Endpoint):
    """Make a successor of a key; the old one goes on for a while."""

    policy = Policy({"POST": Everyone.SIGNED_IN}, object_of="key")
    asks: ClassVar[Any] = {"POST": RotateEntry}
    answers: ClassVar[Any] = {"POST": NewKeyShape}
    creates = True
    secrets = ("text",)

    def post(self, request: Request, pk: int) -> Response:
        key = self.find(own_keys(self.actor), pk=pk)
        overlap = timedelta(hours=self.entry()["overlap_hours"])
        refuse_wider(self.actor, key.scopes)
        return self.answer(rotate_key(key=key, at=self.now, overlap=overlap, by=self.actor)._asdict())


class RevokeMyKey(Endpoint):
    """End a key now."""

    policy = Policy({"POST": Everyone.SIGNED_IN}, object_of="key")
    asks: ClassVar[Any] = {"POST": Nothing}
    answers: ClassVar[Any] = {"POST": None}

    def post(self, request: Request, pk: int) -> Response:
        key = self.find(own_keys(self.actor), pk=pk)
        self.entry()
        revoke_key(key=key, at=self.now, by=self.actor)
        return Response(status=204)


def _described(actor: User | Device) -> dict[str, Any]:
    held = [(right, far) for right in Right if (far := reach(actor, right))]
    rights = [
        {"right": right, "reach": far, "tenants": tenants_with(actor, right) if far == Reach.OWN else None}
        for right, far in held
    ]
    plain = {"name": str(actor), "rights": rights}
    if isinstance(actor, Device):
        return plain | {"kind": "device", "language": None, "roles": [actor.kind], "tenants": []}
    roles = roles_in_tenants(actor)
    tenants = [
        {"id": tenant.pk, "name_en": tenant.name_en, "name_hi": tenant.name_hi, "role": roles[tenant.pk]}
        for tenant in Tenant.objects.filter(pk__in=roles)
    ]
    return plain | {
        "kind": "person",
        "language": actor.language,
        "roles": sorted(actor.staff_roles),
        "tenants": tenants,
    }
