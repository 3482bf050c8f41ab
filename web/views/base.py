"""What all pages share: how a row is fetched, how a refusal is shown, how a list is cut into pages."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Page as PaginatorPage
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views import View

from accounts.models import User
from accounts.policy import Policy
from core.refusals import Refusal
from core.wording import NotAcceptable

PAGE_SIZE = 25


class SignedIn(HttpRequest):
    """A request that the gate has let through to a page of somebody: `user` is a person."""

    user: User  # type: ignore[assignment]


class Page(View):
    """A page. It declares who may use it (`policy`) and fetches rows only through `visible_to`."""

    policy: Policy
    template = ""

    def show(self, request: HttpRequest, *, status: int = 200, **context: Any) -> HttpResponse:
        return render(request, self.template, context, status=status)


def fetch(rows: QuerySet[Any], **key: Any) -> Any:
    """One of the rows that someone may see; foreign equals absent: the same 404."""
    return get_object_or_404(rows, **key)


def page_of(request: HttpRequest, rows: QuerySet[Any], size: int = PAGE_SIZE) -> PaginatorPage[Any]:
    """The page of `rows` that the address asks for; a number out of range shows the nearest page."""
    return Paginator(rows, size).get_page(request.GET.get("page"))


def attempt(request: HttpRequest, form: BaseForm | None, deed: Callable[[], Any], done: Any = None) -> Any | None:
    """Carry out an operation for a page.

    Returns its result, or None after the refusal has been put where the reader will see it: beside the
    field at fault, above the form, or as a message. `done` is the message of success.
    """
    try:
        result = deed()
    except NotAcceptable as refusal:
        _mark(request, form, refusal.errors)
        return None
    except Refusal as refusal:
        if refusal.status == 404:
            raise Http404 from refusal
        _mark(request, form, {refusal.field or "": [refusal.sentence]})
        return None
    if done:
        messages.success(request, done)
    return True if result is None else result


def _mark(request: HttpRequest, form: BaseForm | None, errors: dict[str, list[Any]]) -> None:
    for name, sentences in errors.items():
        for sentence in sentences:
            if form is None:
                messages.error(request, sentence)
            else:
                form.add_error(name if name in form.fields else None, str(sentence))
