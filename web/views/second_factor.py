"""The second factor: proved at sign-in; set up, replaced, removed in one's own account."""

import segno
from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import user_login_failed
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.decorators import method_decorator
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django_otp import login as prove_in_session

from accounts.models import User
from accounts.policy import own_account, public
from accounts.second_factor import (
    SetUp,
    codes_left,
    factor_of,
    key_address,
    key_in_words,
    new_key,
    new_recovery_codes,
    prove,
    remove,
    set_up,
)
from web.forms.account import CodeForm, PasswordForm, ReplaceFactorForm, SecondFactorForm
from web.views.account import account_crumbs, knows_password
from web.views.asking import WRONG, ConfirmPage, FormPage, shown_once
from web.views.base import Page, SignedIn, attempt
from web.views.sign_in import PENDING, back_to_the_door, enter, locked_out

NEW_KEY = "new_second_factor"


@method_decorator(never_cache, "dispatch")
class SecondFactor(Page):
    """The second step of signing in."""

    policy = public("GET", "POST")
    template = "account/code.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        if pending_person(request) is None:
            return back_to_the_door(request, _("Begin with your sign-in name and password."))
        return self.show(request, form=CodeForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        user = pending_person(request)
        if user is None:
            return back_to_the_door(request, _("The five minutes for the code are over. Sign in again."))
        credentials = {"username": user.username}
        if not AxesProxyHandler.is_allowed(request, credentials):
            return locked_out(request)
        form = CodeForm(request.POST)
        if form.is_valid():
            factor = attempt(request, form, lambda: prove(user=user, code=form.cleaned_data["code"], at=timezone.now()))
            if factor:
                return enter(request, user, request.session.pop(PENDING)["next"], factor)
            # Wrong codes count like wrong passwords.
            user_login_failed.send(__name__, credentials=credentials, request=request)
        return self.show(request, status=WRONG, form=form)


def pending_person(request: HttpRequest) -> User | None:
    """Who gave the right password in this session less than five minutes ago."""
    pending = request.session.get(PENDING)
    if not pending or pending["until"] < timezone.now().timestamp():
        return None
    user = User.objects.filter(pk=pending["user"], is_active=True).first()
    if user is None or not constant_time_compare(pending["stamp"], user.get_session_auth_hash()):
        return None
    return user


@method_decorator(never_cache, "dispatch")
class SecondFactorSetUp(Page):
    """How the second factor stands; where there is none, setting it up."""

    policy = own_account("GET", "POST")
    template = "account/second_factor.html"
    before_second_factor = True

    def get(self, request: SignedIn) -> HttpResponse:
        if factor := factor_of(request.user):
            return self.show(
                request,
                factor=factor,
                codes_left=codes_left(request.user),
                may_remove=not must_have(request.user),
                crumbs=account_crumbs(),
            )
        return self.offer(request, SecondFactorForm())

    def post(self, request: SignedIn) -> HttpResponse:
        # Whoever has a factor already replaces it by the page that asks for the password.
        if factor_of(request.user):
            return redirect("second-factor-setup")
        form = SecondFactorForm(request.POST)
        made = begin(request, form) if form.is_valid() else None
        return recovery_codes(self, request, made) if made else self.offer(request, form)

    def offer(self, request: SignedIn, form: SecondFactorForm) -> HttpResponse:
        """The QR code, the secret in letters and the form for the first code."""
        return offer(self, request, form, needed=must_have(request.user))


@method_decorator(never_cache, "dispatch")
class SecondFactorReplace(Page):
    """A new phone: another app takes the place of the old one."""

    policy = own_account("GET", "POST")
    template = "account/second_factor.html"

    def get(self, request: SignedIn) -> HttpResponse:
        return offer(self, request, ReplaceFactorForm(), replacing=True)

    def post(self, request: SignedIn) -> HttpResponse:
        form = ReplaceFactorForm(request.POST)
        made = begin(request, form) if form.is_valid() and knows_password(request, form) else None
        return recovery_codes(self, request, made) if made else offer(self, request, form, replacing=True)


class RecoveryCodes(FormPage):
    """New recovery codes, for who knows the password; the old ones end."""

    policy = own_account("GET", "POST")

    def get(self, request: SignedIn) -> HttpResponse:
        return self.draw(request, PasswordForm())

    def post(self, request: SignedIn) -> HttpResponse:
        form = PasswordForm(request.POST)
        if factor_of(request.user) is None:
            return redirect("second-factor-setup")
        if form.is_valid() and knows_password(request, form):
            codes = new_recovery_codes(user=request.user, by=request.user, why=_("new recovery codes"))
            return show_codes(self, request, codes)
        return self.draw(request, form)

    def draw(self, request: SignedIn, form: PasswordForm) -> HttpResponse:
        return self.ask(
            request,
            form,
            heading=_("New recovery codes"),
            lead=_("Ten new codes are made; the old ones open nothing from then on."),
            submit=_("Make new codes"),
            crumbs=second_factor_crumbs(),
            back=reverse("second-factor-setup"),
        )


class SecondFactorRemove(ConfirmPage):
    """Without a second factor again, where the role allows it."""

    policy = own_account("GET", "POST")

    def get(self, request: SignedIn) -> HttpResponse:
        return self.refused(request) or self.draw(request, PasswordForm())

    def post(self, request: SignedIn) -> HttpResponse:
        form = PasswordForm(request.POST)
        if refused := self.refused(request):
            return refused
        if form.is_valid() and knows_password(request, form):
            remove(user=request.user, by=request.user, why=_("second factor removed"))
            messages.success(request, _("The second factor is removed. Only your password guards the account now."))
            return redirect("account")
        return self.draw(request, form)

    def refused(self, request: SignedIn) -> HttpResponse | None:
        if factor_of(request.user) is None:
            return redirect("second-factor-setup")
        if must_have(request.user):
            messages.error(
                request, _("Whoever works for the mall needs a second factor. You can replace it by another.")
            )
            return redirect("second-factor-setup")
        return None

    def draw(self, request: SignedIn, form: PasswordForm) -> HttpResponse:
        return self.ask(
            request,
            form,
            heading=_("Remove the second factor"),
            question=_("Remove the second factor?"),
            consequence=_("Whoever learns your password can then sign in as you. The recovery codes end too."),
            submit=_("Remove it"),
            crumbs=second_factor_crumbs(),
            back=reverse("second-factor-setup"),
        )


def must_have(user: User) -> bool:
    """Whether the mall insists on a second factor for this person."""
    return bool(settings.STAFF_SECOND_FACTOR_REQUIRED and user.is_mall_staff)


def begin(request: SignedIn, form: SecondFactorForm) -> SetUp | None:
    """Put the app into use whose secret this session showed."""
    key = request.session.get(NEW_KEY)
    if key is None:
        form.add_error(None, _("This page was open too long. Scan the new picture."))
        return None
    made = attempt(
        request, form, lambda: set_up(user=request.user, key=key, code=form.cleaned_data["code"], by=request.user)
    )
    if made:
        del request.session[NEW_KEY]
        request.session.cycle_key()
        prove_in_session(request, made.factor)
    return made


def offer(
    page: Page, request: SignedIn, form: SecondFactorForm, *, needed: bool = False, replacing: bool = False
) -> HttpResponse:
    """Show the secret of this session as a picture and in letters. It stays the same until it is used."""
    key = request.session.setdefault(NEW_KEY, new_key())
    return shown_once(
        page.show(
            request,
            status=WRONG if form.errors else 200,
            form=form,
            picture=drawn(key_address(request.user, key)),
            secret=key_in_words(key),
            needed=needed,
            replacing=replacing,
            crumbs=second_factor_crumbs() if replacing else account_crumbs(),
        )
    )


def drawn(address: str) -> SafeString:
    """A QR code as SVG without inline style, dark on light whatever the page looks like."""
    return SafeString(
        segno.make(address, error="m").svg_inline(scale=5, dark="#000", light="#fff", border=3, svgclass="qr")
    )


def recovery_codes(page: Page, request: SignedIn, made: SetUp) -> HttpResponse:
    messages.success(request, _("The second factor works. From now on signing in asks for a code."))
    return show_codes(page, request, made.recovery_codes)


def show_codes(page: Page, request: SignedIn, codes: list[str]) -> HttpResponse:
    """The codes, this once."""
    page.template = "account/recovery_codes.html"
    return shown_once(page.show(request, codes=codes, crumbs=second_factor_crumbs()))


def second_factor_crumbs() -> list[tuple[str, str]]:
    return [*account_crumbs(), (_("Second factor"), reverse("second-factor-setup"))]
