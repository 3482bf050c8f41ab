"""Hindi or English, on every page."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.models import User
from accounts.policy import public
from accounts.upkeep import choose_language
from web.views.base import Page
from web.views.sign_in import onward, remember_language


class SetLanguage(Page):
    """Remembers the language in a cookie and, of who is signed in, with the person."""

    policy = public("POST")

    def post(self, request: HttpRequest) -> HttpResponse:
        response = redirect(onward(request))
        language = request.POST.get("language", "")
        if language in dict(settings.LANGUAGES):
            remember_language(response, language)
            if isinstance(request.user, User):
                choose_language(user=request.user, language=language)
        return response
