"""What all addresses of the API share: who comes in, what is asked and answered, one answer per write."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.http.response import HttpResponseBase
from django.utils import timezone
from django_filters import FilterSet
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from accounts.policy import Policy
from api.etags import conditional
from api.fields import Nothing
from api.filtering import refuse_unknown
from api.idempotency import KeyMissing, answer_once, key_for_the_books, key_in
from inventory.ledger import again

PUBLIC_FACTS = "public, max-age=3600"


class Endpoint(APIView):
    """An address of the API: parse, fetch `visible_to` the actor, one call, answer.

    `policy` says who may use which method; `asks` and `answers` name the serializer per method, for the
    handlers as for the documentation.
    """

    keys_open_it = True
    policy: Policy
    asks: ClassVar[Mapping[str, type[Serializer[Any]]]] = {}
    answers: ClassVar[Mapping[str, type[Serializer[Any]] | None]] = {}
    # A GET answers a page of rows; a POST answers 201.
    lists: ClassVar[bool] = False
    creates: ClassVar[bool] = False
    # Parameters of the address beyond filters and pages: name -> schema.
    parameters: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    # An example of what to send, per method, for the documentation.
    examples: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    filterset_class: ClassVar[type[FilterSet] | None] = None
    ordering_fields: ClassVar[tuple[str, ...]] = ()
    caching: ClassVar[str] = "private, no-cache"
    # Members of answers that are shown once and never remembered.
    secrets: ClassVar[tuple[str, ...]] = ()
    # A write that must not happen twice by mistake is refused without an Idempotency-Key.
    needs_key: ClassVar[bool] = False

    @property
    def actor(self) -> Any:
        return self.request.user

    @property
    def today(self) -> date:
        return timezone.localdate()

    @property
    def now(self) -> datetime:
        return timezone.now()

    # What comes in

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Who, how often, whether at all, with what parameters: in this order, before any row is fetched."""
        self.format_kwarg = None
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(request)
        try:
            self.perform_authentication(request)
        finally:
            self.check_throttles(request)  # wrong keys count too
        self.check_permissions(request)
        refuse_unknown(request, self.known_parameters())

    def known_parameters(self) -> set[str]:
        known = set(self.parameters)
        if self.lists and self.request.method in SAFE_METHODS:
            known |= {"page", "page_size"}
            known |= set(self.filterset_class.base_filters) if self.filterset_class else set()
            known |= {"ordering"} if self.ordering_fields else set()
        return known

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """As DRF's, with each write answered once."""
        self.args, self.kwargs = args, kwargs
        self.request = self.initialize_request(request, *args, **kwargs)
        self.headers = self.default_response_headers
        try:
            self.initial(self.request, *args, **kwargs)
            method = (request.method or "").lower()
            handler = getattr(self, method, None) if method in self.http_method_names else None
            handler = handler or self.http_method_not_allowed
            response = self.once(lambda: handler(self.request, *args, **kwargs))
        except Exception as exc:
            response = self.handle_exception(exc)
        self.response = self.finalize_response(self.request, response, *args, **kwargs)
        return self.response

    def once(self, work: Callable[[], Response]) -> Response:
        """Do the work of a write once per key; what keeps its own keys says so by overriding this."""

        def answer() -> Response:
            return answer_once(self.request, work, conceal=self.secrets, is_needed=self.needs_key)

        # Writes of goods may stand in each other's way; then the whole of it is done anew.
        return again(answer) if self.needs_key and self.request.method not in SAFE_METHODS else answer()

    @property
    def write_key(self) -> str:
        """The caller's Idempotency-Key as the ledger keeps it. Raises KeyMissing, BadKey."""
        key = key_in(self.request, is_needed=True)
        if key is None:
            raise KeyMissing
        return key_for_the_books(self.actor.actor_key, key)

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Which methods the address knows: the Allow header that every answer carries."""
        return Response(status=204)

    def entry(self, *, partial: bool = False) -> dict[str, Any]:
        """What was sent, checked. Raises ValidationError."""
        form = self.asks.get(self.request.method or "", Nothing)(
            data=self.request.data, partial=partial, context=self.context()
        )
        form.is_valid(raise_exception=True)
        return form.validated_data

    # What is fetched

    def find(self, rows: QuerySet[Any], **key: Any) -> Any:
        """One of the rows that the actor may see; a foreign one is as absent as one that never was."""
        try:
            return rows.get(**key)
        except (rows.model.DoesNotExist, ValueError, OverflowError) as absent:
            raise Http404 from absent

    # What goes out

    def context(self) -> dict[str, Any]:
        return {"request": self.request, "today": self.today}

    def shown(self, thing: Any, **options: Any) -> Any:
        """The thing as GET shows it, or as this method does where it has its own shape."""
        shape: Any = self.answers.get(self.request.method or "") or self.answers["GET"]
        return shape(thing, context=self.context(), **options).data

    def answer(self, thing: Any) -> Response:
        created = self.creates and self.request.method == "POST"
        return Response(self.shown(thing), status=201 if created else 200)

    def page(self, rows: QuerySet[Any], row: Callable[[Any], Any] | None = None) -> Response:
        """The page of the rows that was asked for, filtered and ordered; the key breaks ties.

        `row` writes one row of `values()` as the shape describes it, where a long list has no time for serializers.
        """
        backends: Any = api_settings.DEFAULT_FILTER_BACKENDS
        for backend in backends:
            rows = backend().filter_queryset(self.request, rows, self)
        rows = rows.order_by(*(rows.query.order_by or rows.model._meta.ordering), "pk")
        paginator: Any = api_settings.DEFAULT_PAGINATION_CLASS
        pages = paginator()
        found = pages.paginate_queryset(rows, self.request, view=self)
        shown = [row(it) for it in found or ()] if row else self.shown(found, many=True)
        return pages.get_paginated_response(shown)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        if isinstance(response, Response) and request.method in ("GET", "HEAD") and response.status_code == 200:
            response.headers.setdefault("Cache-Control", self.caching)
            response.add_post_render_callback(lambda rendered: conditional(request, rendered))
        else:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response
