"""The description of the API: for machines as OpenAPI, for people as a page that works without internet."""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views import View
from drf_spectacular.generators import SchemaGenerator
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.policy import public
from api.views.base import PUBLIC_FACTS, Endpoint


class OpenApiRenderer(JSONRenderer):
    """JSON under the name that descriptions go by; tightly written, a third of the indented size."""

    media_type = "application/vnd.oai.openapi+json"


class Description(Endpoint):
    """The OpenAPI description, in the reader's language."""

    policy = public("GET")
    renderer_classes = (OpenApiRenderer, JSONRenderer)
    caching = PUBLIC_FACTS
    schema = None  # it does not describe itself

    def get(self, request: Request) -> Response:
        return Response(_described(get_language() or "en"))


class Docs(View):
    """The page on which the API is read and tried out: Swagger UI, served from our own static files."""

    policy = public("GET")

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "api/docs.html")


@cache
def _described(language: str) -> Any:
    """Made once per process and language: it changes only with the code."""
    return SchemaGenerator().get_schema(request=None, public=True)
