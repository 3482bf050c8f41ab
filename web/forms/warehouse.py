"""Forms of the warehouse office."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from inventory import codes
from inventory.models import (
    CountStatus,
    Location,
    MovementKind,
    ReceiptStatus,
    ShortPick,
    TransferStatus,
    WarehouseRules,
)
from tenants.models import Tenant
from web.forms.shop import SCANNED, QuantityField
from web.forms.tenancy import DayField, PlainForm, refuse_backward_days

NOTHING = Decimal(0)


class KeyForm(PlainForm):
    """A form whose deed happens once, however often it is sent."""

    key = forms.UUIDField(widget=forms.HiddenInput)


class WhyForm(KeyForm):
    """Something is undone or refused; whoever is concerned reads why."""

    why = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea({"rows": 3}))


class NoteForm(KeyForm):
    """A deed with a note, where one helps."""

    note = forms.CharField(label=_("Note"), max_length=300, required=False)


# Lists


class OwnerFilter(PlainForm):
    """Lists are narrowed by whose goods they are."""

    tenant = forms.ModelChoiceField(Tenant.objects.none(), label=_("Tenant"), required=False)

    def __init__(self, *args: Any, owners: QuerySet[Tenant], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tenant"].queryset = owners  # type: ignore[attr-defined]
        self.fields["tenant"].empty_label = _("All tenants")  # type: ignore[attr-defined]


def _any(label: Any, choices: Iterable[Any]) -> list[Any]:
    return [("", label), *choices]


class ReceiptFilter(OwnerFilter):
    status = forms.ChoiceField(label=_("Status"), required=False, choices=_any(_("All"), ReceiptStatus.choices))


class TransferFilter(OwnerFilter):
    status = forms.ChoiceField(label=_("Status"), required=False, choices=_any(_("All"), TransferStatus.choices))


class CountFilter(OwnerFilter):
    status = forms.ChoiceField(label=_("Status"), required=False, choices=_any(_("All"), CountStatus.choices))


class AdjustmentFilter(OwnerFilter):
    every = forms.BooleanField(label=_("Decided ones too"), required=False)


class PickFilter(OwnerFilter):
    aisle = forms.ChoiceField(label=_("Aisle"), required=False)

    def __init__(self, *args: Any, aisles: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["aisle"].choices = _any(_("All aisles"), [(aisle, aisle) for aisle in aisles])  # type: ignore[attr-defined]


class MovementFilter(OwnerFilter):
    """What movements can be narrowed by."""

    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=_any(_("All kinds"), MovementKind.choices))
    product = forms.CharField(
        label=_("Product"), required=False, max_length=60, help_text=_("Our code, the barcode, or the SKU.")
    )
    place = forms.CharField(label=_("Place"), required=False, max_length=24, help_text=_("Its code, such as A-01-1."))
    first = DayField(label=_("From"), required=False)
    last = DayField(label=_("To"), required=False)
    field_order = ("product", "tenant", "kind", "place", "first", "last")

    def clean(self) -> None:
        super().clean()
        refuse_backward_days(self)


class DaysFilter(OwnerFilter):
    first = DayField(label=_("From"), required=False)
    last = DayField(label=_("To"), required=False)

    def clean(self) -> None:
        super().clean()
        refuse_backward_days(self)


# Work


class DeliveryForm(KeyForm):
    """What came of each line of a delivery: good, damaged, and until when it is good."""

    def __init__(self, *args: Any, lines: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = list(lines)
        for line in self.lines:
            self.fields |= self._fields_of(line)

    def _fields_of(self, line: Any) -> dict[str, forms.Field]:
        name = f"line-{line.pk}"
        fields: dict[str, forms.Field] = {
            f"{name}-good": QuantityField(
                least=NOTHING, label=_("In good order"), initial=line.expected_quantity.normalize()
            ),
            f"{name}-damaged": QuantityField(least=NOTHING, label=_("Damaged"), initial=NOTHING),
            f"{name}-maker_lot": forms.CharField(
                label=_("Lot number of the maker"), max_length=40, required=False, initial=line.maker_lot
            ),
        }
        if line.product.has_expiry:
            fields[f"{name}-made_date"] = DayField(label=_("Made on"), required=False, initial=line.made_date)
            fields[f"{name}-expiry_date"] = DayField(label=_("Good until"), required=False, initial=line.expiry_date)
        fields[f"{name}-note"] = forms.CharField(label=_("Note"), max_length=300, required=False, initial=line.note)
        return fields

    def sections(self) -> list[tuple[Any, list[Any]]]:
        """Each line with its fields."""
        return [(line, [self[name] for name in self._fields_of(line)]) for line in self.lines]

    def said(self, line: Any) -> dict[str, Any]:
        """What was typed for one line."""
        names = ("good", "damaged", "maker_lot", "made_date", "expiry_date", "note")
        given = {name: self.cleaned_data.get(f"line-{line.pk}-{name}") for name in names}
        return given | {"maker_lot": given["maker_lot"] or "", "note": given["note"] or ""}


class PhotoForm(PlainForm):
    file = forms.FileField(label=_("Photograph"), widget=forms.ClearableFileInput({"accept": "image/*"}))


class PutAwayForm(KeyForm):
    """So much goes into a bin."""

    bin = forms.CharField(
        label=_("Scan or type the bin"), max_length=30, widget=forms.TextInput(SCANNED), help_text=_("Such as A-01-1.")
    )
    quantity = QuantityField(label=_("How many"))


class PickForm(KeyForm):
    """How many of each line were picked, and why fewer."""

    def __init__(self, *args: Any, lines: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = list(lines)
        for line in self.lines:
            self.fields[f"line-{line.pk}"] = QuantityField(
                least=NOTHING, label=_("Picked"), initial=line.quantity.normalize()
            )
            self.fields[f"line-{line.pk}-why"] = forms.ChoiceField(
                label=_("Why fewer"), required=False, choices=[("", "–"), *ShortPick.choices]
            )

    def rows(self) -> list[tuple[Any, Any, Any]]:
        return [(line, self[f"line-{line.pk}"], self[f"line-{line.pk}-why"]) for line in self.lines]


class ScanForm(KeyForm):
    """The slip of a transfer is scanned."""

    scanned = forms.CharField(
        label=_("Scan or type the code of the slip"), max_length=30, widget=forms.TextInput(SCANNED)
    )


class SettleForm(NoteForm):
    """What was missing at the shop's door turned up there, or is lost."""

    found = forms.ChoiceField(
        label=_("What became of it"),
        choices=[("yes", _("It was found in the shop")), ("no", _("It is lost"))],
        widget=forms.RadioSelect,
    )


class CountOpenForm(PlainForm):
    """Whose goods are counted where."""

    tenant = forms.ModelChoiceField(Tenant.objects.none(), label=_("Tenant"), empty_label=_("Choose the tenant"))
    aisles = forms.MultipleChoiceField(
        label=_("Aisles"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Nothing chosen: everywhere in the warehouse."),
    )
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    def __init__(self, *args: Any, owners: QuerySet[Tenant], aisles: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tenant"].queryset = owners  # type: ignore[attr-defined]
        self.fields["aisles"].choices = [(aisle, aisle) for aisle in aisles]  # type: ignore[attr-defined]


class CountForm(PlainForm):
    """How many there are, line by line. The form never learns how many there should be."""

    def __init__(self, *args: Any, lines: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = list(lines)
        for line in self.lines:
            initial = line.counted.normalize() if line.counted is not None else None
            field = QuantityField(least=NOTHING, label=_("Counted"), required=False, initial=initial)
            # Read aloud, a field names its shelf and its goods.
            field.widget.attrs["aria-label"] = f"{line.place} {line.sku} {line.lot_code}"
            self.fields[f"line-{line.line}"] = field

    def rows(self) -> list[tuple[Any, Any]]:
        return [(line, self[f"line-{line.line}"]) for line in self.lines]

    def entered(self) -> list[tuple[int, Decimal]]:
        """The lines that were filled in."""
        told = ((line.line, self.cleaned_data.get(f"line-{line.line}")) for line in self.lines)
        return [(line, quantity) for line, quantity in told if quantity is not None]


class DecideForm(KeyForm):
    """A second person agrees, or says why not."""

    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[("approve", _("Approve")), ("refuse", _("Refuse"))],
        widget=forms.RadioSelect,
    )
    why = forms.CharField(label=_("Reason, where you refuse"), max_length=300, required=False)


class RulesForm(forms.ModelForm):
    """The limits of warehouse work."""

    class Meta:
        model = WarehouseRules
        fields = (
            "second_person_above",
            "count_tolerance_percent",
            "transit_alarm_hours",
            "expiry_warning_days",
            "ageing_days",
            "hold_hours",
        )


class ClosingForm(PlainForm):
    through_date = DayField(label=_("Close through"), help_text=_("The last day that is closed. It must be over."))
    note = forms.CharField(label=_("Note"), max_length=200, required=False)


def place_named(text: str) -> Location | None:
    """The place whose code or label was typed or scanned."""

    own = codes.read(text)
    if own is not None:
        return Location.objects.in_use().filter(pk=own[1]).first() if own[0] == "B" else None
    return Location.objects.in_use().filter(slug__iexact=text.strip()).first()
