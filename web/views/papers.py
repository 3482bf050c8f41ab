"""Papers: handed in by a tenant, checked by the mall, served only to who may see them."""

import logging
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import PurePath
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.policy import Policy
from accounts.roles import Right
from core.devanagari import clean
from core.indian_format import day as shown_day
from core.periods import last_day
from core.timeline import Source, timeline
from tenants.models import Paper, PaperKind, PaperStatus, Tenant
from tenants.paperwork import JPEG, PDF, PNG, hand_in, send_back, standing, verify, withdraw
from web.finding import name_holds
from web.forms.tenancy import PaperFilter, PaperForm, SendBackForm, WhyForm
from web.views.base import Page, attempt, fetch, page_of
from web.views.tenant_frame import ConfirmPage, FormPage, abilities, frame, tenant_for

log = logging.getLogger(__name__)

SOON = timedelta(days=30)
ENDINGS = {PDF: ".pdf", JPEG: ".jpg", PNG: ".png"}
PICTURES = (JPEG, PNG)


@dataclass(frozen=True)
class Line:
    """One paper in a list: with what it is worth today."""

    paper: Paper
    state: str
    state_label: Any


def line(paper: Paper, today: date) -> Line:
    if paper.withdrawn_at:
        return Line(paper, "withdrawn", _("withdrawn"))
    status = paper.status_on(today)
    return Line(paper, status.value, status.label)


def paper_for(request: HttpRequest, right: Right, pk: int) -> Paper:
    """The paper, where the reader holds `right` over its tenant; else 404."""
    rows = Paper.objects.visible_to(request.user, right)
    return fetch(rows.select_related("tenant", "submitted_by", "verified_by"), pk=pk)


class TenantPapers(Page):
    """All papers of a tenant, and what is still missing."""

    policy = Policy({"GET": Right.SEE_TENANTS}, object_of="tenant")
    template = "tenants/papers.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.SEE_TENANTS, pk)
        today = timezone.localdate()
        papers = list(Paper.objects.visible_to(request.user).kept().filter(tenant=tenant))
        return self.show(
            request,
            **frame(request, tenant, "tenant-papers"),
            lines=[line(paper, today) for paper in papers],
            papers=standing(tenant, papers, today),
        )


class PaperHandIn(FormPage):
    """A paper is handed in."""

    policy = Policy({"GET": Right.SUBMIT_PAPERS, "POST": Right.SUBMIT_PAPERS}, object_of="tenant")
    template = "tenants/hand_in.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.SUBMIT_PAPERS, pk)
        asked = request.GET.get("kind")
        return self._ask(request, tenant, initial={"kind": asked} if asked in PaperKind.values else None)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.SUBMIT_PAPERS, pk)
        form = self._form(request, tenant, data=request.POST, files=request.FILES)
        if form.is_valid() and attempt(
            request,
            form,
            lambda: hand_in(
                tenant=tenant,
                kind=form.cleaned_data["kind"],
                number=form.cleaned_data["number"],
                first=form.cleaned_data["first"],
                last=form.cleaned_data["last"],
                upload=form.cleaned_data["file"],
                by=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
            ),
            _("The paper is handed in. The mall will check it."),
        ):
            return redirect("tenant-papers", tenant.pk)
        return self._ask(request, tenant, form=form)

    def _form(self, request: HttpRequest, tenant: Tenant, **kwargs: Any) -> PaperForm:
        today = timezone.localdate()
        papers = list(Paper.objects.visible_to(request.user, Right.SUBMIT_PAPERS).kept().filter(tenant=tenant))
        return PaperForm(standing=standing(tenant, papers, today), have=_already_there(papers, today), **kwargs)

    def _ask(self, request: HttpRequest, tenant: Tenant, form: PaperForm | None = None, **kwargs: Any) -> HttpResponse:
        form = form or self._form(request, tenant, **kwargs)
        return self.ask(
            request,
            form,
            tenant=tenant,
            papers=form.standing,
            back=reverse("tenant-papers", args=[tenant.pk]),
        )


def _already_there(papers: list[Paper], today: date) -> dict[str, str]:
    """Kind of paper -> what the tenant already has of it."""
    have: dict[str, str] = {}
    for paper in papers:
        status = paper.status_on(today)
        if status in (PaperStatus.VALID, PaperStatus.EXPIRING):
            end = last_day(paper.validity)
            have[paper.kind] = _("valid to %(day)s") % {"day": shown_day(end)} if end else _("valid")
        elif status == PaperStatus.WAITING:
            have.setdefault(paper.kind, str(status.label))
    return have


class PaperShow(Page):
    """One paper: its facts beside its picture, and what can be done with it."""

    policy = Policy({"GET": Right.SEE_TENANTS}, object_of="paper")
    template = "tenants/paper.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        paper = paper_for(request, Right.SEE_TENANTS, pk)
        today = timezone.localdate()
        can = abilities(request, paper.tenant)
        waiting = not paper.withdrawn_at and paper.status_on(today) == PaperStatus.WAITING
        history = timeline([Source(Paper.history.filter(id=paper.pk))]) if can["see_history"] else None
        return self.show(
            request,
            line=line(paper, today),
            paper=paper,
            tenant=paper.tenant,
            can=can,
            is_picture=paper.content_type in PICTURES,
            may_check=waiting and can["check_papers"],
            is_own=paper.submitted_by_id == request.user.pk,
            entries=history.get_page(1).object_list if history else None,
        )


class PaperFile(Page):
    """The file itself: a download; a picture also inside the page. Nothing in it may run."""

    policy = Policy({"GET": Right.SEE_TENANTS}, object_of="paper")

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        paper = paper_for(request, Right.SEE_TENANTS, pk)
        try:
            content = paper.file.open("rb")
        except FileNotFoundError as lost:
            log.error("the file of paper %s is lost: %s", paper.pk, paper.file.name)
            raise Http404 from lost
        inline = paper.content_type in PICTURES and request.GET.get("inline") == "1"
        # The name is the tenant's, the ending is ours: it must not open as anything but what was checked.
        name = PurePath(paper.file_name).stem[:100] + ENDINGS.get(paper.content_type, ".bin")
        return FileResponse(
            content,
            as_attachment=not inline,
            filename=name,
            content_type=paper.content_type,
            headers={
                "Content-Security-Policy": "sandbox; default-src 'none'",
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "private, no-store",
            },
        )


class PaperVerify(Page):
    """A paper is confirmed. Pressed on the paper's page, with the paper in view."""

    policy = Policy({"POST": Right.VERIFY_PAPERS}, object_of="paper")

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        paper = paper_for(request, Right.VERIFY_PAPERS, pk)
        done = attempt(
            request,
            None,
            lambda: verify(paper=paper, by=request.user, at=timezone.now()),  # type: ignore[arg-type]
            _("Confirmed: %(paper)s of %(tenant)s.") % {"paper": paper.get_kind_display(), "tenant": paper.tenant},
        )
        return redirect("papers-waiting") if done else redirect("paper", paper.pk)


class PaperSendBack(ConfirmPage):
    """A paper is sent back with the reason."""

    policy = Policy({"GET": Right.VERIFY_PAPERS, "POST": Right.VERIFY_PAPERS}, object_of="paper")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._ask(request, paper_for(request, Right.VERIFY_PAPERS, pk), SendBackForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        paper = paper_for(request, Right.VERIFY_PAPERS, pk)
        form = SendBackForm(request.POST)
        if form.is_valid() and attempt(
            request,
            form,
            lambda: send_back(
                paper=paper,
                reason=form.cleaned_data["reason"],
                by=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
            ),
            _("Sent back: %(paper)s of %(tenant)s.") % {"paper": paper.get_kind_display(), "tenant": paper.tenant},
        ):
            return redirect("papers-waiting")
        return self._ask(request, paper, form)

    def _ask(self, request: HttpRequest, paper: Paper, form: SendBackForm) -> HttpResponse:
        return self.ask(
            request,
            form,
            tenant=paper.tenant,
            heading=_("Send a paper back"),
            question=_("Send back: %(paper)s of %(tenant)s?")
            % {"paper": paper.get_kind_display(), "tenant": paper.tenant},
            consequence=_("The tenant is asked to hand it in anew."),
            submit=_("Send back"),
            back=reverse("paper", args=[paper.pk]),
        )


class PaperWithdraw(ConfirmPage):
    """A paper is taken back."""

    policy = Policy({"GET": Right.SUBMIT_PAPERS, "POST": Right.SUBMIT_PAPERS}, object_of="paper")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._ask(request, paper_for(request, Right.SUBMIT_PAPERS, pk), WhyForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        paper = paper_for(request, Right.SUBMIT_PAPERS, pk)
        form = WhyForm(request.POST)
        if form.is_valid() and attempt(
            request,
            form,
            lambda: withdraw(
                paper=paper,
                by=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
                why=form.cleaned_data["why"],
            ),
            _("The paper is withdrawn."),
        ):
            return redirect("tenant-papers", paper.tenant_id)
        return self._ask(request, paper, form)

    def _ask(self, request: HttpRequest, paper: Paper, form: WhyForm) -> HttpResponse:
        return self.ask(
            request,
            form,
            tenant=paper.tenant,
            heading=_("Withdraw a paper"),
            question=_("Withdraw this paper: %(paper)s?") % {"paper": paper},
            consequence=_("It counts no more, even if it was confirmed. The history keeps it."),
            submit=_("Yes, withdraw"),
            back=reverse("paper", args=[paper.pk]),
        )


class PapersWaiting(Page):
    """The queue of the office: papers to check, oldest first; papers about to expire; papers that have."""

    policy = Policy({"GET": Right.VERIFY_PAPERS})
    template = "tenants/papers_waiting.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        today = timezone.localdate()
        form = PaperFilter(request.GET)
        form.is_valid()
        papers = Paper.objects.visible_to(request.user, Right.VERIFY_PAPERS).filter(tenant__closed_date=None)
        queues = {
            "waiting": (_("To check"), papers.waiting().order_by("submitted_at", "pk")),
            "expiring": (_("Expire soon"), expiring(papers, today)),
            "expired": (_("Expired"), expired(papers, today)),
        }
        tab = form.cleaned_data.get("tab")
        tab = tab if tab in queues else "waiting"
        found = narrowed(queues[tab][1], form.cleaned_data)
        page = page_of(request, found.select_related("tenant", "submitted_by"))
        return self.show(
            request,
            form=form,
            tab=tab,
            tabs=[
                {
                    "label": label,
                    "url": f"{reverse('papers-waiting')}?tab={name}",
                    "current": name == tab,
                    "count": rows.count(),
                }
                for name, (label, rows) in queues.items()
            ],
            page_obj=page,
            lines=[line(paper, today) for paper in page],
            narrowed=bool(form.cleaned_data.get("q") or form.cleaned_data.get("kind")),
        )


def expiring(papers: Any, today: date) -> Any:
    """Papers that hold today but not for long, with none to follow them; the first to end first."""
    soon = papers.valid_on(today).filter(validity__endswith__lte=today + SOON)
    return soon.exclude(_outlived()).order_by("validity__endswith", "pk")


def expired(papers: Any, today: date) -> Any:
    """Papers that held once and were never renewed; the longest ended last."""
    ended = papers.kept().filter(verified_at__isnull=False, validity__endswith__lte=today)
    return ended.exclude(_outlived()).order_by("-validity__endswith", "pk")


def _outlived() -> Exists:
    """Whether the same tenant has a confirmed paper of the same kind that ends later, or never."""
    same = Paper.objects.kept().filter(tenant=OuterRef("tenant"), kind=OuterRef("kind"), verified_at__isnull=False)
    return Exists(same.filter(Q(validity__endswith=None) | Q(validity__endswith__gt=OuterRef("validity__endswith"))))


def narrowed(papers: Any, wanted: dict[str, Any]) -> Any:
    """The papers that the filter form asks for."""
    for word in clean(wanted.get("q") or "").split():
        papers = papers.filter(name_holds(word, path="tenant__") | Q(number__icontains=word))
    return papers.filter(kind=wanted["kind"]) if wanted.get("kind") else papers
