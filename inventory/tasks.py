"""Warehouse work for later: holds that are overdue, the day's storage, mail about goods that came."""

import logging
from datetime import datetime, timedelta
from decimal import Decimal
from smtplib import SMTPException

from celery import shared_task
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import TenantRole
from core.indian_format import grouped
from inventory import ledger, storage
from inventory.models import GoodsReceipt
from inventory.sheet_tasks import apply_sheets, check_sheets  # noqa: F401 so that a worker finds them
from tenants.models import Membership

log = logging.getLogger(__name__)

AT_ONCE = 50
STILL_NEWS = timedelta(days=7)


@shared_task
def sweep_holds() -> int:
    """Free what overdue holds hold, so that pages need not look twice. Returns how many places were freed."""
    return ledger.sweep_overdue_holds(now=timezone.now())


@shared_task
def measure_storage() -> int:
    """Measure every day that is over and not measured yet. Yesterday is measured anew: phones may have told late.

    Returns how many days were measured.
    """
    now = timezone.now()
    yesterday = timezone.localdate(now) - timedelta(days=1)
    days = storage.unmeasured_days(until=yesterday) or [yesterday]
    for day in days:
        storage.measure(day=day, at=now)
    return len(days)


@shared_task
def tell_owners() -> int:
    """Write to the owners whose delivery was received. Returns how many deliveries they were told of.

    A row is held while its mail is handed over, so that two sweeps send one mail. A mail that cannot be sent is noted
    in the log and tried again by the next sweep; the others go on.
    """
    told, given_up = 0, [0]
    for _turn in range(AT_ONCE):
        with transaction.atomic():
            receipt = _next_untold(timezone.now(), given_up)
            if receipt is None:
                break
            try:
                for owner in _owners(receipt):
                    _tell(receipt, owner)
            except (OSError, ValueError, SMTPException):
                log.exception("the mail about delivery %s cannot be sent", receipt.pk)
                given_up.append(receipt.pk)
                continue
            GoodsReceipt.objects.filter(pk=receipt.pk).update(owner_told_at=timezone.now())
        told += 1
    return told


def _next_untold(now: datetime, given_up: list[int]) -> GoodsReceipt | None:
    """The next delivery that its owners have not been told of, locked; only where someone has an address."""
    reachable = _owners_of_tenants().filter(tenant=OuterRef("tenant"))
    return (
        GoodsReceipt.objects.filter(Exists(reachable), owner_told_at=None, received_at__gt=now - STILL_NEWS)
        .exclude(pk__in=given_up)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("tenant", "received_by")
        .order_by("pk")
        .first()
    )


def _owners_of_tenants():  # type: ignore[no-untyped-def]
    return Membership.objects.current().filter(role=TenantRole.OWNER, user__is_active=True).exclude(user__email="")


def _owners(receipt: GoodsReceipt) -> list[User]:
    members = _owners_of_tenants().filter(tenant=receipt.tenant_id).select_related("user").order_by("pk")
    return [member.user for member in members]


def _tell(receipt: GoodsReceipt, owner: User) -> None:
    with translation.override(owner.language):
        link = settings.BASE_URL + reverse("receipt", args=[receipt.pk])
        lines = [
            (line.product, *map(_amount, (line.expected_quantity, line.good_quantity, line.damaged_quantity)))
            for line in receipt.lines.select_related("product").order_by("pk")
        ]
        subject = _("Your delivery %(code)s has been received at Unity Mall Ujjain") % {"code": receipt.code}
        send_mail(
            subject,
            render_to_string(
                "mail/goods_received.txt", {"receipt": receipt, "owner": owner, "lines": lines, "link": link}
            ),
            settings.DEFAULT_FROM_EMAIL,
            [owner.email],
        )


def _amount(quantity: Decimal | None) -> str:
    return grouped(quantity or 0, 3).rstrip("0").rstrip(".")
