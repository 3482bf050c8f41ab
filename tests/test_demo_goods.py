"""The goods of the demo mall: a warehouse to train in, with work of every kind waiting, and books that agree."""

from datetime import date, datetime

import pytest

from accounts.models import User
from core.books import disagreements, invariants
from demo import filling, goods
from demo.patterns import pattern
from inventory.models import (
    Adjustment,
    Balance,
    CycleCount,
    GoodsReceipt,
    PlaceKind,
    Product,
    ScannedFact,
    TransferOrder,
    TransferStatus,
)


def fill(today: date, now: datetime, seed: int = 7) -> goods.FilledGoods:
    return goods.fill_goods(
        seed=seed,
        now=now,
        today=today,
        keeper=User.objects.get(username="warehouse"),
        approver=User.objects.get(username="admin"),
    )


@pytest.fixture
def filled(db: None, today: date, now: datetime) -> goods.FilledGoods:
    filling.fill(size=1, seed=7, today=today)
    return fill(today, now)


def test_the_demo_leaves_work_of_every_kind_waiting(filled: goods.FilledGoods, now: datetime) -> None:
    assert filled.tenants == 12
    assert filled.published >= 6
    assert filled.sales > 50
    assert GoodsReceipt.objects.expected().count() == 2
    assert Balance.objects.stocked().filter(location__kind=PlaceKind.DOCK).exists()
    open_orders = [order.status for order in TransferOrder.objects.filter(accepted_at=None).order_by("pk")]
    assert open_orders == [
        TransferStatus.REQUESTED,
        TransferStatus.PICKED,
        TransferStatus.IN_TRANSIT,
        TransferStatus.IN_TRANSIT,
    ]
    assert CycleCount.objects.count() == 5
    assert Adjustment.objects.filter(decided_at=None, is_small=False).count() == 1
    assert ScannedFact.objects.get().problem_code == "not_enough_stock"
    assert [wrong for invariant in invariants() for wrong in disagreements(invariant)] == []


def test_the_demo_fills_only_an_empty_warehouse(filled: goods.FilledGoods, today: date, now: datetime) -> None:
    assert Product.objects.count() == filled.products
    with pytest.raises(RuntimeError):
        fill(today, now)


def test_a_pattern_is_drawn_alike_every_time_and_small() -> None:
    colours = ("#7a1f2b", "#e8c66a", "#f3e6c8")
    assert pattern(colours, seed=3) == pattern(colours, seed=3)
    assert pattern(colours, seed=3) != pattern(colours, seed=4)
    assert len(pattern(colours, seed=3)) < 12_000
