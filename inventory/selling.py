"""Goods leave a shop with a buyer, first expired first, and some come back."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.refusals import Refusal
from inventory import ledger, places
from inventory.ledger import KeyReused, NotEnoughStock, Posted
from inventory.models import Balance, LedgerEntry, Location, Lot, Movement, MovementKind, PlaceKind, Product

SHOP_LIKE = (PlaceKind.UNIT, PlaceKind.FAIR)


class NotAShop(Refusal):
    code = "not_sold_here"
    status = 400
    sentence = _("Goods are sold in a shop or at a fair, not from the warehouse.")


class NoQuantity(Refusal):
    code = "no_quantity"
    status = 400
    sentence = _("Say how many: a quantity above 0.")


class PastItsDate(Refusal):
    """`details`: expired, how much of it lies in the shop past its date."""

    code = "past_its_date"
    sentence = _("This is past its date and may not be sold. Take it off the shelf and write it off.")


class NotSold(Refusal):
    """`details`: sold, how much of the lot buyers have."""

    code = "not_sold"
    sentence = _("So much of this lot was never sold. Check the lot and the quantity.")


def sell_out(
    *, product: Product, shop: Location, quantity: Decimal, by: User, at: datetime, key: str, lot: Lot | None = None
) -> Posted:
    """Goods of a shop go to a buyer: of `lot`, else first expired first. The same key again is the same sale.

    What is past its date at `at` is never sold. Raises NotAShop, NoQuantity, PastItsDate, NotEnoughStock (what is
    available in this shop), KeyReused and what else `ledger.post` raises.
    """
    _check(shop, quantity)
    if lot is not None and lot.product_id != product.pk:
        raise ledger.LotNotOfTenant(field="lot")

    def work() -> Posted:
        # Whoever sells the same in the same shop waits here; whoever sends the same sale again finds it made.
        balances = list(_in_shop(product, shop, lot, at))
        earlier = _said_before(product, key, MovementKind.SALE, shop, -quantity)
        if earlier is not None:
            return earlier
        buyer = places.the(PlaceKind.BUYER).pk
        return ledger.post(
            tenant=product.tenant_id,
            kind=MovementKind.SALE,
            lines=[
                line
                for sold, part in choose(balances, quantity, timezone.localdate(at))
                for line in ledger.move(sold, shop.pk, buyer, part)
            ],
            key=key,
            at=at,
            by=by,
        )

    return ledger.again(work)


def take_back(*, lot: Lot, shop: Location, quantity: Decimal, by: User, at: datetime, key: str) -> Posted:
    """A buyer brings something back to a shop. Raises NotAShop, NoQuantity, NotSold, KeyReused, OneOfAKind."""
    _check(shop, quantity)
    buyer = places.the(PlaceKind.BUYER)

    def work() -> Posted:
        sold = Balance.objects.select_for_update(of=("self",)).filter(lot=lot, location=buyer).first()
        earlier = _said_before(lot.product, key, MovementKind.SALE_RETURN, shop, quantity)
        if earlier is not None:
            return earlier
        if sold is None or sold.on_hand < quantity:
            raise NotSold(sold=str(sold.on_hand if sold else 0))
        return ledger.post(
            tenant=lot.tenant_id,
            kind=MovementKind.SALE_RETURN,
            lines=ledger.move(lot.pk, buyer.pk, shop.pk, quantity),
            key=key,
            at=at,
            by=by,
        )

    return ledger.again(work)


def choose(balances: Iterable[Balance], quantity: Decimal, day: date) -> list[tuple[int, Decimal]]:
    """Which lots to take so much from, first expired first, leaving what is past its date on `day`.

    Balances come with their lot and `with_overdue`. Raises PastItsDate, NotEnoughStock.
    """
    balances = sorted(balances, key=_fefo)
    good = [it for it in balances if it.lot.expiry_date is None or it.lot.expiry_date >= day]
    left, chosen = quantity, []
    for balance in good:
        part = min(left, _available(balance))
        if part > 0:
            chosen.append((balance.lot_id, part))
            left -= part
    if left:
        expired = sum((it.on_hand for it in balances if it not in good), Decimal(0))
        if expired and not chosen:
            raise PastItsDate(expired=str(expired))
        raise NotEnoughStock(
            lot=balances[0].lot_id if len(balances) == 1 else None,
            location=balances[0].location_id if balances else None,
            wanted=str(quantity),
            available=str(quantity - left),
        )
    return chosen


def _fefo(balance: Balance) -> tuple[date, date, int]:
    return (balance.lot.expiry_date or date.max, balance.lot.received_date, balance.lot_id)


def _available(balance: Balance) -> Decimal:
    return balance.unheld + balance.overdue  # type: ignore[attr-defined]


def _in_shop(product: Product, shop: Location, lot: Lot | None, at: datetime) -> Iterable[Balance]:
    """What the shop has of a product or a lot, locked in the order of lots."""
    balances = Balance.objects.stocked().filter(tenant=product.tenant_id, lot__product=product, location=shop)
    if lot is not None:
        balances = balances.filter(lot=lot)
    return balances.with_overdue(at).select_related("lot").select_for_update(of=("self",)).order_by("lot_id")


def _check(shop: Location, quantity: Decimal) -> None:
    if shop.kind not in SHOP_LIKE:
        raise NotAShop(field="shop")
    if quantity <= 0:
        raise NoQuantity(field="quantity")


def _said_before(product: Product, key: str, kind: MovementKind, shop: Location, quantity: Decimal) -> Posted | None:
    """The movement that this key made, if it was the same. Raises KeyReused where it was something else."""
    movement = Movement.objects.filter(tenant=product.tenant_id, key=key).first()
    if movement is None:
        return None
    there = LedgerEntry.objects.filter(movement=movement, location=shop).select_related("lot")
    same = sum((entry.quantity for entry in there if entry.lot.product_id == product.pk), Decimal(0))
    if movement.kind != kind or same != quantity:
        raise KeyReused
    return Posted(movement.pk, movement.occurred_at, movement.recorded_at, is_replay=True)
