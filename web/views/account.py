"""One's own account: particulars, password, keys; and a password for who forgot it."""

from datetime import datetime, time, timedelta
from typing import Any

from axes.utils import reset as forget_failures
from django.contrib import messages
from django.contrib.auth import authenticate, update_session_auth_hash
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.directory import own_keys
from accounts.keys import issue_key, revoke_key, rotate_key
from accounts.models import AccessKey
from accounts.password_links import PasswordLinkEnded, person_of_link
from accounts.policy import Everyone, Policy, own_account, public
from accounts.roles import RIGHT_LABELS, Right
from accounts.second_factor import factor_of
from accounts.tasks import send_password_links
from accounts.upkeep import change_particulars, set_password
from tenants.access import reach
from tenants.models import Membership
from web.doorbell import ring
from web.forms.account import (
    ChangePasswordForm,
    ForgottenForm,
    KeyForm,
    NewPasswordForm,
    ParticularsForm,
    RotateForm,
)
from web.views.asking import WRONG, ConfirmPage, FormPage, shown_once
from web.views.base import Page, SignedIn, attempt, fetch

OWN_KEY = Policy({"GET": Everyone.SIGNED_IN, "POST": Everyone.SIGNED_IN}, object_of="key")


class Account(Page):
    """How one is called and reached, and the ways to the other parts of the account."""

    policy = own_account("GET", "POST")
    template = "account/account.html"

    def get(self, request: SignedIn) -> HttpResponse:
        return self.draw(request, ParticularsForm.of(request.user))

    def post(self, request: SignedIn) -> HttpResponse:
        user = request.user
        form = ParticularsForm(request.POST)
        if form.is_valid() and self.may_reach_anew(request, form):
            done = _("Your particulars are saved.")
            if attempt(request, form, lambda: change_particulars(user=user, by=user, **form.particulars), done):
                return redirect("account")
        return self.draw(request, form)

    def may_reach_anew(self, request: SignedIn, form: ParticularsForm) -> bool:
        """Links for a new password go to the e-mail address: only who knows the password changes it."""
        unchanged = form.cleaned_data["email"].casefold() == request.user.email.casefold()
        return unchanged or knows_password(request, form)

    def draw(self, request: SignedIn, form: ParticularsForm) -> HttpResponse:
        user = request.user
        return self.show(
            request,
            status=WRONG if form.errors else 200,
            form=form,
            factor=factor_of(user),
            keys=own_keys(user).usable_at(timezone.now()).filter(epoch=user.session_epoch).count(),
            roles=[grant.get_role_display() for grant in user.role_grants.all()],
            memberships=Membership.objects.current().filter(user=user).select_related("tenant"),
        )


class PasswordChange(FormPage):
    """Another password, for who knows the present one."""

    policy = own_account("GET", "POST")

    def get(self, request: SignedIn) -> HttpResponse:
        return self.draw(request, ChangePasswordForm(user=request.user))

    def post(self, request: SignedIn) -> HttpResponse:
        form = ChangePasswordForm(request.POST, user=request.user)
        if form.is_valid() and knows_password(request, form):
            user = set_password(
                user=request.user,
                password=form.cleaned_data["new_password"],
                by=request.user,
                why=_("password changed"),
            )
            update_session_auth_hash(request, user)
            messages.success(request, _("Your password is changed. Everywhere else you are signed out."))
            return redirect("account")
        return self.draw(request, form)

    def draw(self, request: SignedIn, form: ChangePasswordForm) -> HttpResponse:
        return self.ask(
            request,
            form,
            heading=_("Change the password"),
            lead=_("Everywhere else where you are signed in, you will be signed out."),
            submit=_("Change the password"),
            crumbs=account_crumbs(),
            back=reverse("account"),
        )


@method_decorator(never_cache, "dispatch")
class PasswordForgotten(Page):
    """Asks for a link by e-mail. The answer is the same for names that exist and names that do not."""

    policy = public("GET", "POST")
    template = "account/forgotten.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(request, form=ForgottenForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ForgottenForm(request.POST)
        if not form.is_valid():
            return self.show(request, status=WRONG, form=form)
        ring(send_password_links, form.cleaned_data["name"])
        return redirect("password-sent")


class PasswordSent(Page):
    """What happens next, whoever asked."""

    policy = public("GET")
    template = "account/sent.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(request)


@method_decorator(never_cache, "dispatch")
class PasswordSet(Page):
    """The page that a password link opens."""

    policy = Policy({"GET": Everyone.PUBLIC, "POST": Everyone.PUBLIC}, object_of="person")
    template = "account/set_password.html"

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            user = person_of_link(token)
        except PasswordLinkEnded as ended:
            return link_ended(request, ended)
        return self.show(request, form=NewPasswordForm(user=user), person=user)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            user = person_of_link(token)
        except PasswordLinkEnded as ended:
            return link_ended(request, ended)
        form = NewPasswordForm(request.POST, user=user)
        if not form.is_valid():
            return self.show(request, status=WRONG, form=form, person=user)
        set_password(user=user, password=form.cleaned_data["new_password"], by=user, why=_("password set by a link"))
        forget_failures(username=user.username)
        messages.success(request, _("Your password is set. Sign in with it now."))
        return redirect("sign-in")


def link_ended(request: HttpRequest, ended: Any) -> HttpResponse:
    """A link that opens nothing any more, with the way to a new one."""
    return render(request, "account/link_ended.html", {"sentence": ended.sentence, "again": True}, status=404)


# Keys of one's own systems


class Keys(Page):
    """The keys that someone has made for their own systems."""

    policy = own_account("GET")
    template = "account/keys.html"

    def get(self, request: SignedIn) -> HttpResponse:
        now = timezone.now()
        return self.show(
            request,
            keys=[key_line(key, now) for key in own_keys(request.user)],
            crumbs=account_crumbs(),
        )


class KeyAdd(FormPage):
    """A key is made and shown once."""

    policy = own_account("GET", "POST")

    def get(self, request: SignedIn) -> HttpResponse:
        today = timezone.localdate()
        return self.draw(request, self.form(request, initial={"last": today + timedelta(days=365)}))

    def post(self, request: SignedIn) -> HttpResponse:
        form = self.form(request, request.POST)
        if form.is_valid():
            made = attempt(request, form, lambda: issue_key(holder=request.user, **key_terms(form)))
            if made:
                return show_key(request, made, crumbs=key_crumbs(), back=reverse("keys"))
        return self.draw(request, form)

    def form(self, request: SignedIn, *args: Any, **kwargs: Any) -> KeyForm:
        rights = [right for right in Right if reach(request.user, right)]
        return KeyForm(*args, rights=rights, today=timezone.localdate(), **kwargs)

    def draw(self, request: SignedIn, form: KeyForm) -> HttpResponse:
        return self.ask(
            request,
            form,
            heading=_("Make a key"),
            lead=_("With a key your own system may use the mall's API in your name. It ends when your roles change."),
            submit=_("Make the key"),
            crumbs=key_crumbs(),
            back=reverse("keys"),
        )


class OwnKeyRotate(FormPage):
    """A key gets a successor; both work for a while."""

    policy = OWN_KEY

    def get(self, request: SignedIn, pk: int) -> HttpResponse:
        return self.draw(request, fetch(own_keys(request.user), pk=pk), RotateForm())

    def post(self, request: SignedIn, pk: int) -> HttpResponse:
        key = fetch(own_keys(request.user), pk=pk)
        form = RotateForm(request.POST)
        if made := rotated(request, form, key):
            return show_key(request, made, crumbs=key_crumbs(), back=reverse("keys"))
        return self.draw(request, key, form)

    def draw(self, request: SignedIn, key: AccessKey, form: RotateForm) -> HttpResponse:
        return self.ask(request, form, **rotation_words(key), crumbs=key_crumbs(), back=reverse("keys"))


class OwnKeyRevoke(ConfirmPage):
    """A key ends now."""

    policy = OWN_KEY

    def get(self, request: SignedIn, pk: int) -> HttpResponse:
        key = fetch(own_keys(request.user), pk=pk)
        return self.ask(request, **revocation_words(key), crumbs=key_crumbs(), back=reverse("keys"))

    def post(self, request: SignedIn, pk: int) -> HttpResponse:
        key = fetch(own_keys(request.user), pk=pk)
        revoke_key(key=key, at=timezone.now(), by=request.user)
        messages.success(request, _("The key is revoked. It opens nothing any more."))
        return redirect("keys")


# What pages about keys share


def key_line(key: AccessKey, now: datetime) -> dict[str, Any]:
    """A key in a list: how it stands and what it may do, in words."""
    state, label = _key_state(key, now)
    return {
        "key": key,
        "state": state,
        "state_label": label,
        "is_usable": state == "active",
        "rights": [RIGHT_LABELS[Right(scope)] for scope in key.scopes],
    }


def _key_state(key: AccessKey, now: datetime) -> tuple[str, str]:
    if key.revoked_at:
        return "revoked", _("revoked")
    if key.expires_at and key.expires_at <= now:
        return "ended", _("ended")
    if key.user is not None and key.epoch != key.user.session_epoch:
        return "ended", _("ended when roles changed")
    if not key.holder.is_active:
        return "ended", _("ended with its holder")
    return "active", _("works")


def key_terms(form: KeyForm) -> dict[str, Any]:
    """What the form says, as `issue_key` takes it: the last day still belongs."""
    last = form.cleaned_data["last"]
    end = timezone.make_aware(datetime.combine(last + timedelta(days=1), time.min)) if last else None
    return {
        "label": form.cleaned_data["label"],
        "scopes": form.cleaned_data.get("scopes", []),
        "expires_at": end,
    }


def rotated(request: SignedIn, form: RotateForm, key: AccessKey) -> Any | None:
    """The successor of a key, or None with the reason on the form."""
    if not form.is_valid():
        return None
    overlap = timedelta(hours=int(form.cleaned_data["overlap"]))
    return attempt(request, form, lambda: rotate_key(key=key, at=timezone.now(), overlap=overlap, by=request.user))


def rotation_words(key: AccessKey) -> dict[str, Any]:
    return {
        "heading": _("Replace the key “%(label)s”") % {"label": key.label},
        "lead": _("A new key with the same rights is made. The old one works on for a while, so that nothing stops."),
        "submit": _("Make the new key"),
    }


def revocation_words(key: AccessKey) -> dict[str, Any]:
    return {
        "heading": _("Revoke the key “%(label)s”") % {"label": key.label},
        "question": _("Revoke this key?"),
        "consequence": _("Whatever uses it stops at once. A revoked key cannot be brought back."),
        "submit": _("Revoke it"),
    }


def show_key(request: SignedIn, made: Any, **context: Any) -> HttpResponse:
    """The page that shows a key, this once."""
    return shown_once(render(request, "account/new_key.html", {"made": made, **context}))


def knows_password(request: SignedIn, form: Form) -> bool:
    """Whether the form holds the reader's own password. Failures count as failures at the door."""
    password = form.cleaned_data.get("password") or ""
    if password and authenticate(request, username=request.user.username, password=password) is not None:
        return True
    form.add_error("password", _("This is not your password. Type it once more."))
    return False


def account_crumbs() -> list[tuple[str, str]]:
    return [(_("My account"), reverse("account"))]


def key_crumbs() -> list[tuple[str, str]]:
    return [*account_crumbs(), (_("Keys"), reverse("keys"))]
