"""Movements of goods: made, listed, looked into, reversed.

Making one is the hottest write of the mall: the body is read by hand, one query says whose the lots are, and one
statement of the ledger does the rest. The ledger keeps the Idempotency-Key itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.policy import Policy
from accounts.roles import Reach, Right
from api.fields import Entry, SaidWhy
from api.idempotency import REPLAYED
from api.shapes import PersonNameShape, Shape, TenantNameShape
from api.views.base import Endpoint
from core.refusals import Refusal
from insights.shops import shops_of
from inventory import kinds, ledger, places
from inventory.lots import lot_facts
from inventory.models import LedgerEntry, Movement, MovementKind, PlaceKind
from tenants.access import may, reach
from tenants.models import Tenant

MOST_LINES = 100
MOST_ROWS = 100
KINDS = ", ".join(kinds.WAYS)


class ExpiredGoods(Refusal):
    """`details`: lot, expiry_date."""

    code = "expired_goods"
    sentence = _("These goods are past their date and are not sold. Set them apart instead.")


class MovementLineEntry(Entry):
    lot = serializers.IntegerField()
    source = serializers.IntegerField(  # type: ignore[assignment]
        required=False, help_text="A place; left out where the kind has only one source."
    )
    target = serializers.IntegerField(required=False, help_text="A place; left out where the kind has only one target.")
    quantity = serializers.DecimalField(max_digits=14, decimal_places=3, help_text="Above 0, in the product's unit.")


class MovementEntry(Entry):
    kind = serializers.ChoiceField(sorted(kinds.WAYS))
    lines = MovementLineEntry(many=True, help_text=f"1 to {MOST_LINES}, all of one tenant.")
    occurred_at = serializers.DateTimeField(required=False, help_text="When it happened; now, where left out.")
    reason = serializers.CharField(required=False, allow_blank=True, max_length=300)


class MadeShape(Shape):
    id = serializers.IntegerField()
    tenant = serializers.IntegerField()
    kind = serializers.CharField()
    occurred_at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()


class EntryShape(Shape):
    """A ledger entry: so much came to the place (above zero) or left it."""

    id = serializers.IntegerField()
    lot = serializers.IntegerField(source="lot_id")
    location = serializers.IntegerField(source="location_id")
    quantity = serializers.DecimalField(max_digits=14, decimal_places=3)


class MovementShape(Shape):
    id = serializers.IntegerField()
    tenant = TenantNameShape()
    kind = serializers.ChoiceField(MovementKind.choices)
    occurred_at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()
    by = PersonNameShape(allow_null=True)
    reason = serializers.CharField()
    document = serializers.CharField()
    reverses = serializers.IntegerField(source="reverses_id", allow_null=True)
    entries = EntryShape(many=True)


class MovementRowShape(Shape):
    """A movement in a list."""

    id = serializers.IntegerField()
    tenant = serializers.IntegerField(source="tenant_id")
    kind = serializers.ChoiceField(MovementKind.choices)
    occurred_at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()
    document = serializers.CharField()
    reason = serializers.CharField()
    reverses = serializers.IntegerField(source="reverses_id", allow_null=True)


class MovementPage(Shape):
    results = MovementRowShape(many=True)
    next = serializers.IntegerField(allow_null=True, help_text="Ask again with `before` set to this; null at the end.")


@dataclass(frozen=True)
class Asked:
    """A movement as it was asked for, read and checked as far as that goes without the database."""

    kind: str
    lines: list[tuple[int, int, int, Decimal]]  # lot, source, target, quantity
    at: datetime
    reason: str


class Movements(Endpoint):
    """Movements, newest first. POST makes one: a sale, a return, goods put away or moved.

    What a kind may move from where to where is data (`GET places/` names the places). A shortage is answered with
    409 `not_enough_stock`, whose `details` say what is available.
    """

    policy = Policy({"GET": Right.SEE_STOCK, "POST": Right.SEE_STOCK})
    asks: ClassVar[Any] = {"POST": MovementEntry}
    answers: ClassVar[Any] = {"GET": MovementPage, "POST": MadeShape}
    creates = True
    needs_key = True
    parameters: ClassVar[Mapping[str, Any]] = {
        "before": {"type": "integer", "description": "Only movements with a smaller id: the next page."},
        "limit": {"type": "integer", "minimum": 1, "maximum": MOST_ROWS},
        "kind": {"type": "string", "enum": list(MovementKind.values)},
        "tenant": {"type": "integer"},
        "document": {"type": "string"},
    }
    examples: ClassVar[Any] = {
        "POST": {"kind": "sale", "lines": [{"lot": 1204, "source": 210, "quantity": "2"}], "reason": ""}
    }

    def once(self, work: Callable[[], Response]) -> Response:
        return work()  # the ledger keeps the key

    def get(self, request: Request) -> Response:
        rows = Movement.objects.visible_to(self.actor)
        asked = request.query_params
        for name in ("kind", "document"):
            if name in asked:
                rows = rows.filter(**{name: asked[name]})
        if tenant := _number(asked, "tenant"):
            rows = rows.filter(tenant=tenant)
        if before := _number(asked, "before"):
            rows = rows.filter(pk__lt=before)
        limit = min(_number(asked, "limit") or 25, MOST_ROWS)
        found = list(rows.order_by("-pk").values(*ROW)[: limit + 1])
        page = [{**row, "tenant": row["tenant_id"], "reverses": row["reverses_id"]} for row in found[:limit]]
        for row in page:
            del row["tenant_id"], row["reverses_id"]
        return Response({"results": page, "next": page[-1]["id"] if len(found) > limit else None})

    def post(self, request: Request) -> Response:
        """Make a movement, once per Idempotency-Key."""
        key = self.write_key
        asked = read(request.data, now=self.now)
        way = kinds.WAYS[asked.kind]
        far = reach(self.actor, way.right)
        if far is None:
            raise PermissionDenied
        tenant = self._owner(asked, way)
        if far == Reach.OWN:
            self._only_own_shops(asked, tenant)
        posted = ledger.post(
            tenant=tenant,
            kind=asked.kind,
            lines=[
                line for lot, source, target, much in asked.lines for line in ledger.move(lot, source, target, much)
            ],
            key=key,
            at=asked.at,
            by=self.actor,
            reason=asked.reason,
        )
        made = {
            "id": posted.movement,
            "tenant": tenant,
            "kind": asked.kind,
            "occurred_at": posted.occurred_at,
            "recorded_at": posted.recorded_at,
        }
        return Response(made, status=201, headers={REPLAYED: "true"} if posted.is_replay else None)

    def _owner(self, asked: Asked, way: kinds.Way) -> int:
        """The tenant whose lots these are. A foreign lot is as absent as one that never was."""
        owners = set()
        for place, (lot, *_rest) in enumerate(asked.lines):
            facts = lot_facts(lot)
            if facts is None or not may(self.actor, way.right, facts.tenant):
                raise _wrong(f"lines.{place}.lot", "unknown_lot", _("There is no such lot that you may move."))
            if way.refuses_expired and facts.expiry_date and facts.expiry_date < timezone.localdate(asked.at):
                raise ExpiredGoods(lot=lot, expiry_date=facts.expiry_date.isoformat())
            owners.add(facts.tenant.pk)
        if len(owners) > 1:
            raise _wrong("lines", "several_tenants", _("A movement is of one tenant's goods: send one for each."))
        return int(owners.pop())

    def _only_own_shops(self, asked: Asked, tenant: int) -> None:
        """A tenant brings goods to its own shops only. (From where it takes them, its goods are its own.)"""
        targets = {target for _lot, _source, target, _much in asked.lines if places.kind_of(target) == PlaceKind.UNIT}
        if targets and targets - set(shops_of(Tenant(pk=tenant), self.today).values_list("pk", flat=True)):
            raise _wrong("lines", "foreign_shop", _("Goods are brought to shops that the tenant has on lease."))


ROW = ("id", "tenant_id", "kind", "occurred_at", "recorded_at", "document", "reason", "reverses_id")


class OneMovement(Endpoint):
    """A movement with its ledger entries."""

    policy = Policy({"GET": Right.SEE_STOCK}, object_of="movement")
    answers: ClassVar[Any] = {"GET": MovementShape}

    def get(self, request: Request, pk: int) -> Response:
        return self.answer(self.find(_whole(self), pk=pk))


class ReverseMovement(Endpoint):
    """Undo a movement by its opposite. Tenants reverse their own sales and returns, the warehouse everything."""

    policy = Policy({"POST": Right.SEE_STOCK}, object_of="movement")
    asks: ClassVar[Any] = {"POST": SaidWhy}
    answers: ClassVar[Any] = {"POST": MovementShape}
    creates = True
    needs_key = True

    def once(self, work: Callable[[], Response]) -> Response:
        return work()  # the ledger keeps the key

    def post(self, request: Request, pk: int) -> Response:
        key = self.write_key
        movement = self.find(Movement.objects.visible_to(self.actor), pk=pk)
        why = self.entry()["why"]
        way = kinds.WAYS.get(movement.kind)
        right = way.right if way else Right.KEEP_STOCK
        if not Movement.objects.visible_to(self.actor, right).filter(pk=pk).exists():
            raise PermissionDenied
        posted = ledger.reverse(movement=movement, key=key, at=self.now, by=self.actor, reason=why)
        return self.answer(_whole(self).get(pk=posted.movement))


def read(body: Any, *, now: datetime) -> Asked:
    """The movement that a body asks for. Raises ValidationError naming every wrong member."""
    wrong: dict[str, list[ErrorDetail]] = {}
    if not isinstance(body, dict):
        raise _wrong("", "not_an_object", _("Send a JSON object."))
    for name in set(body) - {"kind", "lines", "occurred_at", "reason"}:
        wrong[str(name)[:60]] = [ErrorDetail(str(_("Unknown member.")), "unknown_member")]
    kind, reason, written = body.get("kind"), body.get("reason", ""), body.get("occurred_at")
    way = kinds.WAYS.get(kind) if isinstance(kind, str) else None
    if way is None:
        wrong["kind"] = [ErrorDetail(str(_("One of: %(kinds)s.") % {"kinds": KINDS}), "invalid_choice")]
    if not isinstance(reason, str) or len(reason) > 300:
        wrong["reason"] = [ErrorDetail(str(_("A text of at most 300 characters.")), "invalid")]
    elif way and way.needs_reason and not reason.strip():
        wrong["reason"] = [ErrorDetail(str(_("Say why.")), "required")]
    at = _moment(written) if isinstance(written, str) else None
    if written is not None and at is None:
        wrong["occurred_at"] = [ErrorDetail(str(_("A date and time with its offset, as ISO 8601.")), "invalid")]
    lines = body.get("lines")
    read_lines: list[tuple[int, int, int, Decimal]] = []
    if not isinstance(lines, list) or not 1 <= len(lines) <= MOST_LINES:
        sentence = _("A list of 1 to %(most)s lines.") % {"most": MOST_LINES}
        wrong["lines"] = [ErrorDetail(str(sentence), "invalid")]
    elif way:
        for number, line in enumerate(lines):
            found = _line(line, way)
            if isinstance(found, tuple):
                read_lines.append(found)
            else:
                wrong |= {f"lines.{number}.{name}".rstrip("."): [error] for name, error in found.items()}
    if wrong:
        raise ValidationError(wrong)
    return Asked(str(kind), read_lines, at or now, str(reason))


def _line(line: Any, way: kinds.Way) -> tuple[int, int, int, Decimal] | dict[str, ErrorDetail]:
    if not isinstance(line, dict):
        return {"": ErrorDetail(str(_("Send a JSON object.")), "not_an_object")}
    wrong = {
        str(name)[:60]: ErrorDetail(str(_("Unknown member.")), "unknown_member")
        for name in set(line) - {"lot", "source", "target", "quantity"}
    }
    lot = line.get("lot")
    if not isinstance(lot, int) or not _is_key(lot):
        wrong["lot"] = ErrorDetail(str(_("The id of a lot.")), "invalid")
    source = _place(line.get("source"), way.sources)
    if source is None:
        wrong["source"] = ErrorDetail(_which(way.sources), "wrong_place")
    target = _place(line.get("target"), way.targets)
    if target is None:
        wrong["target"] = ErrorDetail(_which(way.targets), "wrong_place")
    quantity = _quantity(line.get("quantity"))
    if quantity is None:
        wrong["quantity"] = ErrorDetail(str(_("A number above 0 with at most three decimals.")), "invalid")
    if wrong or lot is None or quantity is None or source is None or target is None:
        return wrong
    return lot, source, target, quantity


def _place(given: Any, allowed: tuple[PlaceKind, ...]) -> int | None:
    """The place named, where its kind is allowed; the only one there is, where none was named."""
    if given is None:
        return places.key_of(allowed[0]) if len(allowed) == 1 and allowed[0] in places.SINGLE else None
    return given if _is_key(given) and places.kind_of(given) in allowed else None


def _which(allowed: tuple[PlaceKind, ...]) -> str:
    return str(
        _("The id of a place of this kind: %(kinds)s.") % {"kinds": ", ".join(str(kind.label) for kind in allowed)}
    )


def _quantity(given: Any) -> Decimal | None:
    if isinstance(given, bool) or not isinstance(given, str | int | Decimal) or len(str(given)) > 16:
        return None
    try:
        quantity = Decimal(given)
    except InvalidOperation:
        return None
    if not quantity.is_finite() or not 0 < quantity < 10**11:
        return None
    exponent = quantity.as_tuple().exponent
    return quantity if isinstance(exponent, int) and exponent >= -3 else None


def _moment(written: str) -> datetime | None:
    try:
        moment = parse_datetime(written)
    except ValueError:
        return None
    return moment if moment is not None and timezone.is_aware(moment) and moment.year >= 1900 else None


def _is_key(given: Any) -> bool:
    return isinstance(given, int) and not isinstance(given, bool) and 0 < given < 2**63


def _number(asked: Any, name: str) -> int | None:
    if name not in asked:
        return None
    written = str(asked[name])
    if not written.isascii() or not written.isdigit() or not 0 < int(written[:20]) < 2**63:
        raise _wrong(name, "invalid", _("A whole number above 0."))
    return int(written)


def _wrong(field: str, code: str, sentence: Any) -> ValidationError:
    return ValidationError({field: [ErrorDetail(str(sentence), code)]})


def _whole(view: Endpoint) -> Any:
    entries = LedgerEntry.objects.order_by("pk")
    return Movement.objects.visible_to(view.actor).with_facts().prefetch_related(Prefetch("entries", entries))
