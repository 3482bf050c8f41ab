"""The catalogue: what a tenant makes and sells, and the pictures of it."""

import uuid
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.models import User
from accounts.roles import Right
from core.names import Named
from inventory import codes
from inventory.identifiers import check_gtin
from reference.models import Craft, District, GiRegistration, OdopListing, TaxCode
from tenants.models import OfTenant, Tenant


class OfOwner(OfTenant):
    """Goods, and the papers about them, are seen by whoever may see stock of their tenant."""

    right = Right.SEE_STOCK


class ProductKind(models.TextChoices):
    """What the law asks of a product's card depends on its kind (`inventory.publishing`)."""

    HANDICRAFT = "handicraft", _("Handicraft")
    TEXTILE = "textile", _("Textile")
    FOOD = "food", _("Food")
    FARM = "farm", _("Farm and forest produce, loose")
    OTHER = "other", _("Other packed goods")


class UnitOfMeasure(models.TextChoices):
    """Units as GST returns name them (UQC)."""

    PIECE = "NOS", _("piece")
    PAIR = "PRS", _("pair")
    SET = "SET", _("set")
    PACKET = "PAC", _("packet")
    METRE = "MTR", _("metre")
    KILOGRAM = "KGS", _("kilogram")
    GRAM = "GMS", _("gram")
    LITRE = "LTR", _("litre")
    MILLILITRE = "MLT", _("millilitre")

    @property
    def is_counted(self) -> bool:
        """Counted in whole numbers, not measured."""
        return self in (UnitOfMeasure.PIECE, UnitOfMeasure.PAIR, UnitOfMeasure.SET, UnitOfMeasure.PACKET)


class FoodMark(models.TextChoices):
    """The green or brown mark that packed food carries (FSS (Labelling and Display) Regulations, 2020)."""

    VEG = "veg", _("vegetarian")
    NON_VEG = "non_veg", _("non-vegetarian")


class Products(OfOwner):
    """Questions about products."""

    def kept(self) -> "Products":
        """Not laid aside."""
        return self.filter(laid_aside_at=None)

    def published(self) -> "Products":
        return self.kept().exclude(published_at=None)

    def with_facts(self) -> "Products":
        """With everything that a card shows, in one query."""
        return self.select_related(
            "tenant", "hsn", "district", "craft", "gi_registration", "odop_listing__product", "odop_listing__district"
        )


class Product(Named):
    """Something that a tenant makes or sells, with all that its card tells a visitor."""

    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="stock_products", verbose_name=_("tenant"))
    sku = models.CharField(_("SKU"), max_length=40)
    gtin = models.CharField(_("barcode (EAN)"), max_length=14, blank=True, validators=[check_gtin])
    kind = models.CharField(_("kind"), max_length=12, choices=ProductKind)
    description_en = models.TextField(_("description in English"), max_length=2000, blank=True)
    description_hi = models.TextField(_("description in Hindi"), max_length=2000, blank=True)
    unit_of_measure = models.CharField(
        _("unit of measure"), max_length=3, choices=UnitOfMeasure, default=UnitOfMeasure.PIECE
    )
    is_one_of_a_kind = models.BooleanField(_("one of a kind: there is only this piece"), default=False)
    hsn = models.ForeignKey(
        TaxCode, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("HSN and GST class")
    )
    mrp = models.DecimalField(_("MRP (₹, all taxes included)"), max_digits=10, decimal_places=2, null=True, blank=True)
    price = models.DecimalField(
        _("price in the shop (₹, with GST)"), max_digits=10, decimal_places=2, null=True, blank=True
    )
    district = models.ForeignKey(
        District, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("made in the district")
    )
    odop_listing = models.ForeignKey(
        OdopListing, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("ODOP listing")
    )
    gi_registration = models.ForeignKey(
        GiRegistration, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("GI registration")
    )
    craft = models.ForeignKey(Craft, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("craft"))
    maker_en = models.CharField(_("maker in English"), max_length=150, blank=True)
    maker_hi = models.CharField(_("maker in Hindi"), max_length=150, blank=True)
    story_en = models.TextField(_("the maker's story in English"), max_length=3000, blank=True)
    story_hi = models.TextField(_("the maker's story in Hindi"), max_length=3000, blank=True)
    has_handloom_mark = models.BooleanField(_("carries the Handloom Mark"), default=False)
    has_silk_mark = models.BooleanField(_("carries the Silk Mark"), default=False)
    # What the Legal Metrology (Packaged Commodities) Rules, 2011, r. 6 want on a package.
    is_packed = models.BooleanField(_("sold in a closed package"), default=False)
    net_quantity = models.CharField(_("net quantity on the package"), max_length=40, blank=True)
    maker_address = models.CharField(_("name and address of the maker or packer"), max_length=300, blank=True)
    country_of_origin = models.CharField(_("country of origin"), max_length=60, blank=True, default="India")
    consumer_care = models.CharField(_("consumer care: name, phone, e-mail"), max_length=200, blank=True)
    size = models.CharField(_("size or dimensions"), max_length=80, blank=True)
    material = models.CharField(_("material or fibre"), max_length=120, blank=True)
    ingredients = models.CharField(_("ingredients and allergens"), max_length=500, blank=True)
    food_mark = models.CharField(_("vegetarian mark"), max_length=8, choices=FoodMark, blank=True)
    shelf_life_days = models.PositiveSmallIntegerField(_("best before (days after making)"), null=True, blank=True)
    # For the warehouse
    litres = models.DecimalField(
        _("room that one unit takes (litres)"), max_digits=8, decimal_places=3, default=Decimal(1)
    )
    reorder_level = models.DecimalField(
        _("warn when no more are left than"), max_digits=12, decimal_places=3, null=True, blank=True
    )
    published_at = models.DateTimeField(_("shown to visitors since"), null=True, blank=True)
    laid_aside_at = models.DateTimeField(_("laid aside at"), null=True, blank=True)
    # When this row was last written; sheets compare it so that they do not overwrite a newer change.
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)

    objects: ClassVar[Any] = Products.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering: ClassVar[Any] = ["name_en", "pk"]
        indexes = [
            models.Index(fields=["tenant", "name_en", "id"], name="product_by_name"),
            models.Index(fields=["gtin"], name="product_by_gtin", condition=~Q(gtin="")),
        ]
        constraints = [
            models.UniqueConstraint(
                "tenant",
                Upper("sku"),
                name="sku_names_one_product_of_a_tenant",
                violation_error_message=_("Another of your products has this SKU. Give each product its own."),
            ),
            models.UniqueConstraint(
                fields=["tenant", "gtin"],
                condition=~Q(gtin="") & Q(laid_aside_at=None),
                name="gtin_names_one_product_of_a_tenant",
                violation_error_message=_("Another of your products has this barcode. Check the number."),
            ),
            # So that lots can point at product and tenant together.
            models.UniqueConstraint(fields=["id", "tenant"], name="product_belongs_to_one_tenant"),
            models.CheckConstraint(
                condition=Q(gtin="") | Q(gtin__regex=r"^([0-9]{8}|[0-9]{12,14})$"), name="gtin_has_8_or_12_to_14_digits"
            ),
            models.CheckConstraint(
                condition=Q(mrp=None) | Q(mrp__gt=0),
                name="mrp_is_above_zero",
                violation_error_message=_("The MRP is above ₹0."),
            ),
            models.CheckConstraint(
                condition=Q(price=None) | Q(price__gt=0),
                name="price_is_above_zero",
                violation_error_message=_("The price is above ₹0."),
            ),
            # Legal Metrology (Packaged Commodities) Rules, 2011, r. 18(2): never above the MRP.
            models.CheckConstraint(
                condition=Q(price=None) | Q(mrp=None) | Q(price__lte=F("mrp")),
                name="price_is_at_most_the_mrp",
                violation_error_message=_("The price is at most the MRP: correct one of the two."),
            ),
            models.CheckConstraint(
                condition=Q(is_one_of_a_kind=False)
                | Q(unit_of_measure__in=[UnitOfMeasure.PIECE, UnitOfMeasure.PAIR, UnitOfMeasure.SET]),
                name="one_of_a_kind_is_a_piece_a_pair_or_a_set",
                violation_error_message=_("A one-of-a-kind product is a piece, a pair or a set."),
            ),
            models.CheckConstraint(
                condition=Q(litres__gt=0),
                name="product_takes_some_room",
                violation_error_message=_("A product takes some room: more than 0 litres."),
            ),
            models.CheckConstraint(
                condition=Q(reorder_level=None) | Q(reorder_level__gte=0), name="reorder_level_is_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(laid_aside_at=None) | Q(published_at=None), name="product_laid_aside_is_not_shown"
            ),
        ]

    @property
    def code(self) -> str:
        """What our own labels carry: P0000123-like, with a check digit."""
        return codes.written("P", self.pk)

    @property
    def grain(self) -> str:
        """How its lots are counted: one piece only, in whole numbers, or by measure."""
        from_unit = "whole" if UnitOfMeasure(self.unit_of_measure).is_counted else "measured"
        return "single" if self.is_one_of_a_kind else from_unit

    @property
    def has_expiry(self) -> bool:
        return self.kind == ProductKind.FOOD or self.shelf_life_days is not None


def picture_path(_picture: "Picture", filename: str) -> str:
    """A random name; nothing of the uploaded one is kept but its ending, which we chose."""
    return f"pictures/{uuid.uuid4().hex}.{filename.rsplit('.', 1)[-1]}"


class Picture(models.Model):
    """A photograph of a product, drawn anew by us in three widths. The first one stands on the card."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="pictures", verbose_name=_("product"))
    small = models.ImageField(_("160 pixels wide"), upload_to=picture_path)
    medium = models.ImageField(_("640 pixels wide"), upload_to=picture_path)
    large = models.ImageField(_("1600 pixels wide"), upload_to=picture_path)
    width = models.PositiveIntegerField(_("width of the large one"))
    height = models.PositiveIntegerField(_("height of the large one"))
    alt_en = models.CharField(_("what it shows, in English"), max_length=150, blank=True)
    alt_hi = models.CharField(_("what it shows, in Hindi"), max_length=150, blank=True)
    digest = models.CharField(_("SHA-256 of the uploaded file"), max_length=64)
    place = models.PositiveSmallIntegerField(_("place in the row"), default=0)
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("added by"))
    added_at = models.DateTimeField(_("added at"))

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        ordering: ClassVar[Any] = ["place", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "digest"],
                name="picture_is_added_once",
                violation_error_message=_("This picture is there already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.place + 1}"
