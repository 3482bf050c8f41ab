"""Forms about tenants. Each says what it wants; each error says what is wrong and what to do."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.roles import TenantRole
from core.indian_format import day as shown_day
from reference.models import District, GiRegistration, Product, State
from tenants.models import BankAccount, Contact, Paper, PaperKind, Tenant, TenantKind
from tenants.paperwork import Standing

SENTENCES: dict[type[forms.Field], dict[str, Any]] = {
    forms.CharField: {
        "required": _("Fill in this field."),
        "max_length": ngettext_lazy(
            "Shorten this to %(limit_value)d character; it has %(show_value)d.",
            "Shorten this to %(limit_value)d characters; it has %(show_value)d.",
            "limit_value",
        ),
    },
    forms.EmailField: {"invalid": _("This is not an e-mail address. It looks like asha@example.in.")},
    forms.ChoiceField: {
        "required": _("Choose one of the list."),
        "invalid_choice": _("This choice is not on the list. Choose again."),
    },
    forms.ModelChoiceField: {
        "required": _("Choose one of the list."),
        "invalid_choice": _("This choice is not on the list. Choose again."),
    },
    forms.DateField: {
        "required": _("Choose the day."),
        "invalid": _("This is not a day. Choose it from the calendar, or write it like 2026-11-22."),
    },
    forms.FileField: {
        "required": _("Choose the file: a PDF, or a photo as JPEG or PNG."),
        "empty": _("This file is empty. Scan or save it again."),
        "missing": _("No file arrived. Choose it again."),
    },
}


class PlainForm(forms.Form):
    """A form whose errors are sentences that tell what to do."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            for kind, sentences in SENTENCES.items():
                if isinstance(field, kind):
                    field.error_messages.update(sentences)


EARLIEST, LATEST = date(1950, 1, 1), date(2150, 12, 31)


class DayField(forms.DateField):
    """A day within a lifetime, chosen from the browser's own calendar: a slip such as 20266 is caught."""

    def __init__(self, **kwargs: Any) -> None:
        far = _("This day is too far away. Check the year.")
        super().__init__(
            widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            input_formats=["%Y-%m-%d"],
            validators=[MinValueValidator(EARLIEST, far), MaxValueValidator(LATEST, far)],
            **kwargs,
        )


def refuse_backward_days(form: forms.Form) -> None:
    """Mark the last day where it lies before the first."""
    first, last = form.cleaned_data.get("first"), form.cleaned_data.get("last")
    if first and last and last < first:
        form.add_error("last", _("The last day lies before the first. Correct one of them."))


# Lists


class TenantFilter(PlainForm):
    """What the list of tenants can be narrowed by."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"type": "search", "placeholder": _("Name, GSTIN or unit number")}),
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    state = forms.ModelChoiceField(State.objects.all(), label=_("State"), required=False)
    district = forms.ModelChoiceField(District.objects.all(), label=_("District"), required=False)
    papers = forms.ChoiceField(label=_("Papers"), required=False)
    here = forms.ChoiceField(label=_("In the mall"), required=False)
    women_led = forms.BooleanField(label=_("Led by women"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("All kinds")), *TenantKind.choices]  # type: ignore[attr-defined]
        self.fields["state"].empty_label = _("All states")  # type: ignore[attr-defined]
        self.fields["district"].empty_label = _("All districts")  # type: ignore[attr-defined]
        self.fields["papers"].choices = [  # type: ignore[attr-defined]
            ("", _("All")),
            ("missing", _("papers missing")),
            ("waiting", _("papers to be checked")),
            ("expiring", _("papers expire soon")),
            ("complete", _("papers complete")),
        ]
        self.fields["here"].choices = [  # type: ignore[attr-defined]
            ("", _("Trading now")),
            ("left", _("Have left")),
            ("all", _("All")),
        ]


class PaperFilter(PlainForm):
    """What the queue of papers can be narrowed by."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"type": "search", "placeholder": _("Tenant or number on the paper")}),
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    tab = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("All kinds")), *PaperKind.choices]  # type: ignore[attr-defined]


# Tenants


class TenantForm(PlainForm):
    """A tenant's particulars, as `tenants.registering` takes them."""

    name_hi = forms.CharField(label=_("Name in Hindi"), max_length=200)
    name_en = forms.CharField(label=_("Name in English"), max_length=200)
    kind = forms.ChoiceField(label=_("Kind"), choices=[("", _("Choose the kind")), *TenantKind.choices])
    is_women_led = forms.BooleanField(label=_("Led by women"), required=False)
    has_shg_members = forms.BooleanField(
        label=_("Made by self-help groups"),
        required=False,
        help_text=_("The goods are made by members of self-help groups, whatever the kind of tenant."),
    )
    home_state = forms.ModelChoiceField(State.objects.all(), label=_("Home state"), empty_label=_("Choose the state"))
    home_district = forms.ModelChoiceField(
        District.objects.all(),
        label=_("Home district"),
        required=False,
        empty_label=_("No district"),
        help_text=_("Only for tenants from Madhya Pradesh."),
    )
    address = forms.CharField(label=_("Address"), max_length=300, required=False, widget=forms.Textarea({"rows": 2}))
    pin_code = forms.CharField(label=_("PIN code"), max_length=12, required=False)
    gstin = forms.CharField(
        label=_("GSTIN"),
        max_length=24,
        required=False,
        help_text=_("15 characters. A small artisan may go without."),
    )
    pan = forms.CharField(label=_("PAN"), max_length=20, required=False, help_text=_("10 characters, as on the card."))
    udyam_no = forms.CharField(
        label=_("Udyam number"), max_length=28, required=False, help_text=_("Like UDYAM-MP-43-0012345.")
    )
    pehchan_no = forms.CharField(
        label=_("Pehchan card number"), max_length=24, required=False, help_text=_("From the artisan card.")
    )
    fssai_no = forms.CharField(
        label=_("FSSAI number"), max_length=24, required=False, help_text=_("14 digits; only for food.")
    )
    products = forms.ModelMultipleChoiceField(
        Product.objects.all(),
        label=_("Listed products traded"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Products of the ODOP lists that this tenant sells."),
    )

    @classmethod
    def of(cls, tenant: Tenant) -> "TenantForm":
        """The form filled with a tenant as it is."""
        names = [name for name in cls.base_fields if name != "products"]
        return cls(initial={name: getattr(tenant, name) for name in names} | {"products": tenant.products.all()})

    @property
    def particulars(self) -> dict[str, Any]:
        """Everything but the products."""
        return {name: value for name, value in self.cleaned_data.items() if name != "products"}

    @property
    def sections(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The fields in groups that a person fills in one go."""
        groups = (
            (_("Who it is"), ("name_hi", "name_en", "kind", "is_women_led", "has_shg_members")),
            (_("Where it comes from"), ("home_state", "home_district", "address", "pin_code")),
            (
                _("Numbers given by the state"),
                ("gstin", "pan", "udyam_no", "pehchan_no", "fssai_no"),
            ),
        )
        return [(title, [self[name] for name in names]) for title, names in groups]


class LeaveForm(PlainForm):
    """A tenant leaves the mall."""

    on = DayField(label=_("Last day in the mall"))
    why = forms.CharField(label=_("Why"), max_length=300, widget=forms.Textarea({"rows": 3}))

    def __init__(self, *args: Any, tenant: Tenant, today: date, **kwargs: Any) -> None:
        super().__init__(*args, initial={"on": today}, **kwargs)
        self.tenant, self.today = tenant, today

    def clean_on(self) -> date:
        on = self.cleaned_data["on"]
        if on > self.today:
            raise ValidationError(_("This day has not come yet. Come back on the day itself."))
        if on < self.tenant.registered_date:
            raise ValidationError(
                _("The tenant came only on %(day)s. Choose that day or a later one.")
                % {"day": shown_day(self.tenant.registered_date)}
            )
        return on


class ContactForm(PlainForm):
    """A person to call."""

    name = forms.CharField(label=_("Name"), max_length=150)
    position = forms.CharField(
        label=_("Position"), max_length=80, required=False, help_text=_("For example: president, accountant.")
    )
    mobile = forms.CharField(
        label=_("Mobile number"),
        max_length=20,
        required=False,
        help_text=_("10 digits."),
        widget=forms.TextInput({"type": "tel", "autocomplete": "off"}),
    )
    email = forms.EmailField(label=_("E-mail"), required=False)
    is_first = forms.BooleanField(label=_("Call this person first"), required=False)

    @classmethod
    def of(cls, contact: Contact) -> "ContactForm":
        """The form filled with a contact as it is."""
        return cls(initial={name: getattr(contact, name) for name in cls.base_fields})

    def clean(self) -> None:
        super().clean()
        _can_be_reached(self)


class BankAccountForm(PlainForm):
    """Where a tenant is paid."""

    holder = forms.CharField(label=_("Account holder"), max_length=150, help_text=_("The name as in the passbook."))
    number = forms.CharField(
        label=_("Account number"),
        max_length=30,
        help_text=_("9 to 18 digits."),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )
    ifsc = forms.CharField(label=_("IFSC"), max_length=16, help_text=_("11 characters, as in the passbook."))
    bank = forms.CharField(label=_("Bank and branch"), max_length=150, required=False)

    @classmethod
    def of(cls, account: BankAccount | None) -> "BankAccountForm":
        """The form filled with the account as it is."""
        return cls(initial={name: getattr(account, name) for name in cls.base_fields} if account else None)


# Papers


class PaperForm(PlainForm):
    """A paper is handed in."""

    kind = forms.ChoiceField(label=_("Which paper"))
    file = forms.FileField(
        label=_("File"),
        help_text=_("A PDF, or a photo as JPEG or PNG. At most 5 MB."),
        max_length=200,
        widget=forms.FileInput({"accept": "application/pdf,image/jpeg,image/png"}),
    )
    number = forms.CharField(label=_("Number on the paper"), max_length=40, required=False)
    first = DayField(label=_("Valid from"), help_text=_("The first day, or the day it was made out."))
    last = DayField(
        label=_("Valid to"),
        required=False,
        help_text=_("The last day. Leave it empty if the paper never ends."),
    )

    def __init__(self, *args: Any, standing: Standing, have: Mapping[str, str], **kwargs: Any) -> None:
        """`standing` names the kinds needed: they come first. `have`: kind -> what there is of it."""
        super().__init__(*args, **kwargs)
        self.standing = standing
        first = (*standing.missing, *standing.expiring)
        said = {**have, **{kind.value: _("needed") for kind in standing.missing}}
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            ("", _("Choose the paper")),
            *(
                (kind.value, f"{kind.label} – {said[kind.value]}" if kind.value in said else kind.label)
                for kind in sorted(PaperKind, key=lambda kind: kind not in first)
            ),
        ]

    def clean(self) -> None:
        super().clean()
        refuse_backward_days(self)


class SendBackForm(PlainForm):
    """Why a paper is sent back, so that the tenant can mend it."""

    reason = forms.CharField(
        label=_("What is wrong, and what should the tenant do?"),
        max_length=300,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("The tenant reads this sentence."),
    )


class WhyForm(PlainForm):
    """A reason that is kept in the history."""

    why = forms.CharField(label=_("Why"), max_length=300, widget=forms.Textarea({"rows": 2}))


# GI authorisations


class GiAuthorisationForm(PlainForm):
    """A tenant is an authorised user of a geographical indication."""

    registration = forms.ModelChoiceField(
        GiRegistration.objects.all(),
        label=_("GI registration"),
        empty_label=_("Choose the registration"),
    )
    authorised_user_no = forms.CharField(
        label=_("Authorised-user number"), max_length=30, help_text=_("Like AU/2231/GI/153/45.")
    )
    holder = forms.CharField(label=_("Holder"), max_length=150, help_text=_("The name on the certificate."))
    first = DayField(label=_("Valid from"))
    last = DayField(label=_("Valid to"), required=False, help_text=_("The last day; ten years at a time by law."))
    paper = forms.ModelChoiceField(
        Paper.objects.none(),
        label=_("Certificate"),
        required=False,
        empty_label=_("Not handed in yet"),
        help_text=_("The paper of this tenant that proves it."),
    )

    def __init__(self, *args: Any, papers: QuerySet[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["paper"].queryset = papers  # type: ignore[attr-defined]

    def clean(self) -> None:
        super().clean()
        refuse_backward_days(self)


# Members


class InvitationForm(PlainForm):
    """Someone is invited to work for a tenant."""

    full_name = forms.CharField(label=_("Full name"), max_length=150)
    role = forms.ChoiceField(
        label=_("Role"),
        choices=TenantRole.choices,
        initial=TenantRole.STAFF,
        widget=forms.RadioSelect,
        help_text=_("An owner may change everything of the tenant; shop staff hand in papers and read."),
    )
    mobile = forms.CharField(
        label=_("Mobile number"),
        max_length=20,
        required=False,
        help_text=_("10 digits. You share the link yourself, for example by WhatsApp."),
        widget=forms.TextInput({"type": "tel", "autocomplete": "off"}),
    )
    email = forms.EmailField(label=_("E-mail"), required=False, help_text=_("The link is also sent to this address."))
    language = forms.ChoiceField(
        label=_("Language"),
        choices=[("hi", "हिन्दी"), ("en", "English")],
        initial="hi",
        widget=forms.RadioSelect,
    )

    def clean(self) -> None:
        super().clean()
        _can_be_reached(self)


class RoleForm(PlainForm):
    """A member gets another role."""

    role = forms.ChoiceField(label=_("Role"), choices=TenantRole.choices, widget=forms.RadioSelect)


def _can_be_reached(form: forms.Form) -> None:
    """Mark the mobile number where there is neither a number nor an address, not even a wrong one."""
    if not any(form.cleaned_data.get(name) or form.errors.get(name) for name in ("mobile", "email")):
        form.add_error("mobile", _("Give a mobile number or an e-mail address."))
