"""Pages that say how things are: accessibility, privacy, terms, contact, sitemap."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.policy import public
from web.views.base import Page


class StaticPage(Page):
    """Words only; in the frame of the house for who is signed in."""

    policy = public("GET")

    def get(self, request: HttpRequest) -> HttpResponse:
        frame = "base.html" if request.user.is_authenticated else "base_plain.html"
        return self.show(
            request, base_frame=frame, contact_email=settings.CONTACT_EMAIL, contact_phone=settings.CONTACT_PHONE
        )
