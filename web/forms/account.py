"""Forms about one's own account: signing in, second factor, password, particulars, keys."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User, sign_in_name
from accounts.roles import RIGHT_LABELS, Right
from core.devanagari import plain_digits
from web.forms.tenancy import DayField, PlainForm

LANGUAGES = [("hi", "हिन्दी"), ("en", "English")]


class PasswordField(forms.CharField):
    """A password, taken as it is typed: blanks belong to it."""

    def __init__(self, *, fresh: bool = False, **kwargs: Any) -> None:
        kind = "new-password" if fresh else "current-password"
        super().__init__(widget=forms.PasswordInput({"autocomplete": kind}), strip=False, max_length=200, **kwargs)


class CodeField(forms.CharField):
    """Six digits of an app, or a recovery code."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_length=20,
            widget=forms.TextInput({"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}),
            **kwargs,
        )


class SignInForm(PlainForm):
    """Who one is, and the password."""

    username = forms.CharField(
        label=_("Sign-in name"),
        max_length=200,
        help_text=_("Your mobile number, e-mail address or the name you were given."),
        widget=forms.TextInput({"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = PasswordField(label=_("Password"))

    def clean_username(self) -> str:
        """One spelling per name, so that the count of failures cannot be walked around by spelling."""
        return sign_in_name(self.cleaned_data["username"])


class CodeForm(PlainForm):
    """The second factor at sign-in."""

    code = CodeField(
        label=_("Code"), help_text=_("The six digits that your app shows now, or one of your recovery codes.")
    )


class NewPasswordForm(PlainForm):
    """A password is chosen, typed twice."""

    new_password = PasswordField(
        fresh=True,
        label=_("New password"),
        help_text=_("At least 10 characters. Several words that only you would put together are best."),
    )
    again = PasswordField(fresh=True, label=_("New password once more"))

    def __init__(self, *args: Any, user: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_new_password(self) -> str:
        password = self.cleaned_data["new_password"]
        password_validation.validate_password(password, self.user)
        return password

    def clean(self) -> None:
        super().clean()
        first, second = self.cleaned_data.get("new_password"), self.cleaned_data.get("again")
        if first and second and first != second:
            self.add_error("again", _("The two passwords differ. Type the same one twice."))


class ChangePasswordForm(NewPasswordForm):
    """One's own password is changed by who knows the old one."""

    password = PasswordField(label=_("Password until now"))

    field_order = ("password", "new_password", "again")


class PasswordForm(PlainForm):
    """Only the one who knows the password goes on."""

    password = PasswordField(label=_("Your password"))


class ForgottenForm(PlainForm):
    """Who wants a link for a new password."""

    name = forms.CharField(
        label=_("Sign-in name or e-mail"),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )


class MobileField(forms.CharField):
    """A mobile number of India, stored as its ten digits."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=20, widget=forms.TextInput({"type": "tel", "autocomplete": "tel"}), **kwargs)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        number = plain_digits(text).replace(" ", "").replace("-", "").removeprefix("+91").removeprefix("0")
        if text and not (len(number) == 10 and number.isdecimal() and number[0] in "6789"):
            raise ValidationError(_("This is not a mobile number of India: ten digits, beginning with 6, 7, 8 or 9."))
        return number


class ParticularsForm(PlainForm):
    """How someone is called and reached."""

    full_name = forms.CharField(label=_("Full name"), max_length=150, widget=forms.TextInput({"autocomplete": "name"}))
    mobile = MobileField(label=_("Mobile number"), required=False, help_text=_("10 digits."))
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        help_text=_("Links for a new password go here."),
        widget=forms.EmailInput({"autocomplete": "email"}),
    )
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES, widget=forms.RadioSelect)
    password = PasswordField(
        label=_("Your password"), required=False, help_text=_("Only needed when you change the e-mail address.")
    )

    @classmethod
    def of(cls, user: User) -> "ParticularsForm":
        """The form filled with someone as they are."""
        return cls(initial={name: getattr(user, name) for name in cls.base_fields if name != "password"})

    @property
    def particulars(self) -> dict[str, Any]:
        """Everything but the password."""
        return {name: value for name, value in self.cleaned_data.items() if name != "password"}


class SecondFactorForm(PlainForm):
    """The app proves that it was set up."""

    code = CodeField(label=_("Code"), help_text=_("The six digits that the app shows now."))


class ReplaceFactorForm(SecondFactorForm):
    """Another app takes the place of the present one."""

    password = PasswordField(label=_("Your password"))


class KeyForm(PlainForm):
    """A key for a machine or for one's own system."""

    label = forms.CharField(label=_("What is it for?"), max_length=80, help_text=_("For example: our billing program."))
    last = DayField(
        label=_("Works until"), required=False, help_text=_("The last day. Leave it empty for a key without an end.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("What may it do?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Tick the least that is enough. Nothing ticked means everything that its holder may do."),
    )

    def __init__(self, *args: Any, rights: Iterable[Right], today: date, **kwargs: Any) -> None:
        """`rights` are what the holder may do; a key can only be narrower."""
        super().__init__(*args, **kwargs)
        self.today = today
        choices = [(right.value, RIGHT_LABELS[right]) for right in rights]
        if len(choices) > 1:
            self.fields["scopes"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["scopes"]

    def clean_last(self) -> date | None:
        last = self.cleaned_data["last"]
        if last and last < self.today:
            raise ValidationError(_("This day has passed. Choose a later one."))
        return last


class RotateForm(PlainForm):
    """How long the old key goes on beside the new one."""

    overlap = forms.ChoiceField(
        label=_("The old key works on for"),
        choices=[("0", _("no time: it ends now")), ("1", _("one hour")), ("24", _("one day")), ("168", _("one week"))],
        initial="24",
        widget=forms.RadioSelect,
        help_text=_("Put the new key into the machine within this time."),
    )
