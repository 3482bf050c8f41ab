"""Pages that ask: a form, or a question before something that is hard to undo."""

from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse

from web.views.base import Page

WRONG = 422  # the page again, with what is wrong


class FormPage(Page):
    """One form: shown by GET, acted on by POST, shown again with what is wrong."""

    template = "office/form.html"

    def ask(self, request: HttpRequest, form: BaseForm, **words: Any) -> HttpResponse:
        """Show the form. Words: heading, submit, crumbs (label, URL), back (URL), and optionally lead, tone."""
        return self.show(request, status=WRONG if form.errors else 200, form=form, **words)


class ConfirmPage(Page):
    """Asks once more, with a form for the reason where one is kept."""

    template = "office/confirm.html"

    def ask(self, request: HttpRequest, form: BaseForm | None = None, **words: Any) -> HttpResponse:
        """Ask. Words: heading, question, consequence, submit, crumbs (label, URL), back (URL), optionally tone."""
        return self.show(request, status=WRONG if form is not None and form.errors else 200, form=form, **words)


def shown_once(response: HttpResponse) -> HttpResponse:
    """A page with a secret on it: neither the browser nor anything between keeps a copy."""
    response["Cache-Control"] = "no-store, private"
    return response
