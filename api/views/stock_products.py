"""The catalogue of a tenant: products kept, shown to visitors, laid aside, found by what was scanned."""

from typing import Any, ClassVar

import django_filters
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.policy import Policy
from accounts.roles import Right
from api.etags import require_match
from api.fields import Entry, KnownCode, KnownNumber, Nothing
from api.filtering import Search, YesNo
from api.keyset import MOMENT, TEXT, exact, local, moment, words, wrong
from api.shapes import CodedShape, NamedShape, PlaceShape, Shape, TenantNameShape
from api.views.base import Endpoint
from api.views.stock_lots import LOT, LotRowShape, lot_row, with_on_hand
from api.views.stock_shared import OfTenant, Quantity, of_a_tenant, tenant_meant
from inventory import cataloguing, codes, publishing, scanning
from inventory.models import FoodMark, Lot, Product, ProductKind, UnitOfMeasure
from reference.models import Craft, District, GiRegistration, OdopListing, TaxCode, TaxScheme

MONEY: dict[str, Any] = {"max_digits": 10, "decimal_places": 2}


class ProductRowShape(NamedShape):
    """A product in a list."""

    id = serializers.IntegerField()
    code = serializers.CharField(help_text="What our own labels carry.")
    tenant = serializers.IntegerField()
    sku = serializers.CharField()
    gtin = serializers.CharField()
    kind = serializers.ChoiceField(ProductKind.choices)
    unit_of_measure = serializers.ChoiceField(UnitOfMeasure.choices)
    is_one_of_a_kind = serializers.BooleanField()
    mrp = serializers.DecimalField(**MONEY, allow_null=True)
    price = serializers.DecimalField(**MONEY, allow_null=True)
    published_at = serializers.DateTimeField(allow_null=True)
    laid_aside_at = serializers.DateTimeField(allow_null=True)
    changed_at = serializers.DateTimeField()


ROW = (
    *("id", "name_en", "name_hi", "tenant_id", "sku", "gtin", "kind", "unit_of_measure", "is_one_of_a_kind"),
    *("mrp", "price", "published_at", "laid_aside_at", "changed_at"),
)


def product_row(row: dict[str, Any]) -> dict[str, Any]:
    moments = {name: local(row[name]) for name in ("published_at", "laid_aside_at", "changed_at")}
    plain = {name: row[name] for name in ROW if name != "tenant_id"}
    money = {name: exact(row[name]) for name in ("mrp", "price")}
    return {**plain, "code": codes.written("P", row["id"]), "tenant": row["tenant_id"], **money, **moments}


class PictureShape(Shape):
    """A photograph; its file is at `inventory/pictures/<id>/`."""

    id = serializers.IntegerField()
    alt_en = serializers.CharField()
    alt_hi = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    place = serializers.IntegerField(help_text="The first one stands on the card.")
    added_at = serializers.DateTimeField()


class WholeProductShape(NamedShape):
    """A product with all that its card tells."""

    id = serializers.IntegerField()
    code = serializers.CharField(help_text="What our own labels carry.")
    tenant = TenantNameShape()
    sku = serializers.CharField()
    gtin = serializers.CharField()
    kind = serializers.ChoiceField(ProductKind.choices)
    description_en = serializers.CharField()
    description_hi = serializers.CharField()
    unit_of_measure = serializers.ChoiceField(UnitOfMeasure.choices)
    is_one_of_a_kind = serializers.BooleanField()
    hsn = serializers.SerializerMethodField(help_text="With its variant behind a hyphen, where it has one.")
    mrp = serializers.DecimalField(**MONEY, allow_null=True)
    price = serializers.DecimalField(**MONEY, allow_null=True)
    district = PlaceShape(allow_null=True)
    odop_listing = serializers.IntegerField(source="odop_listing_id", allow_null=True)
    gi_registration = CodedShape(allow_null=True)
    craft = CodedShape(allow_null=True)
    maker_en = serializers.CharField()
    maker_hi = serializers.CharField()
    story_en = serializers.CharField()
    story_hi = serializers.CharField()
    has_handloom_mark = serializers.BooleanField()
    has_silk_mark = serializers.BooleanField()
    is_packed = serializers.BooleanField()
    net_quantity = serializers.CharField()
    maker_address = serializers.CharField()
    country_of_origin = serializers.CharField()
    consumer_care = serializers.CharField()
    size = serializers.CharField()
    material = serializers.CharField()
    ingredients = serializers.CharField()
    food_mark = serializers.ChoiceField(FoodMark.choices, allow_blank=True)
    shelf_life_days = serializers.IntegerField(allow_null=True)
    litres = serializers.DecimalField(max_digits=8, decimal_places=3)
    reorder_level = Quantity(allow_null=True)
    published_at = serializers.DateTimeField(allow_null=True)
    laid_aside_at = serializers.DateTimeField(allow_null=True)
    changed_at = serializers.DateTimeField()
    pictures = PictureShape(many=True)

    @extend_schema_field({"type": "string", "nullable": True})
    def get_hsn(self, product: Product) -> str | None:
        return str(product.hsn) if product.hsn else None


class HsnCode(KnownCode):
    """A HSN code of the tax table; where one is taxed in two ways, with its variant: 6307-handmade."""

    def __init__(self, **options: Any) -> None:
        super().__init__(lambda _actor: TaxCode.objects.filter(scheme=TaxScheme.HSN), key="code", **options)

    def to_internal_value(self, value: Any) -> TaxCode:
        if not isinstance(value, str):
            self.fail("unknown")
        code, _hyphen, variant = value.partition("-")
        found = self.rows(None).filter(code=code, variant=variant).first()
        return found or self.fail("unknown")


TEXT_OR_NOTHING: dict[str, Any] = {"required": False, "allow_blank": True}
NUMBER_OR_NONE: dict[str, Any] = {"required": False, "allow_null": True}


class ProductEntry(Entry):
    """What the tenant says of a product. What the law wants on its card is asked when it is published."""

    name_en = serializers.CharField(max_length=200)
    name_hi = serializers.CharField(max_length=200)
    sku = serializers.CharField(max_length=40)
    gtin = serializers.CharField(max_length=20, **TEXT_OR_NOTHING)
    kind = serializers.ChoiceField(ProductKind.choices)
    description_en = serializers.CharField(max_length=2000, **TEXT_OR_NOTHING)
    description_hi = serializers.CharField(max_length=2000, **TEXT_OR_NOTHING)
    unit_of_measure = serializers.ChoiceField(UnitOfMeasure.choices, required=False)
    is_one_of_a_kind = serializers.BooleanField(required=False)
    hsn = HsnCode(**NUMBER_OR_NONE, help_text="With its variant behind a hyphen, where it has one.")
    mrp = serializers.DecimalField(**MONEY, **NUMBER_OR_NONE)
    price = serializers.DecimalField(**MONEY, **NUMBER_OR_NONE)
    district = KnownNumber(
        lambda _actor: District.objects.all(), key="lgd_code", **NUMBER_OR_NONE, help_text="LGD code"
    )
    odop_listing = KnownNumber(lambda _actor: OdopListing.objects.all(), **NUMBER_OR_NONE)
    gi_registration = KnownCode(lambda _actor: GiRegistration.objects.all(), key="code", **NUMBER_OR_NONE)
    craft = KnownCode(lambda _actor: Craft.objects.all(), key="code", **NUMBER_OR_NONE)
    maker_en = serializers.CharField(max_length=150, **TEXT_OR_NOTHING)
    maker_hi = serializers.CharField(max_length=150, **TEXT_OR_NOTHING)
    story_en = serializers.CharField(max_length=3000, **TEXT_OR_NOTHING)
    story_hi = serializers.CharField(max_length=3000, **TEXT_OR_NOTHING)
    has_handloom_mark = serializers.BooleanField(required=False)
    has_silk_mark = serializers.BooleanField(required=False)
    is_packed = serializers.BooleanField(required=False)
    net_quantity = serializers.CharField(max_length=40, **TEXT_OR_NOTHING)
    maker_address = serializers.CharField(max_length=300, **TEXT_OR_NOTHING)
    country_of_origin = serializers.CharField(max_length=60, **TEXT_OR_NOTHING)
    consumer_care = serializers.CharField(max_length=200, **TEXT_OR_NOTHING)
    size = serializers.CharField(max_length=80, **TEXT_OR_NOTHING)
    material = serializers.CharField(max_length=120, **TEXT_OR_NOTHING)
    ingredients = serializers.CharField(max_length=500, **TEXT_OR_NOTHING)
    food_mark = serializers.ChoiceField(FoodMark.choices, **TEXT_OR_NOTHING)
    shelf_life_days = serializers.IntegerField(min_value=1, max_value=32767, **NUMBER_OR_NONE)
    litres = serializers.DecimalField(max_digits=8, decimal_places=3, required=False)
    reorder_level = Quantity(**NUMBER_OR_NONE)


class NewProductEntry(ProductEntry):
    tenant = of_a_tenant(Right.EDIT_PRODUCTS)


class ChangedProductEntry(ProductEntry):
    why = serializers.CharField(max_length=300, **TEXT_OR_NOTHING)


class ProductFilters(django_filters.FilterSet):
    tenant = OfTenant()
    kind = django_filters.ChoiceFilter(choices=ProductKind.choices, label=_("kind"))
    q = Search("name_en", "name_hi", "sku", label=_("part of the name or SKU"))
    sku = django_filters.CharFilter(lookup_expr="iexact", max_length=40, label=_("SKU"))
    gtin = django_filters.CharFilter(max_length=14, label=_("barcode (EAN)"))
    published = YesNo("published_at", lookup_expr="isnull", exclude=True, label=_("is shown to visitors"))
    kept = YesNo("laid_aside_at", lookup_expr="isnull", label=_("is not laid aside"))


class Products(Endpoint):
    """Products, by name. POST adds one to a tenant's catalogue; visitors see it once it is published."""

    policy = Policy({"GET": Right.SEE_STOCK, "POST": Right.EDIT_PRODUCTS})
    asks: ClassVar[Any] = {"POST": NewProductEntry}
    answers: ClassVar[Any] = {"GET": ProductRowShape, "POST": WholeProductShape}
    lists = creates = needs_key = True
    filterset_class = ProductFilters
    ordering_fields = ("name_en", "name_hi", "sku", "changed_at")
    parameters: ClassVar[Any] = {
        "changed_since": {**MOMENT, "description": "Of GET: only those changed at this moment or later."}
    }
    examples: ClassVar[Any] = {
        "POST": {
            "name_en": "Chanderi saree, ash gourd butis", "name_hi": "चंदेरी साड़ी, पेठा बूटी", "sku": "CH-014",
            "kind": "textile", "price": "4850.00", "material": "silk and cotton", "size": "5.5 m",
        }
    }  # fmt: skip

    def get(self, request: Request) -> Response:
        rows = Product.objects.visible_to(self.actor)
        if since := moment(request, "changed_since"):
            rows = rows.filter(changed_at__gte=since)
        return self.page(rows.values(*ROW), row=product_row)

    def post(self, request: Request) -> Response:
        """Add a product."""
        entry = self.entry()
        tenant = tenant_meant(self, entry.pop("tenant", None), Right.EDIT_PRODUCTS)
        made = cataloguing.add_product(tenant=tenant, by=self.actor, **entry)
        return self.answer(whole_products(self).get(pk=made.pk))


class OneProduct(Endpoint):
    """A product; PATCH changes what is named. If-Match guards against overwriting."""

    policy = Policy({"GET": Right.SEE_STOCK, "PATCH": Right.EDIT_PRODUCTS}, object_of="product")
    asks: ClassVar[Any] = {"PATCH": ChangedProductEntry}
    answers: ClassVar[Any] = {"GET": WholeProductShape, "PATCH": WholeProductShape}
    needs_key = True

    def get(self, request: Request, pk: int) -> Response:
        return self.answer(self.find(whole_products(self), pk=pk))

    @transaction.atomic
    def patch(self, request: Request, pk: int) -> Response:
        """Change what is named of a product; If-Match guards against overwriting."""
        # Locked first, so that what If-Match is held against is still true when the change is made.
        rows = Product.objects.visible_to(self.actor, Right.EDIT_PRODUCTS)
        product = self.find(rows.select_for_update(of=("self",)), pk=pk)
        require_match(request, self.shown(whole_products(self).get(pk=pk)))
        cataloguing.change_product(product=product, by=self.actor, **self.entry(partial=True))
        return self.answer(whole_products(self).get(pk=pk))


class ProductStep(Endpoint):
    """What the steps of a product's life share: nothing is asked, the whole product is answered."""

    asks: ClassVar[Any] = {"POST": Nothing}
    answers: ClassVar[Any] = {"POST": WholeProductShape}
    needs_key = True
    right: Right

    def post(self, request: Request, pk: int) -> Response:
        product = self.find(Product.objects.visible_to(self.actor, self.right), pk=pk)
        self.entry()
        self.step(product)
        return self.answer(whole_products(self).get(pk=pk))

    def step(self, product: Product) -> None:
        raise NotImplementedError


class PublishProduct(ProductStep):
    """Show a product to visitors; 409 `not_publishable` names what its card still lacks, with the rule."""

    policy = Policy({"POST": Right.PUBLISH_PRODUCTS}, object_of="product")
    right = Right.PUBLISH_PRODUCTS

    def step(self, product: Product) -> None:
        publishing.publish(product=product, by=self.actor, at=self.now)


class TakeBackProduct(ProductStep):
    """Show a product to visitors no more."""

    policy = Policy({"POST": Right.PUBLISH_PRODUCTS}, object_of="product")
    right = Right.PUBLISH_PRODUCTS

    def step(self, product: Product) -> None:
        publishing.take_back(product=product, by=self.actor)


class LayProductAside(ProductStep):
    """Lay a product aside of which nothing is left: it is offered no more and stays on record."""

    policy = Policy({"POST": Right.EDIT_PRODUCTS}, object_of="product")
    right = Right.EDIT_PRODUCTS

    def step(self, product: Product) -> None:
        cataloguing.lay_aside(product=product, by=self.actor, at=self.now)


class TakeProductUp(ProductStep):
    """Take a product up again that was laid aside."""

    policy = Policy({"POST": Right.EDIT_PRODUCTS}, object_of="product")
    right = Right.EDIT_PRODUCTS

    def step(self, product: Product) -> None:
        cataloguing.take_up(product=product, by=self.actor)


class MissingShape(Shape):
    """Something that the card of a product lacks, and who says that it needs it."""

    field = serializers.CharField()
    detail = serializers.CharField(source="sentence")
    rule = serializers.CharField()


class LacksShape(Shape):
    missing = MissingShape(many=True)


class MissingOfProduct(Endpoint):
    """What a product's card still lacks before visitors may see it."""

    policy = Policy({"GET": Right.SEE_STOCK}, object_of="product")
    answers: ClassVar[Any] = {"GET": LacksShape}

    def get(self, request: Request, pk: int) -> Response:
        product = self.find(Product.objects.visible_to(self.actor).with_facts(), pk=pk)
        return self.answer({"missing": publishing.missing(product, day=self.today)})


class ScannedShape(Shape):
    """What a scanned code stands for: a product, and the lot where the label was a lot's."""

    product = ProductRowShape()
    lot = LotRowShape(allow_null=True)


class Scan(Endpoint):
    """Find a product or lot by what was scanned or typed: our own labels, an EAN, a SKU."""

    policy = Policy({"GET": Right.SEE_STOCK})
    answers: ClassVar[Any] = {"GET": ScannedShape}
    parameters: ClassVar[Any] = {"code": {**TEXT, "description": "Required: as it was scanned."}}

    def get(self, request: Request) -> Response:
        code = words(request, "code")
        if code is None:
            raise wrong("code", "required", _("Say what was scanned."))
        found = scanning.find(code, products=Product.objects.visible_to(self.actor))
        product = Product.objects.visible_to(self.actor).values(*ROW).get(pk=found.product.pk)
        lot = Lot.objects.visible_to(self.actor).values(*LOT).get(pk=found.lot.pk) if found.lot else None
        if lot:
            with_on_hand([lot])
        return Response({"product": product_row(product), "lot": lot_row(lot) if lot else None})


def whole_products(view: Endpoint) -> QuerySet[Product]:
    return Product.objects.visible_to(view.actor).with_facts().prefetch_related("pictures")
