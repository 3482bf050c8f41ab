"""Units are let once at a time, and what is the matter with a unit follows from leases and blocks."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from core.periods import DateRange, period
from leases.letting import LeaseNotActive, UnitAlreadyLet, UnitIsBlocked, end_lease, let_unit
from leases.models import Lease
from leases.occupancy import UnitStatus, with_status
from mall.models import Unit, UnitBlock
from mall.upkeep import BlockNotOpen, UnitAlreadyBlocked, block_unit, free_unit
from tenants.registering import TenantHasLeft, part_with


def status_of(unit, day):
    return with_status(Unit.objects.filter(pk=unit.pk), day).get().status


def test_a_unit_without_lease_or_block_is_vacant(vacant_unit, today):
    assert status_of(vacant_unit, today) == UnitStatus.VACANT


def test_a_unit_is_let_from_the_first_to_the_last_day_and_not_after(vacant_unit, chanderi, administrator, today):
    last = today + timedelta(days=9)
    let_unit(unit=vacant_unit, tenant=chanderi, first=today, last=last, by=administrator)
    assert status_of(vacant_unit, today - timedelta(days=1)) == UnitStatus.OFFERED
    assert status_of(vacant_unit, today) == UnitStatus.LET
    assert status_of(vacant_unit, last) == UnitStatus.LET
    assert status_of(vacant_unit, last + timedelta(days=1)) == UnitStatus.VACANT


def test_a_unit_is_fitting_out_until_it_opens_for_trade(vacant_unit, chanderi, administrator, today):
    opening = today + timedelta(days=5)
    let_unit(unit=vacant_unit, tenant=chanderi, first=today, last=None, opening_date=opening, by=administrator)
    assert status_of(vacant_unit, opening - timedelta(days=1)) == UnitStatus.FITTING_OUT
    assert status_of(vacant_unit, opening) == UnitStatus.LET


def test_a_blocked_unit_is_blocked_even_while_it_is_let(vacant_unit, chanderi, administrator, today):
    let_unit(unit=vacant_unit, tenant=chanderi, first=today, last=None, by=administrator)
    block_unit(unit=vacant_unit, first=today, last=today, reason="छत टपकती है", by=administrator)
    assert status_of(vacant_unit, today) == UnitStatus.BLOCKED
    assert status_of(vacant_unit, today + timedelta(days=1)) == UnitStatus.LET


def test_a_second_tenant_is_refused_on_a_shared_day_and_nothing_else_changes(
    vacant_unit, chanderi, batik, administrator, today
):
    first = let_unit(unit=vacant_unit, tenant=chanderi, first=today, last=today + timedelta(days=9), by=administrator)
    with pytest.raises(UnitAlreadyLet) as refusal:
        let_unit(unit=vacant_unit, tenant=batik, first=today + timedelta(days=9), last=None, by=administrator)
    assert refusal.value.details["first"] == today
    assert list(Lease.objects.filter(unit=vacant_unit)) == [first]


def test_the_next_tenant_may_begin_on_the_day_after_the_last(vacant_unit, chanderi, batik, administrator, today):
    let_unit(unit=vacant_unit, tenant=chanderi, first=today, last=today + timedelta(days=9), by=administrator)
    let_unit(unit=vacant_unit, tenant=batik, first=today + timedelta(days=10), last=None, by=administrator)
    assert Lease.objects.filter(unit=vacant_unit).count() == 2


@pytest.mark.parametrize(
    ("span", "sentence"),
    [
        ("overlapping", "unit_is_let_once_at_a_time"),
        ("empty", "lease_begins_on_a_day_and_lasts"),
        ("without a beginning", "lease_begins_on_a_day_and_lasts"),
    ],
)
def test_the_database_itself_refuses_a_lease_that_cannot_be(vacant_unit, chanderi, batik, today, span, sentence):
    Lease.objects.create(unit=vacant_unit, tenant=chanderi, period=period(today, today + timedelta(days=30)))
    spans = {
        "overlapping": period(today + timedelta(days=30), None),
        "empty": DateRange(empty=True),
        "without a beginning": DateRange(None, today - timedelta(days=5)),
    }
    with pytest.raises(IntegrityError, match=sentence), transaction.atomic():
        Lease.objects.create(unit=vacant_unit, tenant=batik, period=spans[span])


def test_a_unit_cannot_open_before_it_is_handed_over(vacant_unit, chanderi, today):
    with pytest.raises(IntegrityError, match="unit_opens_after_it_is_handed_over"), transaction.atomic():
        Lease.objects.create(
            unit=vacant_unit, tenant=chanderi, period=period(today), opening_date=today - timedelta(days=1)
        )


def test_a_lease_ends_early_and_the_unit_is_vacant_the_day_after(vacant_unit, chanderi, administrator, today):
    lease = let_unit(unit=vacant_unit, tenant=chanderi, first=today, last=None, by=administrator)
    end_lease(lease=lease, last=today + timedelta(days=2), by=administrator, why="दुकान बदली")
    assert status_of(vacant_unit, today + timedelta(days=2)) == UnitStatus.LET
    assert status_of(vacant_unit, today + timedelta(days=3)) == UnitStatus.VACANT
    with pytest.raises(LeaseNotActive):
        end_lease(lease=lease, last=today + timedelta(days=5), by=administrator, why="")


def test_a_tenant_that_has_left_gets_no_unit(vacant_unit, chanderi, administrator, today):
    part_with(tenant=chanderi, on=today, by=administrator, why="moved to Bhopal")
    with pytest.raises(TenantHasLeft):
        let_unit(unit=vacant_unit, tenant=chanderi, first=today, last=None, by=administrator)


def test_a_blocked_unit_is_not_let_and_not_blocked_twice(vacant_unit, chanderi, administrator, today):
    block = block_unit(unit=vacant_unit, first=today, last=None, reason="निरीक्षण", by=administrator)
    with pytest.raises(UnitIsBlocked):
        let_unit(unit=vacant_unit, tenant=chanderi, first=today, last=None, by=administrator)
    with pytest.raises(UnitAlreadyBlocked):
        block_unit(unit=vacant_unit, first=today, last=today, reason="पुताई", by=administrator)
    free_unit(block=block, on=today + timedelta(days=3), by=administrator)
    with pytest.raises(BlockNotOpen):
        free_unit(block=block, on=today + timedelta(days=3), by=administrator)
    assert UnitBlock.objects.get(pk=block.pk).period.upper == today + timedelta(days=3)
