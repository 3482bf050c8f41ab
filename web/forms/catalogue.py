"""Forms of the catalogue: a product's card, its pictures, the lists, labels."""

from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.devanagari import plain_digits
from inventory.labels import MOST, Paper
from inventory.models import FoodMark, Product, ProductKind
from reference.models import GiRegistration, OdopListing, TaxCode, TaxScheme
from tenants.models import GiAuthorisation, Tenant
from web.forms.tenancy import PlainForm

NUMBER = _("Write a number, such as 3 or 2.5.")
WHOLE = _("Write a whole number, such as 3.")


class Decimals(forms.DecimalField):
    """A number as people type it: 1,200 or १२००.५०."""

    widget = forms.TextInput({"inputmode": "decimal", "autocomplete": "off"})
    default_error_messages: ClassVar[Any] = {"invalid": NUMBER, "max_digits": NUMBER, "max_whole_digits": NUMBER}

    def to_python(self, value: Any) -> Any:
        return super().to_python(plain_digits(value).replace(",", "").strip() if isinstance(value, str) else value)


class Wholes(forms.IntegerField):
    """A whole number in either kind of digits."""

    widget = forms.TextInput({"inputmode": "numeric", "autocomplete": "off"})
    default_error_messages: ClassVar[Any] = {
        "invalid": WHOLE,
        "min_value": _("Write a number of %(limit_value)s or more."),
        "max_value": _("Write a number of at most %(limit_value)s."),
    }

    def to_python(self, value: Any) -> Any:
        return super().to_python(plain_digits(value).strip() if isinstance(value, str) else value)


class TaxCodeChoice(forms.ModelChoiceField):
    """HSN codes with what they cover."""

    def label_from_instance(self, code: Any) -> str:
        return f"{code} · {code.name_hi if get_language() == 'hi' else code.name_en}"


# Title of the section, its name in the address, and its fields; two in a row stand side by side.
SECTIONS: tuple[tuple[Any, str, tuple[tuple[str, ...], ...]], ...] = (
    (
        _("What it is"),
        "names",
        (
            ("name_hi", "name_en"),
            ("kind",),
            ("sku", "gtin"),
            ("unit_of_measure",),
            ("is_one_of_a_kind",),
            ("description_hi", "description_en"),
        ),
    ),
    (_("Price and tax"), "price", (("price", "mrp"), ("hsn",))),
    (_("Where it comes from"), "origin", (("district",), ("odop_listing",), ("gi_registration",))),
    (
        _("Craft and story"),
        "story",
        (
            ("craft",),
            ("material", "size"),
            ("maker_hi", "maker_en"),
            ("story_hi", "story_en"),
            ("has_handloom_mark",),
            ("has_silk_mark",),
        ),
    ),
    (
        _("On the package"),
        "package",
        (("is_packed",), ("net_quantity", "country_of_origin"), ("maker_address",), ("consumer_care",)),
    ),
    (_("Only for food"), "food", (("food_mark",), ("ingredients",), ("shelf_life_days",))),
    (_("For the warehouse"), "warehouse", (("litres", "reorder_level"),)),
)
FIELDS = [name for _title, _key, rows in SECTIONS for row in rows for name in row]


def _text(lang: str, rows: int = 0) -> forms.Widget:
    return forms.Textarea({"rows": rows, "lang": lang}) if rows else forms.TextInput({"lang": lang})


class ProductForm(PlainForm, forms.ModelForm):
    """A product's card, as `inventory.cataloguing` takes it."""

    class Meta:
        model = Product
        fields = FIELDS
        field_classes: ClassVar[Any] = {
            "price": Decimals,
            "mrp": Decimals,
            "litres": Decimals,
            "reorder_level": Decimals,
            "shelf_life_days": Wholes,
            "hsn": TaxCodeChoice,
        }
        widgets: ClassVar[Any] = {
            "name_hi": _text("hi"),
            "name_en": _text("en"),
            "description_hi": _text("hi", 4),
            "description_en": _text("en", 4),
            "maker_hi": _text("hi"),
            "maker_en": _text("en"),
            "story_hi": _text("hi", 6),
            "story_en": _text("en", 6),
            "maker_address": forms.Textarea({"rows": 2}),
            "consumer_care": forms.Textarea({"rows": 2}),
            "ingredients": forms.Textarea({"rows": 3}),
            "gtin": forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "data-scan-field": True}),
            "sku": forms.TextInput({"autocomplete": "off", "autocapitalize": "characters"}),
        }
        help_texts: ClassVar[Any] = {
            "sku": _("Your own short number for it, such as CHN-114. Each product has another."),
            "gtin": _("The number under the bars on the package, if it has one. Scan it or type it."),
            "is_one_of_a_kind": _("For a piece that will not be made again, such as a painting."),
            "price": _("What the buyer pays in your shop."),
            "mrp": _("As printed on the package. Leave it empty for loose goods and handicraft without a package."),
            "hsn": _("Decides the GST on the bill. Ask the mall's office when in doubt."),
            "odop_listing": _("Only a listing of the district above."),
            "gi_registration": _("Only those for which you are an authorised user. The badge needs your certificate."),
            "material": _("For cloth: the fibre, such as cotton, or cotton with silk."),
            "size": _("Such as 5.5 m × 1.15 m."),
            "story_hi": _("Who makes it, where and how. Visitors read it at the kiosk."),
            "has_handloom_mark": _("Only where the Handloom Mark label is on it."),
            "has_silk_mark": _("Only where the Silk Mark label is on it."),
            "net_quantity": _("With its unit: 250 g, 1 l, 2 N."),
            "maker_address": _("As it stands on the package."),
            "consumer_care": _("Whom a buyer calls with a complaint."),
            "shelf_life_days": _("Counted from the day it is made."),
            "litres": _("A shoe box is about 10 litres. The warehouse looks for a bin with so much room."),
            "reorder_level": _("You are told when so many or fewer are left."),
        }

    def __init__(self, *args: Any, tenant: Tenant, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        now = self.instance
        choices: dict[str, Any] = {
            "hsn": TaxCode.objects.filter(scheme=TaxScheme.HSN),
            "odop_listing": OdopListing.objects.filter(
                Q(odop_list__is_current=True) | Q(pk=now.odop_listing_id)
            ).select_related("district", "product"),
            "gi_registration": GiRegistration.objects.filter(
                Q(
                    pk__in=GiAuthorisation.objects.badge_on(today)
                    .filter(tenant=tenant)
                    .order_by()
                    .values("registration")
                )
                | Q(pk=now.gi_registration_id)
            ),
        }
        for name, rows in choices.items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
        for name in ("hsn", "district", "odop_listing", "gi_registration", "craft"):
            self.fields[name].empty_label = _("None chosen")  # type: ignore[attr-defined]
        self.fields["kind"].choices = [("", _("Choose the kind")), *ProductKind.choices]  # type: ignore[attr-defined]
        self.fields["food_mark"].choices = [("", _("None chosen")), *FoodMark.choices]  # type: ignore[attr-defined]

    def _post_clean(self) -> None:
        """Nothing: the operation checks the whole row, and the instance stays as it is stored."""

    @property
    def sections(self) -> list[tuple[Any, str, list[list[forms.BoundField]]]]:
        """The fields in groups that a person fills in one go."""
        return [(title, key, [[self[name] for name in row] for row in rows]) for title, key, rows in SECTIONS]


# Lists


class ProductFilter(PlainForm):
    """What a list of products can be narrowed by."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"type": "search", "placeholder": _("Name, SKU or barcode")}),
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    shown = forms.ChoiceField(label=_("Shown to visitors"), required=False)
    low = forms.BooleanField(label=_("Running low"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("All kinds")), *ProductKind.choices]  # type: ignore[attr-defined]
        self.fields["shown"].choices = [  # type: ignore[attr-defined]
            ("", _("All in use")),
            ("yes", _("shown to visitors")),
            ("no", _("not shown yet")),
            ("aside", _("laid aside")),
        ]


# Pictures


class PictureForm(PlainForm):
    """A photograph, taken now or chosen."""

    camera = forms.FileField(
        label=_("Take a photo now"),
        required=False,
        widget=forms.FileInput({"accept": "image/*", "capture": "environment"}),
    )
    file = forms.FileField(
        label=_("Or choose a picture"),
        required=False,
        widget=forms.FileInput({"accept": "image/jpeg,image/png,image/webp"}),
        help_text=_("JPEG, PNG or WebP of at most 12 MB. Where it was taken is not kept."),
    )
    alt_hi = forms.CharField(
        label=_("What it shows, in Hindi"), required=False, max_length=150, widget=forms.TextInput({"lang": "hi"})
    )
    alt_en = forms.CharField(
        label=_("What it shows, in English"), required=False, max_length=150, widget=forms.TextInput({"lang": "en"})
    )

    def clean(self) -> None:
        super().clean()
        if not self.errors and self.upload is None:
            self.add_error("file", _("Take a photo, or choose a picture."))

    @property
    def upload(self) -> Any:
        """The one that was handed in."""
        return self.cleaned_data.get("camera") or self.cleaned_data.get("file")


# Labels


class LabelsForm(PlainForm):
    """What the labels are printed on, and how many of what. `goods` are products (P1) and lots (L1) by code."""

    paper = forms.ChoiceField(label=_("Paper"), choices=Paper.choices, widget=forms.RadioSelect)
    skip = Wholes(
        label=_("Places left empty at the start"),
        required=False,
        min_value=0,
        max_value=64,
        help_text=_("For a sheet from which labels have been taken already."),
    )

    def __init__(self, *args: Any, goods: Iterable[str], copies: dict[str, int] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, initial={"paper": Paper.A4_24}, **kwargs)
        self.goods = list(goods)
        for code in self.goods:
            self.fields[code] = Wholes(
                label=_("How many labels"),
                required=False,
                min_value=0,
                max_value=MOST,
                initial=(copies or {}).get(code),
            )

    @property
    def copies(self) -> dict[str, int]:
        """Code -> how many, for those of which any are wanted."""
        return {code: self.cleaned_data[code] for code in self.goods if self.cleaned_data.get(code)}
