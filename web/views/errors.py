"""Pages for what went wrong. `config.errors` sends everything outside the API here."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string


def unreadable(request: HttpRequest) -> HttpResponse:
    """400: what was sent could not be read."""
    return render(request, "400.html", status=400)


def not_allowed(request: HttpRequest) -> HttpResponse:
    """403: the reader's role does not include it."""
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest) -> HttpResponse:
    """404: nothing there, or nothing that the reader may see."""
    return render(request, "404.html", status=404)


def broken(_request: HttpRequest) -> HttpResponse:
    """500: our fault. The page asks for nothing that could break again."""
    return HttpResponse(render_to_string("500.html"), status=500)


def closed(_request: HttpRequest) -> HttpResponse:
    """503: the database does not answer just now."""
    return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": "30"})


def form_expired(request: HttpRequest) -> HttpResponse:
    """403: the form does not come from a page of ours that is still fresh."""
    return render(request, "403_csrf.html", status=403)
