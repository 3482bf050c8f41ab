"""The door: name and password, then the second factor where one is set up, then in; and out again."""

import math
from typing import Any

from axes.helpers import get_cool_off
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django_otp import login as prove_in_session

from accounts.models import User
from accounts.policy import own_account, public
from accounts.second_factor import factor_of
from web.forms.account import SignInForm
from web.views.asking import WRONG
from web.views.base import Page

SIGN_IN_BACKEND = "django.contrib.auth.backends.ModelBackend"
PENDING = "pending_sign_in"
PENDING_LASTS = 5 * 60  # seconds from the password to the code


@method_decorator(never_cache, "dispatch")
class SignIn(Page):
    """The first step: who one is, and the password."""

    policy = public("GET", "POST")
    template = "account/sign_in.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            return redirect(onward(request))
        return self.show(request, form=SignInForm(), next=onward(request))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = SignInForm(request.POST)
        if form.is_valid():
            user = authenticate(request, **form.cleaned_data)
            if isinstance(user, User):
                if factor_of(user):
                    await_code(request, user)
                    return redirect("second-factor")
                return enter(request, user, onward(request))
            form.add_error(None, wrong_words())
        return self.show(request, status=WRONG, form=form, next=onward(request))


class SignOut(Page):
    """Ends the session on the server, not only in the browser."""

    policy = own_account("POST")
    before_second_factor = True

    def post(self, request: HttpRequest) -> HttpResponse:
        logout(request)
        messages.success(request, _("You are signed out."))
        return redirect("home")


def enter(request: HttpRequest, user: User, to: str, factor: Any = None) -> HttpResponse:
    """Sign someone in under a fresh session key and go on, in their own language unless one was chosen here."""
    begin_session(request, user)
    if factor is not None:
        prove_in_session(request, factor)
    response = redirect(to)
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        remember_language(response, user.language)
    return response


def begin_session(request: HttpRequest, user: User) -> None:
    """Sign someone in. The moment is noted with the person; a change that needs a history it is not."""
    user.skip_history_when_saving = True  # type: ignore[attr-defined]
    login(request, user, backend=SIGN_IN_BACKEND)
    del user.skip_history_when_saving  # type: ignore[attr-defined]


def remember_language(response: HttpResponse, language: str) -> None:
    """Keep the language in a cookie, as Django's LocaleMiddleware reads it."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        path=settings.LANGUAGE_COOKIE_PATH,
        domain=settings.LANGUAGE_COOKIE_DOMAIN,
        secure=settings.LANGUAGE_COOKIE_SECURE or settings.SESSION_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,  # type: ignore[arg-type]
    )


def await_code(request: HttpRequest, user: User) -> None:
    """Remember that the password was right. Nobody is signed in until the code is right too."""
    request.session.cycle_key()
    request.session[PENDING] = {
        "user": user.pk,
        # A password or role that changes meanwhile ends the attempt, as it ends sessions.
        "stamp": user.get_session_auth_hash(),
        "until": timezone.now().timestamp() + PENDING_LASTS,
        "next": onward(request),
    }


def onward(request: HttpRequest) -> str:
    """Where to go after signing in: the `next` of this site that was asked for, else home."""
    wish = request.POST.get("next") or request.GET.get("next") or ""
    return wish if is_ours(request, wish) else reverse("home")


def is_ours(request: HttpRequest, address: str) -> bool:
    """Whether an address leads to a page of this very site."""
    return url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )


def pause_in_minutes() -> int:
    """How long signing in pauses after too many failures."""
    pause = get_cool_off()
    return max(1, math.ceil(pause.total_seconds() / 60)) if pause else 15


def wrong_words() -> str:
    """What is said about a wrong name and a wrong password alike."""
    return _(
        "The sign-in name or the password is not right. Check both. After %(failures)d failures signing in "
        "pauses for %(minutes)d minutes."
    ) % {"failures": settings.AXES_FAILURE_LIMIT, "minutes": pause_in_minutes()}


def locked_out(request: HttpRequest, *_args: Any) -> HttpResponse:
    """After too many failures: nothing more is tried for some minutes, right or wrong (django-axes calls this)."""
    minutes = pause_in_minutes()
    sentence = ngettext(
        "There were too many wrong attempts. Wait %(minutes)d minute, then try again.",
        "There were too many wrong attempts. Wait %(minutes)d minutes, then try again.",
        minutes,
    ) % {"minutes": minutes}
    response = render(request, "account/locked_out.html", {"sentence": sentence}, status=429)
    response["Retry-After"] = str(minutes * 60)
    return response


def back_to_the_door(request: HttpRequest, sentence: str) -> HttpResponseRedirect:
    """The second step came without the first, or too late."""
    request.session.pop(PENDING, None)
    messages.error(request, sentence)
    return HttpResponseRedirect(reverse("sign-in"))
