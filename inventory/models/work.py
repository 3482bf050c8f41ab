"""The papers of warehouse work: receipts, transfer orders, counts, adjustments, and what a phone said while offline."""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.models import User
from inventory import codes
from inventory.models.catalogue import OfOwner, Product
from inventory.models.stock import QUANTITY, Hold, Location, Lot, Movement
from tenants.models import Tenant


class WarehouseRules(models.Model):
    """Limits of warehouse work, as the mall sets them. One row, with its history."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    second_person_above = models.DecimalField(
        _("a second person decides above (₹)"), max_digits=10, decimal_places=2, default=Decimal(2000)
    )
    count_tolerance_percent = models.DecimalField(
        _("a count may differ by (percent) before it is counted again"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(0),
    )
    transit_alarm_hours = models.PositiveSmallIntegerField(_("on the way longer than (hours) is an alarm"), default=4)
    expiry_warning_days = models.PositiveSmallIntegerField(_("warn so many days before expiry"), default=30)
    ageing_days = models.PositiveSmallIntegerField(_("goods older than (days) are slow"), default=180)
    hold_hours = models.PositiveSmallIntegerField(_("goods asked for are held (hours)"), default=48)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("rules of the warehouse")
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="there_is_one_set_of_warehouse_rules"),
            models.CheckConstraint(
                condition=Q(second_person_above__gte=0) & Q(count_tolerance_percent__gte=0),
                name="warehouse_rules_are_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


class ReceiptStatus(models.TextChoices):
    """Derived from the receipt's own fields; never stored."""

    EXPECTED = "expected", _("expected")
    RECEIVED = "received", _("received")
    CANCELLED = "cancelled", _("cancelled")


class GoodsReceipts(OfOwner):
    """Questions about goods receipts."""

    def expected(self) -> "GoodsReceipts":
        return self.filter(received_at=None, cancelled_at=None)

    def with_facts(self) -> "GoodsReceipts":
        return self.select_related("tenant", "announced_by", "received_by").prefetch_related("lines__product")


class GoodsReceipt(models.Model):
    """A delivery of a tenant's goods: announced, then received at the door against what was expected (GRN)."""

    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="goods_receipts", verbose_name=_("tenant"))
    expected_date = models.DateField(_("expected on"))
    note = models.CharField(_("note"), max_length=300, blank=True)
    announced_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("announced by"))
    announced_at = models.DateTimeField(_("announced at"))
    received_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("received by")
    )
    received_at = models.DateTimeField(_("received at"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)
    owner_told_at = models.DateTimeField(_("owner told at"), null=True, blank=True)

    objects: ClassVar[Any] = GoodsReceipts.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("goods receipt note")
        verbose_name_plural = _("goods receipt notes")
        ordering: ClassVar[Any] = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(received_at=None, received_by=None)
                | Q(received_at__isnull=False, received_by__isnull=False),
                name="receipt_names_who_received_it",
            ),
            models.CheckConstraint(
                condition=Q(received_at=None) | Q(cancelled_at=None), name="receipt_is_received_or_cancelled_not_both"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        return codes.written("R", self.pk)

    @property
    def status(self) -> ReceiptStatus:
        if self.cancelled_at:
            return ReceiptStatus.CANCELLED
        return ReceiptStatus.RECEIVED if self.received_at else ReceiptStatus.EXPECTED


class ReceiptLine(models.Model):
    """A product of a delivery: what was expected, what came, what of it was damaged."""

    receipt = models.ForeignKey(GoodsReceipt, models.CASCADE, related_name="lines", verbose_name=_("goods receipt"))
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("product"))
    expected_quantity = models.DecimalField(_("expected"), **QUANTITY)
    good_quantity = models.DecimalField(_("came in good order"), null=True, blank=True, **QUANTITY)
    damaged_quantity = models.DecimalField(_("came damaged"), null=True, blank=True, **QUANTITY)
    maker_lot = models.CharField(_("lot number of the maker"), max_length=40, blank=True)
    made_date = models.DateField(_("made on"), null=True, blank=True)
    expiry_date = models.DateField(_("good until"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    lot = models.ForeignKey(
        Lot, models.PROTECT, related_name="receipt_lines", null=True, blank=True, verbose_name=_("lot")
    )

    class Meta:
        verbose_name = _("line of a goods receipt")
        ordering: ClassVar[Any] = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expected_quantity__gte=0)
                & (Q(good_quantity=None) | Q(good_quantity__gte=0))
                & (Q(damaged_quantity=None) | Q(damaged_quantity__gte=0)),
                name="received_quantities_are_not_negative",
                violation_error_message=_("Quantities of a delivery are 0 or more."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} × {self.expected_quantity}"

    @property
    def difference(self) -> Decimal | None:
        """Came less expected; None until it came."""
        if self.good_quantity is None or self.damaged_quantity is None:
            return None
        return self.good_quantity + self.damaged_quantity - self.expected_quantity


def photo_path(_photo: "ReceiptPhoto", _filename: str) -> str:
    return f"receipts/{uuid.uuid4().hex}.jpg"


class ReceiptPhoto(models.Model):
    """A photograph of a delivery as it came, mostly of damage; drawn anew by us."""

    receipt = models.ForeignKey(GoodsReceipt, models.CASCADE, related_name="photos", verbose_name=_("goods receipt"))
    file = models.ImageField(_("photograph"), upload_to=photo_path)
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("added by"))
    added_at = models.DateTimeField(_("added at"))

    class Meta:
        verbose_name = _("photograph of a delivery")
        ordering: ClassVar[Any] = ["pk"]

    def __str__(self) -> str:
        return f"{self.receipt} {self.pk}"


class TransferStatus(models.TextChoices):
    """Derived from the order's own moments; never stored."""

    REQUESTED = "requested", _("requested")
    PICKED = "picked", _("picked")
    IN_TRANSIT = "in_transit", _("on the way")
    ACCEPTED = "accepted", _("accepted")
    CANCELLED = "cancelled", _("cancelled")


class TransferOrders(OfOwner):
    """Questions about transfer orders."""

    def to_pick(self) -> "TransferOrders":
        return self.filter(picked_at=None, cancelled_at=None)

    def to_hand_over(self) -> "TransferOrders":
        return self.exclude(picked_at=None).filter(handed_over_at=None, cancelled_at=None)

    def in_transit(self) -> "TransferOrders":
        return self.exclude(handed_over_at=None).filter(accepted_at=None)

    def late(self, since: datetime) -> "TransferOrders":
        """On the way since before `since`: the alarm."""
        return self.in_transit().filter(handed_over_at__lt=since)

    def with_facts(self) -> "TransferOrders":
        return self.select_related(
            "tenant", "destination", "requested_by", "picked_by", "handed_over_by", "accepted_by"
        )


class TransferOrder(models.Model):
    """Goods go from the warehouse to a shop in two steps: handed over by scan, accepted by the shop's scan."""

    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="transfer_orders", verbose_name=_("tenant"))
    destination = models.ForeignKey(Location, models.PROTECT, related_name="+", verbose_name=_("to"))
    note = models.CharField(_("note"), max_length=300, blank=True)
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("requested by"))
    requested_at = models.DateTimeField(_("requested at"))
    picked_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("picked by")
    )
    picked_at = models.DateTimeField(_("picked at"), null=True, blank=True)
    handed_over_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("handed over by")
    )
    handed_over_at = models.DateTimeField(_("handed over at"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("accepted by")
    )
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)

    objects: ClassVar[Any] = TransferOrders.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("transfer order")
        verbose_name_plural = _("transfer orders")
        ordering: ClassVar[Any] = ["-pk"]
        indexes = [
            models.Index(
                fields=["handed_over_at"],
                name="transfer_on_the_way",
                condition=Q(handed_over_at__isnull=False, accepted_at=None),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=(Q(handed_over_at=None) | Q(picked_at__isnull=False))
                & (Q(accepted_at=None) | Q(handed_over_at__isnull=False))
                & (Q(cancelled_at=None) | Q(handed_over_at=None)),
                name="transfer_goes_step_by_step",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        return codes.written("T", self.pk)

    @property
    def status(self) -> TransferStatus:
        if self.cancelled_at:
            return TransferStatus.CANCELLED
        if self.accepted_at:
            return TransferStatus.ACCEPTED
        if self.handed_over_at:
            return TransferStatus.IN_TRANSIT
        return TransferStatus.PICKED if self.picked_at else TransferStatus.REQUESTED


class ShortPick(models.TextChoices):
    """Why less was picked than was asked for."""

    NOT_FOUND = "not_found", _("not found in the bin")
    DAMAGED = "damaged", _("found damaged")
    EXPIRED = "expired", _("past its date")
    TOO_FEW = "too_few", _("fewer there than on record")


class TransferLine(models.Model):
    """So much of a lot from a bin: what the pick list says (FEFO), what was picked, what was accepted."""

    order = models.ForeignKey(TransferOrder, models.CASCADE, related_name="lines", verbose_name=_("transfer order"))
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("product"))
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", verbose_name=_("lot"))
    source = models.ForeignKey(Location, models.PROTECT, related_name="+", verbose_name=_("from"))
    quantity = models.DecimalField(_("asked for"), **QUANTITY)
    hold = models.OneToOneField(Hold, models.PROTECT, related_name="+", null=True, blank=True)
    picked_quantity = models.DecimalField(_("picked"), null=True, blank=True, **QUANTITY)
    short_reason = models.CharField(_("why fewer were picked"), max_length=9, choices=ShortPick, blank=True)
    accepted_quantity = models.DecimalField(_("accepted"), null=True, blank=True, **QUANTITY)

    class Meta:
        verbose_name = _("line of a transfer order")
        ordering: ClassVar[Any] = ["source__slug", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="transfer_line_asks_for_something"),
            models.CheckConstraint(
                condition=Q(picked_quantity=None) | (Q(picked_quantity__gte=0) & Q(picked_quantity__lte=F("quantity"))),
                name="no_more_is_picked_than_was_asked_for",
                violation_error_message=_("No more is picked than was asked for."),
            ),
            models.CheckConstraint(
                condition=Q(picked_quantity=None) | Q(picked_quantity=F("quantity")) | ~Q(short_reason=""),
                name="short_pick_says_why",
                violation_error_message=_("Say why fewer were picked."),
            ),
            models.CheckConstraint(
                condition=Q(accepted_quantity=None)
                | (Q(accepted_quantity__gte=0) & Q(accepted_quantity__lte=F("picked_quantity"))),
                name="no_more_is_accepted_than_was_picked",
                violation_error_message=_("No more is accepted than was picked."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lot} × {self.quantity}"

    @property
    def missing(self) -> Decimal:
        """Handed over but not accepted; it stays on the way until someone settles it."""
        if self.picked_quantity is None or self.accepted_quantity is None:
            return Decimal(0)
        return self.picked_quantity - self.accepted_quantity


class AdjustmentReason(models.TextChoices):
    """Why stock on record differs from the stock there is. The first words decide where the difference goes."""

    FOUND = "found", _("found: there is more than on record")
    LOST = "lost", _("lost or stolen")
    DAMAGED = "damaged", _("damaged beyond sale")
    EXPIRED = "expired", _("past its date")
    SAMPLE = "sample", _("given as a sample or used up")
    WRONG_ENTRY = "wrong_entry", _("an earlier entry was wrong")


class AdjustmentStatus(models.TextChoices):
    """Derived from the adjustment's own fields; never stored."""

    WAITING = "waiting", _("waits for a second person")
    POSTED = "posted", _("posted")
    REFUSED = "refused", _("refused")


class Adjustments(OfOwner):
    """Questions about adjustments."""

    def waiting(self) -> "Adjustments":
        return self.filter(decided_at=None)

    def with_facts(self) -> "Adjustments":
        return self.select_related("tenant", "lot__product", "location", "proposed_by", "decided_by", "movement")


class Adjustment(models.Model):
    """Stock on record is corrected, with a reason; above a limit a second person decides. A write-off is one, too."""

    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="adjustments", verbose_name=_("tenant"))
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", verbose_name=_("lot"))
    location = models.ForeignKey(Location, models.PROTECT, related_name="+", verbose_name=_("place"))
    difference = models.DecimalField(_("difference"), **QUANTITY)
    reason = models.CharField(_("reason"), max_length=12, choices=AdjustmentReason)
    note = models.CharField(_("what happened"), max_length=300)
    value = models.DecimalField(_("worth (₹)"), max_digits=14, decimal_places=2)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("proposed by"))
    proposed_at = models.DateTimeField(_("proposed at"))
    decided_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    refusal = models.CharField(_("why it was refused"), max_length=300, blank=True)
    # Set where the worth was within the limit: then one person was enough.
    is_small = models.BooleanField(_("within the limit of one person"), default=False)
    movement = models.OneToOneField(
        Movement, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("movement")
    )

    objects: ClassVar[Any] = Adjustments.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("adjustment")
        verbose_name_plural = _("adjustments")
        ordering: ClassVar[Any] = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(difference=0), name="adjustment_changes_something"),
            models.CheckConstraint(
                condition=~Q(note=""),
                name="adjustment_says_what_happened",
                violation_error_message=_("Say what happened; the owner of the goods will read it."),
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(is_small=True) | ~Q(decided_by=F("proposed_by")),
                name="second_person_is_another_person",
                violation_error_message=_("Above the limit someone else decides, not whoever proposed it."),
            ),
            models.CheckConstraint(
                condition=Q(movement=None) | Q(decided_at__isnull=False),
                name="adjustment_is_decided_before_it_is_posted",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        return codes.written("A", self.pk)

    @property
    def status(self) -> AdjustmentStatus:
        if self.movement_id:
            return AdjustmentStatus.POSTED
        return AdjustmentStatus.REFUSED if self.decided_at else AdjustmentStatus.WAITING


class CountStatus(models.TextChoices):
    """Derived from the count's own moments; never stored."""

    COUNTING = "counting", _("being counted")
    RECOUNTING = "recounting", _("differences are counted again")
    COUNTED = "counted", _("waits for approval")
    APPROVED = "approved", _("waits for the owner's signature")
    POSTED = "posted", _("posted")
    CANCELLED = "cancelled", _("cancelled")


class CycleCounts(OfOwner):
    """Questions about cycle counts."""

    def open(self) -> "CycleCounts":
        return self.filter(posted_at=None, cancelled_at=None)

    def with_facts(self) -> "CycleCounts":
        return self.select_related("tenant", "opened_by", "approved_by", "countersigned_by")


class CycleCount(models.Model):
    """Some of a tenant's stock is counted blind, differences again, approved, countersigned by the owner, posted."""

    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="cycle_counts", verbose_name=_("tenant"))
    # A shop counts its own goods: then the owner's signature is asked for no second time.
    is_own_shop = models.BooleanField(_("counted by the shop itself"), default=False)
    note = models.CharField(_("note"), max_length=300, blank=True)
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("opened by"))
    opened_at = models.DateTimeField(_("opened at"))
    first_done_at = models.DateTimeField(_("first count done at"), null=True, blank=True)
    counted_at = models.DateTimeField(_("counted at"), null=True, blank=True)
    approved_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("approved by")
    )
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    countersigned_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("countersigned by")
    )
    countersigned_at = models.DateTimeField(_("countersigned at"), null=True, blank=True)
    objection = models.CharField(_("the owner's objection"), max_length=300, blank=True)
    posted_at = models.DateTimeField(_("posted at"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)

    objects: ClassVar[Any] = CycleCounts.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("cycle count")
        verbose_name_plural = _("cycle counts")
        ordering: ClassVar[Any] = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(posted_at=None)
                | (Q(approved_at__isnull=False) & (Q(countersigned_at__isnull=False) | Q(is_own_shop=True))),
                name="count_is_posted_once_approved_and_countersigned",
            ),
            models.CheckConstraint(
                condition=Q(posted_at=None) | Q(cancelled_at=None), name="count_is_posted_or_cancelled_not_both"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        return codes.written("C", self.pk)

    @property
    def status(self) -> CountStatus:
        if self.cancelled_at:
            return CountStatus.CANCELLED
        if self.posted_at:
            return CountStatus.POSTED
        if self.approved_at:
            return CountStatus.APPROVED
        if self.counted_at:
            return CountStatus.COUNTED
        return CountStatus.RECOUNTING if self.first_done_at else CountStatus.COUNTING


class CountLine(models.Model):
    """A lot at a place, counted without being told what is on record.

    `expected_quantity` is what was on record at the moment of counting, read under the balance's lock together with
    `entry_at_count`, the last ledger entry then; what is posted is the difference against that, so that movements
    made since survive.
    """

    count = models.ForeignKey(CycleCount, models.CASCADE, related_name="lines", verbose_name=_("cycle count"))
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", verbose_name=_("lot"))
    location = models.ForeignKey(Location, models.PROTECT, related_name="+", verbose_name=_("place"))
    first_quantity = models.DecimalField(_("first count"), null=True, blank=True, **QUANTITY)
    quantity = models.DecimalField(_("counted"), null=True, blank=True, **QUANTITY)
    counted_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("counted by")
    )
    counted_at = models.DateTimeField(_("counted at"), null=True, blank=True)
    expected_quantity = models.DecimalField(_("on record when counted"), null=True, blank=True, **QUANTITY)
    entry_at_count = models.BigIntegerField(_("last ledger entry when counted"), null=True, blank=True)
    needs_recount = models.BooleanField(_("is counted again"), default=False)
    movement = models.OneToOneField(
        Movement, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("movement")
    )

    class Meta:
        verbose_name = _("line of a count")
        ordering: ClassVar[Any] = ["location__slug", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["count", "lot", "location"], name="a_count_asks_for_a_lot_at_a_place_once"),
            models.CheckConstraint(
                condition=Q(quantity=None) | Q(quantity__gte=0),
                name="counted_quantity_is_not_negative",
                violation_error_message=_("A count is 0 or more."),
            ),
            models.CheckConstraint(
                condition=Q(quantity=None) | Q(expected_quantity__isnull=False),
                name="counted_line_keeps_what_was_on_record",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lot} @ {self.location}"

    @property
    def difference(self) -> Decimal | None:
        """Counted less on record; None until it is counted."""
        if self.quantity is None or self.expected_quantity is None:
            return None
        return self.quantity - self.expected_quantity


class FactKind(models.TextChoices):
    """What a phone can say about goods while it has no network."""

    SALE = "sale", _("sold")
    SALE_RETURN = "sale_return", _("returned by a buyer")
    ACCEPTANCE = "acceptance", _("transfer accepted")
    SHOP_RECEIPT = "shop_receipt", _("brought to the shop")
    COUNT = "count", _("counted in the shop")
    ADJUSTMENT = "adjustment", _("adjusted")


class FactStatus(models.TextChoices):
    WAITING = "waiting", _("being entered")
    POSTED = "posted", _("entered")
    CONFLICT = "conflict", _("needs a look")
    DISMISSED = "dismissed", _("laid aside by a person")


class ScannedFacts(OfOwner):
    """Questions about scanned facts."""

    def to_review(self) -> "ScannedFacts":
        return self.filter(status=FactStatus.CONFLICT)


class ScannedFact(models.Model):
    """What a phone said happened, under an id of its own, kept whether or not the ledger could take it."""

    uid = models.UUIDField(_("id given by the phone"), unique=True)
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="scanned_facts", verbose_name=_("tenant"))
    kind = models.CharField(_("kind"), max_length=12, choices=FactKind)
    said = models.JSONField(_("what was scanned and typed"))
    digest = models.CharField(max_length=64)
    happened_at = models.DateTimeField(_("happened at"))
    received_at = models.DateTimeField(_("received at"))
    sent_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("sent by"))
    status = models.CharField(_("status"), max_length=9, choices=FactStatus, default=FactStatus.WAITING)
    problem_code = models.CharField(max_length=60, blank=True)
    problem = models.JSONField(_("what stood against it"), null=True, blank=True)
    movement = models.ForeignKey(
        Movement, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("movement")
    )
    settled_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("settled by")
    )
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    settled_note = models.CharField(_("how it was settled"), max_length=300, blank=True)

    objects: ClassVar[Any] = ScannedFacts.as_manager()

    class Meta:
        verbose_name = _("scanned fact")
        verbose_name_plural = _("scanned facts")
        ordering: ClassVar[Any] = ["-received_at", "-pk"]
        indexes = [models.Index(fields=["tenant"], name="fact_to_review", condition=Q(status="conflict"))]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="dismissed") | ~Q(settled_note=""),
                name="fact_laid_aside_says_why",
                violation_error_message=_("Say why this is laid aside."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.uid}"


class StorageUse(models.Model):
    """The room that a tenant's goods took in the warehouse at the end of a day; what storage is charged by later."""

    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="+", verbose_name=_("tenant"))
    day = models.DateField(_("day"))
    litres = models.DecimalField(_("room taken (litres)"), max_digits=14, decimal_places=3)
    bins = models.PositiveIntegerField(_("bins with goods in them"))
    lots = models.PositiveIntegerField(_("lots"))
    measured_at = models.DateTimeField(_("worked out at"))

    objects: ClassVar[Any] = OfOwner.as_manager()

    class Meta:
        verbose_name = _("storage use")
        ordering: ClassVar[Any] = ["-day", "tenant"]
        constraints = [models.UniqueConstraint(fields=["tenant", "day"], name="storage_is_measured_once_a_day")]

    def __str__(self) -> str:
        return f"{self.tenant} {self.day}: {self.litres}"
