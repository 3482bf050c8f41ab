"""Samples for the style guide page: every component once, with contents as they are in the mall."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.utils.translation import gettext_lazy as _

from core.history import Change


class SampleFilter(forms.Form):
    """A toolbar: search and two filters."""

    search = forms.CharField(label=_("Search"), required=False, widget=forms.TextInput({"type": "search"}))
    floor = forms.ChoiceField(label=_("Floor"), required=False, choices=[("", _("All")), ("0", _("Ground floor"))])
    status = forms.ChoiceField(label=_("Status"), required=False, choices=[("", _("All")), ("let", _("Let"))])


class SampleForm(forms.Form):
    """One field of every kind."""

    full_name = forms.CharField(label=_("Full name"), help_text=_("As on the bank account."))
    email = forms.EmailField(label=_("E-mail"))
    kind = forms.ChoiceField(label=_("Kind"), choices=[("artisan", _("Artisan")), ("shg", _("SHG"))])
    valid_to = forms.DateField(label=_("Valid to"), required=False, widget=forms.DateInput({"type": "date"}))
    why = forms.CharField(label=_("Why"), widget=forms.Textarea({"rows": 3}))
    language = forms.ChoiceField(
        label=_("Language"), choices=[("hi", "हिन्दी"), ("en", "English")], widget=forms.RadioSelect
    )
    women_led = forms.BooleanField(label=_("Led by women"), required=False)
    paper = forms.FileField(label=_("Paper"), required=False, help_text=_("PDF, JPEG or PNG, up to 5 MB."))
    password = forms.CharField(label=_("Password"), widget=forms.PasswordInput)


UNITS = [
    ("G-01", _("Bherugarh Print Cooperative"), "let", _("let"), 37.16),
    ("G-02", _("Bagh Print Artisans"), "fitting_out", _("fitting out"), 37.16),
    ("G-03", "", "offered", _("offered"), 37.16),
    ("G-04", "", "vacant", _("vacant"), 37.16),
    ("G-05", "", "blocked", _("blocked"), 18.58),
]
TILES = [
    ("UJN", _("Ujjain"), 2, 2, "complete", _("papers complete")),
    ("DWS", _("Dewas"), 3, 2, "incomplete", _("papers missing")),
    ("IND", _("Indore"), 2, 3, "let", _("let")),
    ("DHR", _("Dhar"), 1, 3, "offered", _("offered")),
    ("RTM", _("Ratlam"), 1, 2, "vacant", _("vacant")),
    ("SJR", _("Shajapur"), 3, 1, "expired", _("papers expired")),
    ("AGM", _("Agar Malwa"), 2, 1, "vacant", _("vacant")),
]


def samples() -> dict[str, Any]:
    """The context of the style guide page."""
    return {
        "filter_form": SampleFilter(),
        "sample_form": SampleForm({"full_name": "", "email": "x", "kind": "shg"}),
        "empty_form": SampleForm(),
        "units": [
            {"number": number, "tenant": tenant, "status": status, "status_label": label, "area": area}
            for number, tenant, status, label, area in UNITS
        ],
        "page_obj": Paginator(range(132), 25).page(3),
        "legend": [{"state": status, "label": label, "count": 1} for _number, _tenant, status, label, _area in UNITS],
        "tiles": [
            {
                "code": code,
                "name": name,
                "column": column,
                "row": row,
                "url": "#",
                "state": state,
                "state_label": label,
            }
            for code, name, column, row, state, label in TILES
        ],
        "plan": sample_plan(),
        "tabs": [
            {"label": _("Overview"), "url": "#", "current": True, "count": None},
            {"label": _("Papers"), "url": "#", "current": False, "count": 4},
            {"label": _("History"), "url": "#", "current": False, "count": None},
        ],
        "facts": [
            {"label": _("Floor"), "value": _("Ground floor")},
            {"label": _("Carpet area"), "value": "37.16 m² · 400 sq ft"},
            {"label": "GSTIN", "value": "23AAAAU1234A1Z5"},
            {"label": "Pehchan", "value": ""},
        ],
        "entries": [
            Change(
                datetime(2026, 11, 21, 9, 40, tzinfo=UTC),
                "Kavita Sharma",
                "~",
                "Measured again on site",
                (("carpet area", "36.00", "37.16"),),
                "unit",
            ),
            Change(datetime(2026, 11, 2, 6, 5, tzinfo=UTC), None, "+", "", (), "unit"),
        ],
    }


def sample_plan() -> dict[str, Any]:
    """Five units in a row, one of every status."""
    units = []
    for place, (number, tenant, status, label, _area) in enumerate(UNITS):
        left = 40 + place * 180
        units.append(
            {
                "number": number,
                "name": tenant,
                "status": status,
                "status_label": label,
                "url": "#",
                "points": f"{left},60 {left + 160},60 {left + 160},220 {left},220",
                "label_x": left + 80,
                "label_y": 140,
                "label_size": 26,
            }
        )
    return {
        "label": _("Plan of the ground floor"),
        "view_box": "0 0 960 360",
        "sign_scale": 2,
        "outlines": ["10,10 950,10 950,350 10,350"],
        "zones": [
            {
                "kind": "trade",
                "name": _("Malwa street"),
                "points": "10,240 950,240 950,350 10,350",
                "text": {"lines": [(_("Malwa street"), 290)], "x": 480, "size": 26},
            }
        ],
        "units": units,
        "entrances": [{"name": _("East gate"), "kind": "side", "x": 900, "y": 350, "turn": 0}],
    }
