"""The stock ledger: lots and places, movements and their entries, balances and holds.

`inventory/ledger.py` is the only writer of the tables from `Movement` on. What must always be true of them is kept
by the database: the checks and keys below, and the functions and triggers in `inventory/sql/`.
"""

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Func, Q, Sum
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.models import User
from core.names import Named
from inventory import codes
from inventory.models.catalogue import OfOwner, Product
from mall.models import Unit, Zone
from tenants.models import Tenant


class Trunc(Func):
    """A number without what stands behind its point."""

    function = "TRUNC"
    output_field = models.DecimalField(max_digits=14, decimal_places=3)


QUANTITY: dict[str, Any] = {"max_digits": 14, "decimal_places": 3}


class PlaceKind(models.TextChoices):
    """Where goods can be. From `supplier` on, places are not in the mall: what lies there is a sum, not a stock."""

    DOCK = "dock", _("Goods entrance: received, not put away")
    BIN = "bin", _("Bin of the warehouse")
    STAGING = "staging", _("Picked, waiting to be handed over")
    QUARANTINE = "quarantine", _("Set apart: damaged or doubtful")
    TRANSIT = "transit", _("On the way")
    UNIT = "unit", _("Shop")
    FAIR = "fair", _("Fair or exhibition")
    SUPPLIER = "supplier", _("From the owner's workshop")
    OWNER = "owner", _("Back with the owner")
    BUYER = "buyer", _("Sold")
    LOSS = "loss", _("Lost")
    FOUND = "found", _("Found")
    DAMAGE = "damage", _("Damaged and written off")

    @property
    def is_physical(self) -> bool:
        return self in PHYSICAL


PHYSICAL = (
    PlaceKind.DOCK,
    PlaceKind.BIN,
    PlaceKind.STAGING,
    PlaceKind.QUARANTINE,
    PlaceKind.TRANSIT,
    PlaceKind.UNIT,
    PlaceKind.FAIR,
)
# Where the keeper of the warehouse answers for the goods.
IN_WAREHOUSE = (PlaceKind.DOCK, PlaceKind.BIN, PlaceKind.STAGING, PlaceKind.QUARANTINE)


class Locations(models.QuerySet["Location"]):
    """Questions about locations."""

    def visible_to(self, actor: Any) -> "Locations":
        """Where the shelves stand is no secret to anyone who may see the mall; what lies in them is."""
        return self if getattr(actor, "is_authenticated", False) else self.none()

    def in_use(self) -> "Locations":
        return self.filter(closed_at=None)

    def bins(self) -> "Locations":
        return self.filter(kind=PlaceKind.BIN)


class Location(Named):
    """A place that goods can be in: a bin, a shop, on the way; or a virtual one such as a buyer or a loss."""

    slug = models.CharField(_("place code"), max_length=24, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=PlaceKind)
    is_physical = models.BooleanField(_("in the mall"))
    zone = models.ForeignKey(Zone, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("zone"))
    unit = models.OneToOneField(Unit, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("unit"))
    # Bins: where they stand on the floor plan (metres) and what they hold.
    aisle = models.CharField(_("aisle"), max_length=4, blank=True)
    rack = models.PositiveSmallIntegerField(_("rack"), null=True, blank=True)
    shelf = models.PositiveSmallIntegerField(_("shelf"), null=True, blank=True)
    x = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    y = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    width = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    depth = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    capacity_litres = models.DecimalField(_("room (litres)"), max_digits=10, decimal_places=1, null=True, blank=True)
    closed_at = models.DateTimeField(_("out of use since"), null=True, blank=True)

    objects: ClassVar[Any] = Locations.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        ordering: ClassVar[Any] = ["slug"]
        indexes = [models.Index(fields=["kind"], name="location_by_kind")]
        constraints = [
            # What balances point at, so that they cannot mistake a virtual place for a physical one.
            models.UniqueConstraint(fields=["id", "is_physical"], name="location_is_physical_or_not"),
            models.CheckConstraint(
                condition=Q(is_physical=True, kind__in=PHYSICAL) | Q(is_physical=False) & ~Q(kind__in=PHYSICAL),
                name="location_kind_says_whether_it_is_physical",
            ),
            models.CheckConstraint(
                condition=(Q(kind=PlaceKind.UNIT) & Q(unit__isnull=False))
                | (~Q(kind=PlaceKind.UNIT) & Q(unit__isnull=True)),
                name="shop_location_names_its_unit",
            ),
            models.CheckConstraint(
                condition=~Q(kind=PlaceKind.BIN) | Q(capacity_litres__gt=0), name="bin_has_some_room"
            ),
            models.UniqueConstraint(
                fields=["kind"],
                condition=~Q(kind__in=[PlaceKind.BIN, PlaceKind.UNIT, PlaceKind.FAIR]),
                name="there_is_one_place_of_its_kind",
            ),
        ]

    @property
    def code(self) -> str:
        return codes.written("B", self.pk)


class Lots(OfOwner):
    """Questions about lots."""

    def fefo(self) -> "Lots":
        """First expired, first out; what never expires goes by the day it came."""
        return self.order_by(F("expiry_date").asc(nulls_last=True), "received_date", "pk")

    def expiring(self, from_day: date, to_day: date) -> "Lots":
        """Whose last good day lies from `from_day` to `to_day`, both included."""
        return self.filter(expiry_date__gte=from_day, expiry_date__lte=to_day)


class Grain(models.TextChoices):
    """How finely a lot is counted. The database holds balances to it."""

    SINGLE = "single", _("a single piece")
    WHOLE = "whole", _("whole numbers")
    MEASURED = "measured", _("by measure")


class Lot(models.Model):
    """Goods of one product and one tenant that came together. A lot is never changed and never merged."""

    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="lots", verbose_name=_("tenant"))
    product = models.ForeignKey(Product, models.PROTECT, related_name="lots", verbose_name=_("product"))
    grain = models.CharField(_("counted"), max_length=8, choices=Grain)
    maker_lot = models.CharField(_("lot number of the maker"), max_length=40, blank=True)
    received_date = models.DateField(_("came on"))
    made_date = models.DateField(_("made on"), null=True, blank=True)
    expiry_date = models.DateField(_("good until"), null=True, blank=True)

    objects: ClassVar[Any] = Lots.as_manager()

    class Meta:
        verbose_name = _("lot")
        verbose_name_plural = _("lots")
        ordering: ClassVar[Any] = ["-received_date", "-pk"]
        indexes = [
            models.Index(fields=["expiry_date"], name="lot_by_expiry", condition=Q(expiry_date__isnull=False)),
        ]
        constraints = [
            # What ledger entries, balances and holds point at, so that none can carry another tenant's lot.
            models.UniqueConstraint(fields=["id", "tenant", "grain"], name="lot_belongs_to_one_tenant"),
            # One piece, one lot; with the balance's own check there is never a second piece.
            models.UniqueConstraint(
                fields=["product"], condition=Q(grain="single"), name="one_of_a_kind_comes_in_one_lot"
            ),
            models.CheckConstraint(
                condition=Q(expiry_date=None) | Q(made_date=None) | Q(expiry_date__gte=F("made_date")),
                name="lot_expires_after_it_was_made",
                violation_error_message=_("A lot is good until a day after it was made."),
            ),
            models.CheckConstraint(condition=Q(grain__in=Grain.values), name="lot_grain_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.product} · {self.code}"

    @property
    def code(self) -> str:
        """What its label carries: L0000123-like, with a check digit."""
        return codes.written("L", self.pk)


class MovementKind(models.TextChoices):
    """What a movement was. `inventory/kinds.py` says from where to where each goes, and who may make it."""

    RECEIPT = "receipt", _("Received")
    PUT_AWAY = "put_away", _("Put into a bin")
    RELOCATION = "relocation", _("Moved to another bin")
    PICK = "pick", _("Picked")
    HAND_OVER = "hand_over", _("Handed over")
    ACCEPTANCE = "acceptance", _("Accepted by the shop")
    SHOP_RECEIPT = "shop_receipt", _("Brought to the shop")
    SEND_BACK = "send_back", _("Sent back to the warehouse")
    SALE = "sale", _("Sold")
    SALE_RETURN = "sale_return", _("Returned by a buyer")
    OWNER_RETURN = "owner_return", _("Returned to the owner")
    QUARANTINE = "quarantine", _("Set apart")
    RELEASE = "release", _("Back from being set apart")
    ADJUSTMENT = "adjustment", _("Adjusted")
    WRITE_OFF = "write_off", _("Written off")
    COUNT = "count", _("Difference of a count")
    REVERSAL = "reversal", _("Reversed")


class Movements(OfOwner):
    """Questions about movements."""

    def with_facts(self) -> "Movements":
        return self.select_related("tenant", "by")

    def of_product(self, product: Any) -> "Movements":
        return self.filter(entries__lot__product=product).distinct()

    def until(self, moment: datetime) -> "Movements":
        """That happened no later than `moment`, whenever they were written down."""
        return self.filter(occurred_at__lte=moment)


class Movement(models.Model):
    """Something that happened to goods of one tenant. Never changed; a correction is another, that reverses it."""

    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="+", db_index=False, verbose_name=_("tenant"))
    kind = models.CharField(_("kind"), max_length=12, choices=MovementKind)
    # The writer's own name of this write: sent twice, it happens once.
    key = models.CharField(_("idempotency key"), max_length=200)
    digest = models.CharField(max_length=64)  # sha256 of what was asked; another body with the same key is refused
    occurred_at = models.DateTimeField(_("happened at"))
    recorded_at = models.DateTimeField(_("written down at"), db_default=Now())
    by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, db_index=False, verbose_name=_("by")
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    # The paper that asked for it: "transfer order" 12 and the like; codes.written of it is `document`.
    document = models.CharField(_("document"), max_length=20, blank=True)
    reverses = models.OneToOneField(
        "self", models.PROTECT, related_name="reversed_by", null=True, blank=True, verbose_name=_("reverses")
    )

    objects: ClassVar[Any] = Movements.as_manager()

    class Meta:
        verbose_name = _("movement")
        verbose_name_plural = _("movements")
        ordering: ClassVar[Any] = ["-pk"]
        indexes = [
            models.Index(fields=["tenant", "kind", "occurred_at"], name="movement_by_kind"),
            models.Index(fields=["document"], name="movement_by_document", condition=~Q(document="")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "key"], name="movement_happens_once_per_key"),
            # What entries point at; also the order in which a tenant's movements are listed.
            models.UniqueConstraint(fields=["tenant", "id"], name="movement_belongs_to_one_tenant"),
            models.CheckConstraint(
                condition=Q(occurred_at__lte=F("recorded_at")), name="movement_is_written_down_after_it_happened"
            ),
            models.CheckConstraint(condition=Q(kind__in=MovementKind.values), name="movement_kind_is_known"),
            models.CheckConstraint(
                condition=(Q(kind=MovementKind.REVERSAL) & Q(reverses__isnull=False))
                | (~Q(kind=MovementKind.REVERSAL) & Q(reverses__isnull=True)),
                name="reversal_names_what_it_reverses",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class Entries(OfOwner):
    """Questions about ledger entries."""

    def until(self, moment: datetime) -> "Entries":
        return self.filter(movement__occurred_at__lte=moment)

    def stock_at(self, moment: datetime) -> Any:
        """What lay where at `moment`: rows of lot, location and on_hand, from the ledger alone."""
        return (
            self.until(moment)
            .filter(location__is_physical=True)
            .values("lot", "location")
            .annotate(on_hand=Sum("quantity"))
            .exclude(on_hand=0)
        )


class LedgerEntry(models.Model):
    """So much of a lot came to a location (above zero) or left it (below). Added, never changed."""

    movement = models.ForeignKey(
        Movement, models.PROTECT, related_name="entries", db_constraint=False, verbose_name=_("movement")
    )
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    lot = models.ForeignKey(
        Lot, models.PROTECT, related_name="entries", db_constraint=False, db_index=False, verbose_name=_("lot")
    )
    location = models.ForeignKey(
        Location, models.PROTECT, related_name="+", db_constraint=False, db_index=False, verbose_name=_("place")
    )
    quantity = models.DecimalField(_("quantity"), **QUANTITY)

    objects: ClassVar[Any] = Entries.as_manager()

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        ordering: ClassVar[Any] = ["pk"]
        indexes = [models.Index(fields=["lot", "location", "id"], name="entry_by_lot_and_place")]
        constraints = [
            models.CheckConstraint(condition=~Q(quantity=0), name="entry_moves_something"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity:+} {self.location_id}"


class Balances(OfOwner):
    """Questions about balances."""

    def physical(self) -> "Balances":
        return self.filter(is_physical=True)

    def stocked(self) -> "Balances":
        """In the mall, and not nothing."""
        return self.filter(is_physical=True, on_hand__gt=0)

    def with_facts(self) -> "Balances":
        return self.select_related("lot__product", "location", "tenant")

    def with_overdue(self, now: datetime) -> "Balances":
        """With `overdue`: what is held under holds whose time has passed, so not held in truth."""
        ended = Hold.objects.filter(
            lot=models.OuterRef("lot"), location=models.OuterRef("location"), ended_at=None, expires_at__lte=now
        )
        return self.annotate(
            overdue=Coalesce(
                models.Subquery(ended.values("lot").annotate(sum=Sum("quantity")).values("sum")), Decimal(0)
            )
        )


class Balance(models.Model):
    """How much of a lot lies at a location: the sum of its ledger entries, kept in step by the ledger."""

    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    lot = models.ForeignKey(
        Lot, models.PROTECT, related_name="balances", db_constraint=False, db_index=False, verbose_name=_("lot")
    )
    location = models.ForeignKey(
        Location, models.PROTECT, related_name="+", db_constraint=False, db_index=False, verbose_name=_("place")
    )
    grain = models.CharField(max_length=8)
    is_physical = models.BooleanField()
    on_hand = models.DecimalField(_("on hand"), **QUANTITY)
    held = models.DecimalField(_("held"), default=Decimal(0), **QUANTITY)

    objects: ClassVar[Any] = Balances.as_manager()

    class Meta:
        verbose_name = _("balance")
        verbose_name_plural = _("balances")
        ordering: ClassVar[Any] = ["pk"]
        # No index names on_hand or held: then PostgreSQL changes a balance in place (HOT), whatever moves.
        indexes = [
            models.Index(fields=["tenant", "lot"], name="stock_by_tenant", condition=Q(is_physical=True)),
            models.Index(fields=["location", "lot"], name="stock_by_place", condition=Q(is_physical=True)),
        ]
        constraints = [
            # The lot names its tenant, so this is one balance per lot and place; entries and holds point at all three.
            models.UniqueConstraint(fields=["lot", "location", "tenant"], name="a_lot_has_one_balance_at_a_place"),
            models.CheckConstraint(condition=Q(is_physical=False) | Q(on_hand__gte=0), name="stock_is_never_negative"),
            models.CheckConstraint(
                condition=(Q(is_physical=False) & Q(held=0))
                | (Q(is_physical=True) & Q(held__gte=0) & Q(held__lte=F("on_hand"))),
                name="no_more_is_held_than_is_on_hand",
            ),
            models.CheckConstraint(
                condition=~Q(grain="single") | (Q(on_hand__gte=-1) & Q(on_hand__lte=1)),
                name="one_of_a_kind_is_there_once",
            ),
            models.CheckConstraint(
                condition=Q(grain="measured") | Q(on_hand=Trunc(F("on_hand"))),
                name="piece_goods_are_counted_in_whole_numbers",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lot_id} @ {self.location_id}: {self.on_hand}"

    @property
    def unheld(self) -> Decimal:
        """On hand less held; holds whose time has passed still count here (`with_overdue` tells them)."""
        return self.on_hand - self.held


class HoldEnd(models.TextChoices):
    RELEASED = "released", _("released")
    USED = "used", _("used by a movement")
    EXPIRED = "expired", _("time passed")


class Holds(OfOwner):
    """Questions about holds."""

    def standing_at(self, now: datetime) -> "Holds":
        return self.filter(ended_at=None, expires_at__gt=now)


class Hold(models.Model):
    """So much of a balance is promised to someone until a moment, or until it is used or released."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="holds", db_constraint=False, db_index=False)
    location = models.ForeignKey(Location, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    quantity = models.DecimalField(_("quantity"), **QUANTITY)
    key = models.CharField(_("idempotency key"), max_length=200)
    digest = models.CharField(max_length=64)
    purpose = models.CharField(_("held for"), max_length=100)
    held_at = models.DateTimeField(_("held since"), db_default=Now())
    expires_at = models.DateTimeField(_("held until"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    end = models.CharField(_("how it ended"), max_length=8, choices=HoldEnd, blank=True)
    used_by = models.ForeignKey(
        Movement, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("used by")
    )

    objects: ClassVar[Any] = Holds.as_manager()

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        ordering: ClassVar[Any] = ["pk"]
        indexes = [
            models.Index(fields=["lot", "location"], name="hold_standing", condition=Q(ended_at=None)),
            models.Index(fields=["expires_at"], name="hold_by_end", condition=Q(ended_at=None)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "key"], name="hold_is_made_once_per_key"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="hold_holds_something"),
            models.CheckConstraint(
                condition=(Q(ended_at=None) & Q(end="")) | (Q(ended_at__isnull=False) & ~Q(end="")),
                name="hold_that_ended_says_how",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} for {self.purpose}"


class Dispatch(models.Model):
    """A movement as later readers follow it: written with the movement, numbered once it is seen to be committed.

    `position` is given under a lock by `inventory.outbox`, so a reader that has seen position n never finds a smaller
    one later, which a serial number, taken before commit, cannot promise.
    """

    movement = models.OneToOneField(Movement, models.PROTECT, primary_key=True, related_name="+", db_constraint=False)
    position = models.BigIntegerField(_("position"), null=True, unique=True)

    class Meta:
        verbose_name = _("dispatch")
        verbose_name_plural = _("dispatches")
        ordering: ClassVar[Any] = ["position"]
        indexes = [
            models.Index(fields=["movement"], name="dispatch_without_position", condition=Q(position=None)),
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.movement_id}"


class DispatchCount(models.Model):
    """The last position given. One row, locked by whoever gives the next."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    last = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="there_is_one_dispatch_count")]

    def __str__(self) -> str:
        return str(self.last)


class StockClosing(models.Model):
    """The stock ledger is closed through this day: nothing may be said any more to have happened on or before it."""

    through_date = models.DateField(_("closed through"), unique=True)
    closed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("closed by"))
    closed_at = models.DateTimeField(_("closed at"))
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("closed period of the stock ledger")
        ordering: ClassVar[Any] = ["-through_date"]

    def __str__(self) -> str:
        return str(self.through_date)
