"""Forms of a shop's own goods, short enough for a phone held in one hand."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms.models import ModelChoiceIterator
from django.utils.translation import gettext_lazy as _

from core.devanagari import plain_digits
from core.indian_format import rupees
from core.refusals import Refusal
from inventory import scanning
from inventory.models import AdjustmentReason, Balance, Location, Lot, Product
from web.forms.tenancy import DayField, PlainForm

# A field that scanners type into: `static/js/scan.js` sends there what is typed anywhere on the page.
SCANNED: dict[str, Any] = {"autocomplete": "off", "autocapitalize": "characters", "data-scan-field": True}
LISTED = 500  # what a list on a phone offers at most; what is beyond is scanned or typed


class QuantityField(forms.DecimalField):
    """So many, as people type it: 3, २.५, 0.250."""

    def __init__(self, *, least: Decimal = Decimal("0.001"), **kwargs: Any) -> None:
        wrong = _("Write a number, such as 3 or 2.5.")
        super().__init__(
            min_value=least,
            max_digits=14,
            decimal_places=3,
            widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
            error_messages={
                "required": _("Say how many."),
                "invalid": wrong,
                "max_digits": wrong,
                "max_whole_digits": wrong,
                "max_decimal_places": _("At most three places behind the point."),
                "min_value": _("Say how many: a quantity above 0.") if least else _("A count is 0 or more."),
            },
            **kwargs,
        )

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]  # the stubs take it for a whole number
        return super().to_python(plain_digits(value).strip() if isinstance(value, str) else value)


class Listed(ModelChoiceIterator):
    """The first of a long list; a choice beyond it is still taken when it is named."""

    def __iter__(self) -> Iterator[Any]:
        if self.field.empty_label is not None:
            yield ("", self.field.empty_label)
        for thing in self.queryset[:LISTED]:
            yield self.choice(thing)


class GoodsSelect(forms.Select):
    """A list of goods that tells the page each one's codes and price, so that a scan finds it without asking."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        thing = getattr(value, "instance", None)
        product = thing.lot.product if isinstance(thing, Balance) else thing
        if product is not None:
            codes = [product.code, product.sku, product.gtin]
            if isinstance(thing, Balance):
                codes.append(thing.lot.code)
                option["attrs"] |= {"data-lot": str(thing.lot_id), "data-location": str(thing.location_id)}
            option["attrs"] |= {
                "data-codes": " ".join(code.upper().replace(" ", "") for code in codes if code),
                "data-price": str(product.price if product.price is not None else ""),
                "data-name": str(product),
            }
        return option


class GoodsField(forms.ModelChoiceField):
    """One of the tenant's products, with what there is of it."""

    iterator = Listed

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            Product.objects.none(), required=False, empty_label=_("Choose the goods"), widget=GoodsSelect, **kwargs
        )

    def label_from_instance(self, product: Any) -> str:
        parts = [str(product)]
        if product.price is not None:
            parts.append(rupees(product.price))
        there = getattr(product, "there", None)
        if there is not None:
            parts.append(f"{there.normalize():f} {product.get_unit_of_measure_display()}")
        return " · ".join(parts)


class ShopForm(PlainForm):
    """Says in which of the tenant's shops; with only one there is nothing to choose."""

    shop = forms.ModelChoiceField(Location.objects.none(), label=_("Shop"), empty_label=None)
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, shops: QuerySet[Location], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shop"].queryset = shops  # type: ignore[attr-defined]
        there = list(shops)
        if there:
            self.fields["shop"].initial = there[0].pk
        if len(there) <= 1:
            self.fields["shop"].widget = forms.HiddenInput()


class GoodsForm(ShopForm):
    """Which goods, by scan or from the list, and how many."""

    code = forms.CharField(
        label=_("Scan or type the code"),
        required=False,
        max_length=60,
        help_text=_("From our label, the barcode, or your SKU."),
        widget=forms.TextInput(SCANNED | {"enterkeyhint": "next"}),
    )
    product = GoodsField(label=_("or choose from the list"))
    quantity = QuantityField(label=_("How many"), initial=Decimal(1))
    lot: Lot | None = None

    def __init__(self, *args: Any, products: QuerySet[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.products = products
        self.fields["product"].queryset = products  # type: ignore[attr-defined]

    def clean(self) -> None:
        super().clean()
        code = self.cleaned_data.get("code")
        if code:
            self._find(code)
        elif not self.cleaned_data.get("product") and "product" not in self.errors:
            self.add_error("code", ValidationError(_("Scan a code, or choose the goods from the list.")))

    def _find(self, code: str) -> None:
        try:
            found = scanning.find(code, products=self.products)
        except Refusal as refusal:
            self.add_error("code", str(refusal))
            return
        self.cleaned_data["product"], self.lot = found.product, found.lot


class ReceiveForm(GoodsForm):
    """A tenant brings goods straight to the shop."""

    maker_lot = forms.CharField(label=_("Lot number of the maker"), max_length=40, required=False)
    made_date = DayField(label=_("Made on"), required=False)
    expiry_date = DayField(label=_("Good until"), required=False)

    def clean(self) -> None:
        super().clean()
        made, until = self.cleaned_data.get("made_date"), self.cleaned_data.get("expiry_date")
        if made and until and until < made:
            self.add_error("expiry_date", _("It is good until a day after it was made. Correct one of the two."))


class AnnounceForm(PlainForm):
    """A delivery to the warehouse is announced."""

    expected_date = DayField(label=_("Comes on"))
    note = forms.CharField(label=_("Note for the warehouse"), max_length=300, required=False)


class AnnounceLine(PlainForm):
    """One product of a delivery; an empty line says nothing."""

    product = GoodsField(label=_("Goods"))
    quantity = QuantityField(label=_("How many"), required=False)

    def __init__(self, *args: Any, products: QuerySet[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].queryset = products  # type: ignore[attr-defined]

    def clean(self) -> None:
        super().clean()
        product, quantity = self.cleaned_data.get("product"), self.cleaned_data.get("quantity")
        if product and quantity is None and "quantity" not in self.errors:
            self.add_error("quantity", _("Say how many."))
        if quantity is not None and not product and "product" not in self.errors:
            self.add_error("product", _("Choose the goods."))


class TransferForm(ShopForm):
    """Goods are asked for from the warehouse: a quantity beside each product that lies there."""

    note = forms.CharField(label=_("Note for the warehouse"), max_length=300, required=False)

    def __init__(self, *args: Any, products: Iterable[Product], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.products = list(products)
        for product in self.products:
            self.fields[f"product-{product.pk}"] = QuantityField(label=str(product), required=False, least=Decimal(0))

    @property
    def lines(self) -> list[tuple[Product, forms.BoundField]]:
        """Each product with its field."""
        return [(product, self[f"product-{product.pk}"]) for product in self.products]

    def wanted(self) -> list[tuple[Product, Decimal]]:
        """What is asked for: products with a quantity above 0."""
        return [
            (product, quantity)
            for product in self.products
            if (quantity := self.cleaned_data.get(f"product-{product.pk}"))
        ]

    def clean(self) -> None:
        super().clean()
        if not self.errors and not self.wanted():
            raise ValidationError(_("Say how many you want of at least one product."))


class AcceptForm(PlainForm):
    """What of a transfer arrived, line by line, and the order's code as scanned from the slip."""

    scanned = forms.CharField(
        label=_("Code of the order"),
        max_length=40,
        help_text=_("Scan the slip that came with the goods, or type its code."),
        widget=forms.TextInput(SCANNED),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, lines: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = list(lines)
        for line in self.lines:
            self.fields[f"line-{line.pk}"] = QuantityField(
                label=str(line.product), least=Decimal(0), initial=line.picked_quantity.normalize()
            )

    @property
    def rows(self) -> list[tuple[Any, forms.BoundField]]:
        return [(line, self[f"line-{line.pk}"]) for line in self.lines]

    def accepted(self) -> dict[int, Decimal]:
        return {line.pk: self.cleaned_data[f"line-{line.pk}"] for line in self.lines}


class CountStartForm(ShopForm):
    """A shop begins to count its own goods."""


class CountForm(PlainForm):
    """How many there are of each lot on this page; what is left empty is counted later."""

    def __init__(self, *args: Any, lines: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = list(lines)
        for line in self.lines:
            self.fields[f"line-{line.line}"] = QuantityField(
                label=_("Counted"),
                required=False,
                least=Decimal(0),
                initial=line.counted.normalize() if line.counted is not None else None,
            )

    @property
    def rows(self) -> list[tuple[Any, forms.BoundField]]:
        return [(line, self[f"line-{line.line}"]) for line in self.lines]

    def counted(self) -> dict[int, Decimal]:
        """What was typed and differs from what had been entered: line -> quantity."""
        found = {line.line: self.cleaned_data.get(f"line-{line.line}") for line in self.lines}
        before = {line.line: line.counted for line in self.lines}
        return {line: quantity for line, quantity in found.items() if quantity is not None and quantity != before[line]}


# What a person presses -> the reason kept, and whether there is more or less.
WHAT_HAPPENED: dict[str, tuple[AdjustmentReason, int]] = {
    "damaged": (AdjustmentReason.DAMAGED, -1),
    "expired": (AdjustmentReason.EXPIRED, -1),
    "lost": (AdjustmentReason.LOST, -1),
    "sample": (AdjustmentReason.SAMPLE, -1),
    "found": (AdjustmentReason.FOUND, +1),
    "too_many_entered": (AdjustmentReason.WRONG_ENTRY, -1),
    "too_few_entered": (AdjustmentReason.WRONG_ENTRY, +1),
}
HAPPENED_CHOICES = [
    ("damaged", _("Damaged")),
    ("expired", _("Past its date")),
    ("lost", _("Lost or stolen")),
    ("sample", _("Given as a sample")),
    ("found", _("Found more")),
    ("too_many_entered", _("Too many were entered")),
    ("too_few_entered", _("Too few were entered")),
]


class LotField(forms.ModelChoiceField):
    """A lot in the shop, with how many there are on record and its date."""

    iterator = Listed

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            Balance.objects.none(), required=False, empty_label=_("Choose the goods"), widget=GoodsSelect, **kwargs
        )

    def label_from_instance(self, balance: Any) -> str:
        return f"{balance.lot.product} · {balance.lot.code} · {balance.on_hand.normalize():f}"


class AdjustForm(PlainForm):
    """Stock of the shop is put right, with what happened."""

    code = forms.CharField(
        label=_("Scan or type the code"),
        required=False,
        max_length=60,
        help_text=_("From our label, the barcode, or your SKU."),
        widget=forms.TextInput(SCANNED | {"enterkeyhint": "next"}),
    )
    balance = LotField(label=_("or choose from the list"))
    happened = forms.ChoiceField(label=_("What happened"), choices=HAPPENED_CHOICES, widget=forms.RadioSelect)
    quantity = QuantityField(label=_("How many"), initial=Decimal(1))
    note = forms.CharField(
        label=_("In your words"), max_length=300, help_text=_("One sentence. The mall reads it when it is a large sum.")
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, balances: QuerySet[Any], products: QuerySet[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.balances, self.products = balances, products
        self.fields["balance"].queryset = balances  # type: ignore[attr-defined]

    def clean(self) -> None:
        super().clean()
        code = self.cleaned_data.get("code")
        if code:
            self._find(code)
        elif not self.cleaned_data.get("balance") and "balance" not in self.errors:
            self.add_error("code", _("Scan a code, or choose the goods from the list."))

    def _find(self, code: str) -> None:
        try:
            found = scanning.find(code, products=self.products)
        except Refusal as refusal:
            self.add_error("code", str(refusal))
            return
        there = self.balances.filter(lot=found.lot) if found.lot else self.balances.filter(lot__product=found.product)
        lots = list(there[:2])
        if len(lots) == 1:
            self.cleaned_data["balance"] = lots[0]
        elif lots:
            self.add_error("balance", _("There are several lots of this in the shop. Choose the one you mean."))
        else:
            self.add_error("code", _("None of this lies in your shop. Check the code."))

    @property
    def difference(self) -> Decimal:
        return self.cleaned_data["quantity"] * WHAT_HAPPENED[self.cleaned_data["happened"]][1]

    @property
    def reason(self) -> AdjustmentReason:
        return WHAT_HAPPENED[self.cleaned_data["happened"]][0]


class StockFilter(PlainForm):
    """What the list of a shop's stock can be narrowed by."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"type": "search", "placeholder": _("Name, SKU or barcode")}),
    )
    show = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[
            ("", _("All goods")),
            ("shop", _("In the shop")),
            ("low", _("Running low")),
            ("expiring", _("Expiring soon")),
            ("none", _("None left")),
        ],
    )


class SettleForm(PlainForm):
    """Someone looks at what a phone said: tries it again, changed or as it was, or lays it aside and says why."""

    quantity = QuantityField(label=_("How many"), required=False)
    code = forms.CharField(label=_("Code"), required=False, max_length=60)
    note = forms.CharField(label=_("Why it is laid aside"), required=False, max_length=300)
