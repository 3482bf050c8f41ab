"""Forms of the office: people, roles, devices, the feed of changes."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import sign_in_name
from accounts.roles import DeviceKind, StaffRole
from core.devanagari import clean
from insights.changes import Kind
from web.forms.account import LANGUAGES, MobileField
from web.forms.tenancy import DayField, PlainForm


def search(label: Any) -> forms.CharField:
    """The wide field at the head of a list."""
    return forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"type": "search", "placeholder": label}),
    )


class PeopleFilter(PlainForm):
    """What the list of people can be narrowed by."""

    q = search(_("Name, mobile number or e-mail"))
    role = forms.ChoiceField(label=_("Role"), required=False)
    entry = forms.ChoiceField(label=_("May sign in"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [  # type: ignore[attr-defined]
            ("", _("Everyone")),
            ("staff", _("All who work for the mall")),
            *StaffRole.choices,
            ("member", _("Members of tenants")),
            ("none", _("Without any role")),
        ]
        self.fields["entry"].choices = [  # type: ignore[attr-defined]
            ("", _("All")),
            ("open", _("may sign in")),
            ("shut", _("shut out")),
        ]


class PersonForm(PlainForm):
    """Someone who begins to work for the mall."""

    full_name = forms.CharField(label=_("Full name"), max_length=150)
    username = forms.CharField(
        label=_("Sign-in name"),
        max_length=150,
        help_text=_("A mobile number or e-mail address, so that nobody forgets it; or a short name."),
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    role = forms.ChoiceField(
        label=_("Role"),
        choices=StaffRole.choices,
        widget=forms.RadioSelect,
        help_text=_("More roles can be given later."),
    )
    mobile = MobileField(label=_("Mobile number"), required=False, help_text=_("10 digits."))
    email = forms.EmailField(label=_("E-mail"), required=False)
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES, initial="hi", widget=forms.RadioSelect)

    def clean_username(self) -> str:
        name = sign_in_name(self.cleaned_data["username"])
        if not name or " " in name:
            raise ValidationError(_("Choose a sign-in name without blanks."))
        return name

    def clean_full_name(self) -> str:
        return clean(self.cleaned_data["full_name"])


class GrantForm(PlainForm):
    """A role is given."""

    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)
    why = forms.CharField(label=_("Why"), max_length=300, required=False, widget=forms.Textarea({"rows": 2}))

    def __init__(self, *args: Any, roles: Iterable[StaffRole], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.value, role.label) for role in roles]  # type: ignore[attr-defined]


class WithdrawForm(GrantForm):
    """A role is taken away, with a reason."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["why"].required = True


class DeviceFilter(PlainForm):
    """What the list of devices can be narrowed by."""

    q = search(_("Name of the device"))
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    use = forms.ChoiceField(label=_("In use"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("All kinds")), *DeviceKind.choices]  # type: ignore[attr-defined]
        self.fields["use"].choices = [  # type: ignore[attr-defined]
            ("", _("All")),
            ("yes", _("in use")),
            ("no", _("out of use")),
        ]


class DeviceForm(PlainForm):
    """A machine of the mall."""

    kind = forms.ChoiceField(label=_("Kind"), choices=DeviceKind.choices, widget=forms.RadioSelect)
    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("Where it stands, for example: Kiosk at the main entrance.")
    )

    def clean_name(self) -> str:
        return clean(self.cleaned_data["name"])


class ChangesFilter(PlainForm):
    """What the feed of changes can be narrowed by."""

    who = search(_("Name of who changed it"))
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    day = DayField(label=_("Day"), required=False)

    def __init__(self, *args: Any, kinds: Iterable[Kind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            ("", _("All kinds")),
            *sorted(((kind.name, kind.title) for kind in kinds), key=lambda choice: choice[1]),
        ]
