"""Two months of work with the goods of the demo mall, told through the operations, and the work that waits today."""

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from django.utils import timezone

from accounts.models import User
from core.history import record, record_changes
from inventory import adjusting, counting, facts, putting_away, receiving, selling, transferring
from inventory.models import (
    AdjustmentReason,
    Balance,
    GoodsReceipt,
    Location,
    Lot,
    PlaceKind,
    Product,
    TransferLine,
    TransferOrder,
    WarehouseRules,
)
from tenants.models import Tenant

WHY = "demo mall"
LONGEST_HOLD = 60 * 24  # hours; what is told within minutes took two months


@dataclass
class Trader:
    """A tenant with a shop, who speaks for it, and what it sells."""

    tenant: Tenant
    owner: User
    shop: Location
    lines: list[str]
    products: list[Product] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"demo {self.tenant.pk}"


@dataclass
class Story:
    """What every step of the telling needs: dice, days, and the people of the warehouse."""

    dice: Random
    now: datetime
    keeper: User
    approver: User
    told: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("pictures", "receipts", "transfers", "sales"), 0)
    )

    def ago(self, days: float, hours: float = 0) -> datetime:
        return self.now - timedelta(days=days, hours=hours)

    def key(self) -> str:
        return str(uuid.UUID(int=self.dice.getrandbits(128), version=4))


# --- two months of work ------------------------------------------------------------------------------------------


def tell_history(story: Story, traders: list[Trader], deliveries: int) -> None:
    """Deliveries, transfers, sales, counts and small losses of the last two months, oldest first for each tenant."""
    rules = WarehouseRules.objects.get_or_create(pk=1)[0]
    usual = rules.hold_hours
    rules.hold_hours = LONGEST_HOLD
    record(rules, by=story.approver, why=WHY)
    for trader in traders:
        first = 55 - story.dice.randint(0, 10)
        for turn in range(deliveries):
            days = first - turn * (40 // max(deliveries, 1))
            _deliver(story, trader, days)
            _bring_to_shop(story, trader, days - 2)
            _sell(story, trader, days - 3)
    for trader in traders[:4]:
        _count(story, trader)
    rules.hold_hours = usual
    record(rules, by=story.approver, why=WHY)


def _deliver(story: Story, trader: Trader, days: float, *, is_put_away: bool = True) -> GoodsReceipt:
    """A delivery announced two days before, taken in at the goods entrance, and carried to bins."""
    at = story.ago(days)
    receipt = _announce(story, trader, timezone.localdate(at), announced_at=story.ago(days + 2))
    came = {}
    for line in receipt.lines.select_related("product"):
        damaged = Decimal(1) if line.expected_quantity > 8 and story.dice.random() < 0.1 else Decimal(0)
        good = line.expected_quantity - damaged
        came[line.pk] = receiving.Came(good, damaged, "", line.made_date, line.expiry_date, "")
    receipt = receiving.accept_delivery(receipt=receipt, came=came, by=story.keeper, at=at, key=story.key())
    story.told["receipts"] += 1
    if is_put_away:
        _put_away(story, trader, story.ago(days, -2))
    return receipt


def _announce(story: Story, trader: Trader, expected: date, *, announced_at: datetime) -> GoodsReceipt:
    lines = []
    for product in trader.products:
        if product.is_one_of_a_kind:
            if product.lots.exists():
                continue
            quantity = Decimal(1)
        else:
            quantity = Decimal(
                story.dice.randint(8, 30) if product.mrp and product.mrp < 1500 else story.dice.randint(3, 10)
            )
        made = expected - timedelta(days=story.dice.randint(3, 10)) if product.has_expiry else None
        last = made + timedelta(days=product.shelf_life_days) if made and product.shelf_life_days else None
        lines.append(receiving.Expected(product, quantity, made_date=made, expiry_date=last))
    return receiving.announce(
        tenant=trader.tenant, lines=lines, expected_date=expected, by=trader.owner, at=announced_at, note=""
    )


def _put_away(story: Story, trader: Trader, at: datetime) -> None:
    for balance in list(putting_away.waiting(trader.tenant).select_related("lot")):
        for suggestion in putting_away.suggest_bins(balance.lot, balance.on_hand, limit=1):
            putting_away.put_away(
                lot=balance.lot,
                quantity=balance.on_hand,
                bin=suggestion.location,
                by=story.keeper,
                at=at,
                key=story.key(),
            )


def _ask(
    story: Story, trader: Trader, at: datetime, products: list[Product], share: str = "0.6"
) -> TransferOrder | None:
    """The shop asks for a share of what lies in the bins."""
    items = []
    for product in products:
        there = sum(
            (row.unheld for row in Balance.objects.filter(lot__product=product, location__kind=PlaceKind.BIN)),
            Decimal(0),
        )
        wanted = there if there == 1 else Decimal(int(there * Decimal(share)))
        if wanted > 0:
            items.append((product, wanted))
    if not items:
        return None
    story.told["transfers"] += 1
    return transferring.request(
        tenant=trader.tenant, destination=trader.shop, items=items, by=trader.owner, at=at, note=""
    )


def _pick(story: Story, order: TransferOrder, at: datetime) -> TransferOrder:
    picked = {line.pk: transferring.Picked(line.quantity, "") for line in _lines_of(order)}
    return transferring.pick(order=order, picked=picked, by=story.keeper, at=at, key=story.key())


def _hand_over(story: Story, order: TransferOrder, at: datetime) -> TransferOrder:
    return transferring.hand_over(order=order, scanned=order.code, by=story.keeper, at=at, key=story.key())


def _lines_of(order: TransferOrder) -> list[TransferLine]:
    return list(TransferLine.objects.filter(order=order).order_by("pk"))


def _bring_to_shop(story: Story, trader: Trader, days: float) -> None:
    order = _ask(story, trader, story.ago(days), trader.products)
    if order is None:
        return
    order = _pick(story, order, story.ago(days, -1))
    order = _hand_over(story, order, story.ago(days, -2))
    transferring.accept(
        order=order, scanned=order.code, accepted=None, by=trader.owner, at=story.ago(days, -3), key=story.key()
    )


def _in_shop(trader: Trader, product: Product) -> Decimal:
    rows = Balance.objects.filter(lot__product=product, location=trader.shop).values_list("on_hand", flat=True)
    return sum(rows, Decimal(0))


def _sell(story: Story, trader: Trader, days: float) -> None:
    """Some sales of what lies in the shop, on the days that follow."""
    for product in trader.products:
        left = _in_shop(trader, product)
        for sale in range(story.dice.randint(1, 3)):
            quantity = min(left, Decimal(story.dice.randint(1, 2)))
            day = max(days - 2 * sale - story.dice.random(), 0.3)
            if quantity <= 0 or product.is_one_of_a_kind:
                break
            selling.sell_out(
                product=product,
                shop=trader.shop,
                quantity=quantity,
                by=trader.owner,
                at=story.ago(day),
                key=story.key(),
            )
            left -= quantity
            story.told["sales"] += 1


def _count(story: Story, trader: Trader) -> None:
    """The shop was counted today; all was there, and both sides signed."""
    count = counting.open_count(
        tenant=trader.tenant, places=[trader.shop], by=story.keeper, at=story.ago(0.28), is_own_shop=False, note=""
    )
    for line in count.lines.all():
        there = Balance.objects.get(lot=line.lot_id, location=line.location_id).on_hand
        counting.enter(line=line, quantity=there, by=story.keeper, at=story.ago(0.27))
    count = counting.finish_round(count=count, by=story.keeper, at=story.ago(0.26))
    count = counting.approve(count=count, by=story.approver, at=story.ago(0.25), key=story.key())
    counting.countersign(count=count, by=trader.owner, at=story.ago(0.24), key=story.key())


# --- what waits --------------------------------------------------------------------------------------------------


def leave_work(story: Story, traders: list[Trader]) -> None:
    """Work of every kind that waits today; each kind with another tenant, as far as there are enough."""
    steps = (
        _expected, _at_the_dock, _asked_for, _picked, _on_the_way, _late, _being_counted, _doubted, _conflicting,
        _running_out, _running_late,
    )  # fmt: skip
    for number, step in enumerate(steps):
        step(story, traders[number % len(traders)])


def _expected(story: Story, trader: Trader) -> None:
    today = timezone.localdate(story.now)
    _announce(story, trader, today + timedelta(days=2), announced_at=story.ago(1))
    _announce(story, trader, today - timedelta(days=1), announced_at=story.ago(4))


def _at_the_dock(story: Story, trader: Trader) -> None:
    _deliver(story, trader, 0.2, is_put_away=False)


def _fresh(story: Story, trader: Trader) -> list[Product]:
    """See to it that there is something in the bins to ask for."""
    _deliver(story, trader, 1.5)
    return trader.products[:4]


def _asked_for(story: Story, trader: Trader) -> None:
    _ask(story, trader, story.ago(0, 3), _fresh(story, trader))


def _picked(story: Story, trader: Trader) -> None:
    order = _ask(story, trader, story.ago(0, 6), _fresh(story, trader))
    if order is not None:
        _pick(story, order, story.ago(0, 2))


def _on_the_way(story: Story, trader: Trader, hours: float = 1) -> None:
    order = _ask(story, trader, story.ago(0, hours + 3), _fresh(story, trader))
    if order is not None:
        order = _pick(story, order, story.ago(0, hours + 2))
        _hand_over(story, order, story.ago(0, hours))


def _late(story: Story, trader: Trader) -> None:
    _on_the_way(story, trader, hours=20)


def _being_counted(story: Story, trader: Trader) -> None:
    count = counting.open_count(
        tenant=trader.tenant, places=[trader.shop], by=trader.owner, at=story.ago(0, 2), is_own_shop=True, note=""
    )
    line = count.lines.first()
    if line is not None:
        there = Balance.objects.get(lot=line.lot_id, location=line.location_id).on_hand
        counting.enter(line=line, quantity=there, by=trader.owner, at=story.ago(0, 1))


def _some_lot(trader: Trader) -> tuple[Lot, Decimal]:
    """The goods of highest worth in the shop."""
    rows = Balance.objects.stocked().filter(tenant=trader.tenant, location=trader.shop).select_related("lot__product")
    best = max(rows, key=lambda row: (row.on_hand * (row.lot.product.price or 0), row.pk))
    return best.lot, best.on_hand


def _doubted(story: Story, trader: Trader) -> None:
    """A loss worth more than one person may decide waits for a second; a small one was decided."""
    lot, there = _some_lot(trader)
    for lost, note in ((there, "पूरा डिब्बा नहीं मिला"), (Decimal(1), "बारिश में भीगा")):
        adjusting.propose(
            lot=lot,
            location=trader.shop,
            difference=-lost,
            reason=AdjustmentReason.DAMAGED if lost == 1 else AdjustmentReason.LOST,
            note=note,
            by=trader.owner,
            at=story.ago(0, 4),
            key=story.key(),
        )


def _conflicting(story: Story, trader: Trader) -> None:
    """A phone without network sold more than there was."""
    lot, there = _some_lot(trader)
    body = {"lot": lot.pk, "shop": trader.shop.pk, "quantity": str(there + 2)}
    said = facts.Said(uuid.UUID(story.key()), "sale", story.ago(0, 5), body)
    facts.replay(tenant=trader.tenant, said=[said], by=trader.owner, now=story.now, shops=[trader.shop])


def _running_out(story: Story, trader: Trader) -> None:
    """Two products are warned about: what is left is no more than the level."""
    for product in trader.products[:2]:
        product.reorder_level = Decimal(500)
    record_changes(Product, trader.products[:2], ["reorder_level"], by=trader.owner, why=WHY)


def _running_late(story: Story, trader: Trader) -> None:
    """Food that is good for another nine days only, brought straight to a shop."""
    food = next((product for product in trader.products if product.has_expiry), None)
    if food is None:
        return
    last = timezone.localdate(story.now) + timedelta(days=9)
    receiving.bring_to_shop(
        product=food,
        quantity=Decimal(6),
        shop=trader.shop,
        by=trader.owner,
        at=story.ago(0.5),
        key=story.key(),
        made_date=last - timedelta(days=food.shelf_life_days or 30),
        expiry_date=last,
    )
