"""Forms about the country: what its lists can be narrowed by."""

from django import forms
from django.utils.translation import gettext_lazy as _

from reference.models import District, Division, GiStatus, StateKind, TaxScheme
from web.forms.building import DayField, search
from web.forms.tenancy import PlainForm


class DistrictFilter(PlainForm):
    """What the list of districts can be narrowed by."""

    q = search(_("District, product or LGD code"))
    division = forms.ModelChoiceField(
        Division.objects.all(),
        label=_("Division"),
        required=False,
        empty_label=_("All divisions"),
        to_field_name="code",
    )


class StateFilter(PlainForm):
    """What the list of states can be narrowed by."""

    q = search(_("State, product or code"))
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("All kinds")), *StateKind.choices])


class GiFilter(PlainForm):
    """What the GI register can be narrowed by."""

    q = search(_("Name, application number or proprietor"))
    status = forms.ChoiceField(label=_("Status"), required=False, choices=[("", _("All")), *GiStatus.choices])
    district = forms.ModelChoiceField(
        District.objects.all(),
        label=_("District"),
        required=False,
        empty_label=_("All districts"),
        to_field_name="lgd_code",
    )


class TaxFilter(PlainForm):
    """What the list of GST rates can be narrowed by."""

    q = search(_("Code or goods"))
    scheme = forms.ChoiceField(
        label=_("Kind of code"), required=False, choices=[("", _("Goods and services")), *TaxScheme.choices]
    )
    on = DayField(label=_("Rate on"), required=False)
