"""Papers are handed in, checked, sent back, withdrawn; and what is still missing is named."""

import io
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from PIL import Image

from accounts.models import User
from core.devanagari import clean
from core.history import record
from core.periods import period
from core.refusals import Refusal
from core.wording import checked
from tenants.models import Paper, PaperKind, PaperStatus, Tenant, TenantKind
from tenants.registering import still_here

# What each kind of tenant must hand in before it trades; GST only binds those who hold a GSTIN.
REQUIRED: dict[str, frozenset[str]] = {
    TenantKind.ARTISAN: frozenset({PaperKind.IDENTITY, PaperKind.PEHCHAN, PaperKind.BANK}),
    TenantKind.SHG: frozenset({PaperKind.SHG_REGISTRATION, PaperKind.BANK, PaperKind.AUTHORITY}),
    TenantKind.COOPERATIVE: frozenset({PaperKind.REGISTRATION, PaperKind.PAN, PaperKind.BANK}),
    TenantKind.FPO: frozenset({PaperKind.REGISTRATION, PaperKind.PAN, PaperKind.BANK}),
    TenantKind.STATE_EMPORIUM: frozenset({PaperKind.AUTHORITY, PaperKind.PAN, PaperKind.BANK}),
    TenantKind.DISTRICT_ADMINISTRATION: frozenset({PaperKind.AUTHORITY}),
    TenantKind.PRIVATE_FIRM: frozenset({PaperKind.REGISTRATION, PaperKind.PAN, PaperKind.GST, PaperKind.BANK}),
}

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
MAX_PIXELS = 40_000_000


class FileRefused(Refusal):
    code = "file_refused"
    status = 400
    sentence = _("This file cannot be taken. Hand in a PDF, JPEG or PNG of at most 5 MB.")


class PaperAlreadyHandedIn(Refusal):
    code = "paper_already_handed_in"
    sentence = _("This very file has already been handed in as this kind of paper.")


class PaperNotWaiting(Refusal):
    code = "paper_not_waiting"
    sentence = _("This paper has already been checked, sent back or withdrawn.")


class OwnPaper(Refusal):
    code = "own_paper"
    status = 403
    sentence = _("Nobody checks a paper that they handed in themselves. Ask a colleague.")


@dataclass(frozen=True)
class CheckedFile:
    """A file whose content is what it says it is."""

    content: bytes
    content_type: str
    name: str


def check_file(upload: UploadedFile) -> CheckedFile:
    """Read an upload and decide by its content, never by its name, what it is.

    Pictures are decoded and written anew, so that nothing but pixels is kept (no EXIF place, no
    appended archive). A PDF is kept as it is and only ever served as a download. Raises FileRefused.
    """
    if upload.size is None or upload.size > settings.PAPER_MAX_BYTES:
        raise FileRefused(_("This file is larger than 5 MB. Scan it in a lower resolution."), field="file")
    content = upload.read()
    name = clean(PurePath((upload.name or "paper").replace("\\", "/")).name)[:150] or "paper"
    if content.startswith(b"%PDF-"):
        if b"%%EOF" not in content[-2048:]:
            raise FileRefused(_("This PDF is cut off. Save or scan it again."), field="file")
        return CheckedFile(content, PDF, name)
    return _redrawn(content, name)


def _redrawn(content: bytes, name: str) -> CheckedFile:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=("JPEG", "PNG"))
            if picture.width * picture.height > MAX_PIXELS:
                raise FileRefused(_("This picture has too many pixels. Scan it in a lower resolution."), field="file")
            kind = picture.format
            picture.load()
    except (
        OSError,
        ValueError,
        SyntaxError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ) as wrong:
        raise FileRefused(field="file") from wrong
    fresh = io.BytesIO()
    if kind == "JPEG":
        picture.convert("RGB").save(fresh, "JPEG", quality=88)
        return CheckedFile(fresh.getvalue(), JPEG, name)
    picture.convert("RGBA" if "A" in picture.getbands() else "RGB").save(fresh, "PNG", optimize=True)
    return CheckedFile(fresh.getvalue(), PNG, name)


@transaction.atomic
def hand_in(
    *,
    tenant: Tenant,
    kind: PaperKind | str,
    number: str,
    first: date,
    last: date | None,
    upload: UploadedFile,
    by: User,
    at: datetime,
) -> Paper:
    """Take a paper that is valid from `first` to `last`, both included; no `last`: for good.

    Raises FileRefused, PaperAlreadyHandedIn, TenantHasLeft, NotAcceptable.
    """
    file = check_file(upload)
    digest = sha256(file.content).hexdigest()
    still_here(tenant)
    if Paper.objects.kept().filter(tenant=tenant, kind=kind, digest=digest).exists():
        raise PaperAlreadyHandedIn(field="file")
    paper = Paper(
        tenant=tenant,
        kind=kind,
        number=clean(number),
        validity=period(first, last),
        file_name=file.name,
        content_type=file.content_type,
        size=len(file.content),
        digest=digest,
        submitted_by=by,
        submitted_at=at,
    )
    checked(paper, exclude=("file",))
    paper.file.save("paper", ContentFile(file.content), save=False)
    return record(paper, by=by)


@transaction.atomic
def verify(*, paper: Paper, by: User, at: datetime) -> Paper:
    """Confirm that a paper is genuine and says what it should. Raises PaperNotWaiting, OwnPaper."""
    paper = _waiting(paper)
    if paper.submitted_by_id == by.pk:
        raise OwnPaper
    paper.verified_by, paper.verified_at = by, at
    return record(paper, by=by)


@transaction.atomic
def send_back(*, paper: Paper, reason: str, by: User, at: datetime) -> Paper:
    """Refuse a paper, saying why, so that the tenant can mend it. Raises PaperNotWaiting, NotAcceptable."""
    paper = _waiting(paper)
    paper.returned_at, paper.return_reason = at, clean(reason)
    return record(checked(paper, exclude=("file",)), by=by, why=reason)


@transaction.atomic
def withdraw(*, paper: Paper, by: User, at: datetime, why: str = "") -> Paper:
    """Take a paper back: it counts no more, the file stays in the history. Raises PaperNotWaiting."""
    paper = Paper.objects.select_for_update(of=("self",)).get(pk=paper.pk)
    if paper.withdrawn_at is not None:
        raise PaperNotWaiting
    paper.withdrawn_at = at
    return record(paper, by=by, why=why)


def _waiting(paper: Paper) -> Paper:
    """The paper, locked. Raises PaperNotWaiting."""
    paper = Paper.objects.select_for_update(of=("self",)).get(pk=paper.pk)
    if paper.verified_at or paper.returned_at or paper.withdrawn_at:
        raise PaperNotWaiting
    return paper


@dataclass(frozen=True)
class Standing:
    """How a tenant's papers stand on a day: kinds of paper by what is the matter with them."""

    missing: tuple[PaperKind, ...]
    waiting: tuple[PaperKind, ...]
    expiring: tuple[PaperKind, ...]

    @property
    def code(self) -> str:
        """ "missing" before "waiting" before "expiring" before "complete": the worst speaks."""
        for name in ("missing", "waiting", "expiring"):
            if getattr(self, name):
                return name
        return "complete"

    @property
    def label(self) -> Any:
        return {
            "missing": _("papers missing"),
            "waiting": _("papers to be checked"),
            "expiring": _("papers expire soon"),
            "complete": _("papers complete"),
        }[self.code]


def standing(tenant: Tenant, papers: Iterable[Paper], day: date) -> Standing:
    """What is missing, waiting or about to expire among a tenant's required papers on `day`."""
    required = set(REQUIRED[tenant.kind])
    if tenant.gstin:
        required.add(PaperKind.GST)
    if tenant.fssai_no:
        required.add(PaperKind.FSSAI)
    found: dict[str, set[PaperStatus]] = {}
    for paper in papers:
        if paper.withdrawn_at is None:
            found.setdefault(paper.kind, set()).add(paper.status_on(day))
    sorted_out: dict[str, list[PaperKind]] = {"missing": [], "waiting": [], "expiring": []}
    for kind in sorted(required):
        states = found.get(kind, set())
        if PaperStatus.VALID in states:
            continue
        if PaperStatus.EXPIRING in states:
            sorted_out["expiring"].append(PaperKind(kind))
        elif PaperStatus.WAITING in states:
            sorted_out["waiting"].append(PaperKind(kind))
        else:
            sorted_out["missing"].append(PaperKind(kind))
    return Standing(**{name: tuple(kinds) for name, kinds in sorted_out.items()})
