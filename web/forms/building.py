"""Forms about the building: its lists, areas, blocks, and letting."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.indian_format import day as shown_day
from core.periods import last_day
from insights.coverage import Cover
from leases.models import Lease
from leases.occupancy import UnitStatus
from mall.models import Floor, Unit, UnitBlock, UnitCategory, Zone, ZoneKind
from web.forms.tenancy import DayField, PlainForm, refuse_backward_days

WHY = _("Why")


def search(placeholder: Any) -> forms.CharField:
    """The wide field at the head of a list."""
    return forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"type": "search", "placeholder": placeholder}),
    )


def why(label: Any = WHY, **kwargs: Any) -> forms.CharField:
    """The reason that is kept in the history."""
    return forms.CharField(label=label, max_length=200, widget=forms.Textarea({"rows": 2}), **kwargs)


# Lists


class UnitFilter(PlainForm):
    """What the list of units can be narrowed by."""

    q = search(_("Number, tenant, district"))
    floor = forms.ModelChoiceField(
        Floor.objects.all(), label=_("Floor"), required=False, empty_label=_("All floors"), to_field_name="level"
    )
    zone = forms.ModelChoiceField(
        Zone.objects.filter(kind=ZoneKind.TRADE),
        label=_("Zone"),
        required=False,
        empty_label=_("All zones"),
        to_field_name="code",
    )
    category = forms.ModelChoiceField(
        UnitCategory.objects.all(),
        label=_("Category"),
        required=False,
        empty_label=_("All categories"),
        to_field_name="code",
    )
    status = forms.ChoiceField(label=_("Status"), required=False, choices=[("", _("All")), *UnitStatus.choices])


class CoverageFilter(PlainForm):
    """What the list under the coverage map can be narrowed by."""

    q = search(_("Place, unit, tenant, product"))
    cover = forms.ChoiceField(label=_("How it stands"), required=False, choices=[("", _("All")), *Cover.choices])
    of = forms.CharField(required=False, widget=forms.HiddenInput)


class TenantSearch(PlainForm):
    """Who shall have the unit."""

    q = search(_("Name, GSTIN or where it comes from"))


# The unit itself


class AreasForm(PlainForm):
    """The areas of a unit after a survey."""

    carpet_area = forms.DecimalField(
        label=_("Carpet area (m²)"),
        help_text=_("The floor inside the walls."),
        max_digits=8,
        decimal_places=2,
    )
    chargeable_area = forms.DecimalField(
        label=_("Chargeable area (m²)"),
        help_text=_("The carpet area and the unit's share of streets, stairs and services."),
        max_digits=8,
        decimal_places=2,
    )
    why = why(_("Why it changes"), help_text=_("For example: measured again on the day of handing over."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("carpet_area", "chargeable_area"):
            field = self.fields[name]
            field.error_messages.update(
                required=_("Fill in the area."),
                invalid=_("This is not a number. Write it like 18.58."),
            )
            field.widget.attrs |= {"inputmode": "decimal", "min": "0.01", "step": "0.01"}

    @classmethod
    def of(cls, unit: Unit) -> "AreasForm":
        """The form filled with a unit as it is."""
        return cls(initial={"carpet_area": unit.carpet_area, "chargeable_area": unit.chargeable_area})

    def clean(self) -> None:
        super().clean()
        carpet, chargeable = (self.cleaned_data.get(name) for name in ("carpet_area", "chargeable_area"))
        if carpet is not None and carpet <= 0:
            self.add_error("carpet_area", _("A unit has some floor. Write an area above 0."))
        elif carpet is not None and chargeable is not None and chargeable < carpet:
            self.add_error("chargeable_area", _("The chargeable area holds the carpet area: it cannot be smaller."))


class BlockForm(PlainForm):
    """A unit is taken out of use."""

    first = DayField(label=_("First day"))
    last = DayField(
        label=_("Last day"), required=False, help_text=_("Leave it empty to block the unit until it is freed.")
    )
    reason = why(_("Reason"), help_text=_("For example: the floor is relaid."))

    def clean(self) -> None:
        super().clean()
        refuse_backward_days(self)


class FreeForm(PlainForm):
    """A block ends."""

    on = DayField(label=_("Can be used from"), help_text=_("The first day without the block."))
    why = why(required=False)

    def __init__(self, *args: Any, block: UnitBlock, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.block = block

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on <= self.block.period.lower:
            raise forms.ValidationError(
                _("The block begins on %(day)s and lasts a day at least. Choose a later day.")
                % {"day": shown_day(self.block.period.lower)}
            )
        return on


# Letting


class LetForm(PlainForm):
    """A unit is let to a tenant."""

    first = DayField(label=_("First day"), help_text=_("The day on which the unit is handed over."))
    last = DayField(
        label=_("Last day"), required=False, help_text=_("Leave it empty to let the unit until further notice.")
    )
    opening_date = DayField(
        label=_("Opens for trade on"),
        required=False,
        help_text=_("Until this day the tenant fits the unit out. Leave it empty if it trades from the first day."),
    )
    why = why(_("Remark"), required=False, help_text=_("For example: the number of the allotment letter."))

    def clean(self) -> None:
        super().clean()
        refuse_backward_days(self)
        first, last, opening = (self.cleaned_data.get(name) for name in ("first", "last", "opening_date"))
        if first and opening and opening < first:
            self.add_error("opening_date", _("The tenant cannot trade before it has the unit. Choose a later day."))
        if last and opening and opening > last:
            self.add_error("opening_date", _("By then the lease has ended. Choose an earlier day."))


class EndLeaseForm(PlainForm):
    """A lease ends early."""

    last = DayField(label=_("Last day"), help_text=_("The last day on which the unit is the tenant's."))
    why = why()

    def __init__(self, *args: Any, lease: Lease, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lease = lease

    def clean_last(self) -> date:
        last: date = self.cleaned_data["last"]
        begins, ends = self.lease.period.lower, last_day(self.lease.period)
        if last < begins:
            raise forms.ValidationError(
                _("The lease begins only on %(day)s. Choose that day or a later one.") % {"day": shown_day(begins)}
            )
        if ends and last >= ends:
            raise forms.ValidationError(
                _("The lease ends on %(day)s anyway. Choose an earlier day.") % {"day": shown_day(ends)}
            )
        return last
