"""Papers: handed in, read, checked, sent back, withdrawn. Files go only to those who may see the paper."""

import logging
from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.http import FileResponse, Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.policy import Policy
from accounts.roles import Right
from api.fields import Entry, Lasting, Nothing, Period, Why
from api.filtering import YesNo
from api.parsing import StrictFormParser
from api.shapes import PersonNameShape, Shape, TenantNameShape
from api.views.base import Endpoint
from tenants.models import Paper, PaperKind, Tenant
from tenants.paperwork import hand_in, send_back, verify, withdraw

log = logging.getLogger(__name__)

WITHDRAWN = "withdrawn"


class PaperShape(Shape):
    id = serializers.IntegerField()
    tenant = TenantNameShape()
    kind = serializers.ChoiceField(PaperKind.choices)
    number = serializers.CharField()
    validity = Period()
    status = serializers.SerializerMethodField(help_text="Derived for today.")
    file_name = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField(help_text="bytes")
    digest = serializers.CharField(help_text="SHA-256 of the file")
    submitted_by = PersonNameShape()
    submitted_at = serializers.DateTimeField()
    verified_by = PersonNameShape(allow_null=True)
    verified_at = serializers.DateTimeField(allow_null=True)
    returned_at = serializers.DateTimeField(allow_null=True)
    return_reason = serializers.CharField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)

    def get_status(self, paper: Paper) -> str:
        return WITHDRAWN if paper.withdrawn_at else str(paper.status_on(self.context["today"]))


class PaperEntry(Lasting):
    kind = serializers.ChoiceField(PaperKind.choices)
    number = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)
    file = serializers.FileField(help_text="PDF, JPEG or PNG of at most 5 MB")


class PaperFilters(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(choices=PaperKind.choices, label=_("kind"))
    kept = YesNo("withdrawn_at", lookup_expr="isnull", label=_("has not been withdrawn"))


class TenantPapers(Endpoint):
    """The papers of a tenant; POST hands one in, as multipart/form-data."""

    policy = Policy({"GET": Right.SEE_TENANTS, "POST": Right.SUBMIT_PAPERS}, object_of="tenant")
    parser_classes = (StrictFormParser,)
    asks: ClassVar[Any] = {"POST": PaperEntry}
    answers: ClassVar[Any] = {"GET": PaperShape, "POST": PaperShape}
    lists = creates = True
    filterset_class = PaperFilters
    ordering_fields = ("kind", "submitted_at")

    def get(self, request: Request, pk: int) -> Response:
        tenant = self.find(Tenant.objects.visible_to(self.actor), pk=pk)
        return self.page(whole_papers(self).filter(tenant=tenant))

    def post(self, request: Request, pk: int) -> Response:
        """Hand in a paper, as multipart/form-data."""
        tenant = self.find(Tenant.objects.visible_to(self.actor, Right.SUBMIT_PAPERS), pk=pk)
        entry = self.entry()
        upload = entry.pop("file")
        return self.answer(hand_in(tenant=tenant, upload=upload, by=self.actor, at=self.now, **entry))


class OnePaper(Endpoint):
    """A paper."""

    policy = Policy({"GET": Right.SEE_TENANTS}, object_of="paper")
    answers: ClassVar[Any] = {"GET": PaperShape}

    def get(self, request: Request, pk: int) -> Response:
        return self.answer(self.find(whole_papers(self), pk=pk))


class AnyFormat(BaseContentNegotiation):
    """A file is what it is, whatever the caller would rather have."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class PaperFile(Endpoint):
    """The file of a paper, always as a download."""

    policy = Policy({"GET": Right.SEE_TENANTS}, object_of="paper")
    content_negotiation_class = AnyFormat
    answers: ClassVar[Any] = {"GET": Nothing}
    answers_files = "application/octet-stream"

    def get(self, request: Request, pk: int) -> FileResponse:
        paper = self.find(Paper.objects.visible_to(self.actor), pk=pk)
        try:
            content = paper.file.open("rb")
        except FileNotFoundError as lost:
            log.error("the file of paper %s is not where it was put", paper.pk)
            raise Http404 from lost
        response = FileResponse(content, as_attachment=True, filename=paper.file_name, content_type=paper.content_type)
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return response


class VerifyPaper(Endpoint):
    """Confirm that a paper is genuine. Nobody checks a paper that they handed in."""

    policy = Policy({"POST": Right.VERIFY_PAPERS}, object_of="paper")
    asks: ClassVar[Any] = {"POST": Nothing}
    answers: ClassVar[Any] = {"POST": PaperShape}

    def post(self, request: Request, pk: int) -> Response:
        paper = self.find(Paper.objects.visible_to(self.actor, Right.VERIFY_PAPERS), pk=pk)
        self.entry()
        return self.answer(verify(paper=paper, by=self.actor, at=self.now))


class SendBackEntry(Entry):
    reason = serializers.CharField(max_length=300, help_text="What the tenant must mend.")


class SendBackPaper(Endpoint):
    """Send a paper back to the tenant, saying why."""

    policy = Policy({"POST": Right.VERIFY_PAPERS}, object_of="paper")
    asks: ClassVar[Any] = {"POST": SendBackEntry}
    answers: ClassVar[Any] = {"POST": PaperShape}

    def post(self, request: Request, pk: int) -> Response:
        paper = self.find(Paper.objects.visible_to(self.actor, Right.VERIFY_PAPERS), pk=pk)
        return self.answer(send_back(paper=paper, by=self.actor, at=self.now, **self.entry()))


class WithdrawPaper(Endpoint):
    """Take a paper back: it counts no more."""

    policy = Policy({"POST": Right.SUBMIT_PAPERS}, object_of="paper")
    asks: ClassVar[Any] = {"POST": Why}
    answers: ClassVar[Any] = {"POST": PaperShape}

    def post(self, request: Request, pk: int) -> Response:
        paper = self.find(Paper.objects.visible_to(self.actor, Right.SUBMIT_PAPERS), pk=pk)
        return self.answer(withdraw(paper=paper, by=self.actor, at=self.now, **self.entry()))


def whole_papers(view: Endpoint) -> QuerySet[Paper]:
    return Paper.objects.visible_to(view.actor).select_related("tenant", "submitted_by", "verified_by")
