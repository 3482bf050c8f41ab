"""What a phone noted without a network is entered; what could not be entered is looked at; the service worker."""

import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.templatetags.static import static
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views import View

from accounts.policy import Policy, public
from accounts.roles import Right
from inventory import facts
from inventory.models import FactKind, FactStatus, Location, Product, ScannedFact
from web.forms.shop import SettleForm
from web.views.base import attempt, fetch, page_of
from web.views.shop_frame import ShopPage, shops_today
from web.views.tenant_frame import tenant_for

AT_MOST = 200  # facts in one sending
LARGEST = 256 * 1024  # bytes of one sending
SHELL = (
    "css/fonts.css", "css/tokens.css", "css/elements.css", "css/shell.css", "css/controls.css", "css/content.css",
    "css/maps.css", "css/print.css", "css/shop.css", "js/app.js", "js/scan.js", "js/queue.js", "js/shop-form.js",
    "vendor/idb.js", "vendor/zxing-reader.js", "vendor/zxing_reader.wasm", "django_htmx/htmx-2.min.js",
    "img/icons.svg", "img/mark.svg", "img/border.svg", "img/chevron.svg", "img/cloth.svg",
    "vendor/fonts/noto-sans-devanagari-devanagari-400-normal.woff2",
    "vendor/fonts/noto-sans-devanagari-devanagari-600-normal.woff2",
    "vendor/fonts/noto-sans-devanagari-devanagari-700-normal.woff2",
    "vendor/fonts/noto-sans-latin-400-normal.woff2", "vendor/fonts/noto-sans-latin-600-normal.woff2",
    "vendor/fonts/noto-sans-latin-700-normal.woff2",
)  # fmt: skip


class NotSaid(ValueError):
    """What arrived is not a list of facts."""


class ShopFacts(ShopPage):
    """The phone asks who is signed in, and sends what it noted. Each fact is answered under its own id."""

    policy = Policy({"GET": Right.HANDLE_STOCK, "POST": Right.HANDLE_STOCK}, object_of="tenant")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant_for(request, Right.HANDLE_STOCK, pk)
        return JsonResponse({"person": str(request.user.pk), "token": get_token(request)})

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.HANDLE_STOCK, pk)
        try:
            person, said = _read(request)
        except NotSaid as wrong:
            return JsonResponse({"code": "not_understood", "detail": str(wrong)}, status=400)
        if person != str(request.user.pk):
            # What one person noted is never entered in the name of another who uses the same phone.
            return JsonResponse({"code": "another_person"}, status=409)
        entered = facts.replay(
            tenant=tenant,
            said=said,
            by=request.user,  # type: ignore[arg-type]
            now=timezone.now(),
            shops=shops_today(tenant),
        )
        return JsonResponse({"facts": [_answer(one.uid, fact) for one, fact in zip(said, entered, strict=True)]})


def _answer(uid: uuid.UUID, fact: ScannedFact) -> dict[str, Any]:
    said = {"uid": str(uid), "status": fact.status, "code": fact.problem_code, "sentence": facts.problem_of(fact)}
    return said | ({"movement": fact.movement_id} if fact.movement_id else {})


def _read(request: HttpRequest) -> tuple[str, list[facts.Said]]:
    """The person whose facts these are, and the facts in order. Raises NotSaid."""
    if request.content_type != "application/json":
        raise NotSaid("application/json is expected")
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST or len(request.body) > LARGEST:
        raise NotSaid("too large: send fewer facts at once")
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError) as wrong:
        raise NotSaid("this is not JSON") from wrong
    if not isinstance(body, dict) or set(body) != {"person", "facts"} or not isinstance(body["facts"], list):
        raise NotSaid("an object with person and facts is expected")
    if len(body["facts"]) > AT_MOST:
        raise NotSaid(f"at most {AT_MOST} facts at once")
    return str(body["person"]), [_fact(one) for one in body["facts"]]


def _fact(one: Any) -> facts.Said:
    if not isinstance(one, Mapping) or set(one) != {"uid", "kind", "happened_at", "body"}:
        raise NotSaid("a fact has uid, kind, happened_at and body")
    if one["kind"] not in FactKind.values or not isinstance(one["body"], dict):
        raise NotSaid("a fact has a known kind, and a body that is an object")
    try:
        uid, happened_at = uuid.UUID(one["uid"]), parse_datetime(one["happened_at"])
    except (ValueError, TypeError, AttributeError) as wrong:
        raise NotSaid("uid is a UUID, happened_at a moment") from wrong
    if not isinstance(happened_at, datetime) or happened_at.tzinfo is None:
        raise NotSaid("happened_at is a moment with its time zone")
    return facts.Said(uid=uid, kind=one["kind"], happened_at=happened_at, body=one["body"])


class ShopReview(ShopPage):
    """What phones noted and the ledger could not take: what was said, what stands against it, what to do."""

    policy = Policy({"GET": Right.HANDLE_STOCK}, object_of="tenant")
    template = "shop/review.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.HANDLE_STOCK, pk)
        rows = ScannedFact.objects.visible_to(request.user, Right.HANDLE_STOCK).filter(tenant=tenant)
        page = page_of(request, rows.to_review().select_related("sent_by").order_by("received_at", "pk"))
        settled = rows.exclude(settled_at=None).select_related("sent_by", "settled_by").order_by("-settled_at")
        return self.show_shop(
            request, tenant, page_obj=page, facts=_told(list(page), tenant.pk), settled=list(settled[:10])
        )


def _told(conflicts: list[ScannedFact], tenant: int) -> list[dict[str, Any]]:
    """Each conflict in words: the goods by name where they are known, the place, the quantity."""
    keys = {str(fact.said.get("product")) for fact in conflicts if isinstance(fact.said, dict)}
    numbers = [int(key) for key in keys if key.isascii() and key.isdigit() and len(key) <= 18]
    names = {product.pk: product for product in Product.objects.filter(tenant=tenant, pk__in=numbers)}
    shops = {str(shop.pk): shop for shop in Location.objects.filter(pk__in=_numbers(conflicts, "shop"))}
    told = []
    for fact in conflicts:
        said = fact.said if isinstance(fact.said, dict) else {}
        key = str(said.get("product"))
        told.append(
            {
                "fact": fact,
                "product": names.get(int(key)) if key.isascii() and key.isdigit() else None,
                "code": said.get("code") or said.get("order") or said.get("lot") or "",
                "quantity": said.get("quantity", said.get("difference", "")),
                "shop": shops.get(str(said.get("shop"))),
                "problem": facts.problem_of(fact),
                "form": SettleForm(auto_id=f"fact-{fact.pk}-%s"),
                "has_quantity": "quantity" in said,
                "has_code": "code" in said,
            }
        )
    return told


def _numbers(conflicts: list[ScannedFact], name: str) -> list[int]:
    found = {str(fact.said.get(name)) for fact in conflicts if isinstance(fact.said, dict)}
    return [int(key) for key in found if key.isascii() and key.isdigit() and len(key) <= 18]


class ShopSettle(ShopPage):
    """A conflict is entered anew, changed or not, or laid aside with a note."""

    policy = Policy({"POST": Right.HANDLE_STOCK}, object_of="fact")

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        rows = ScannedFact.objects.visible_to(request.user, Right.HANDLE_STOCK)
        fact = fetch(rows.select_related("tenant"), pk=pk)
        form = SettleForm(request.POST)
        back = redirect("shop-review", fact.tenant_id)
        if not form.is_valid():
            self._complain(request, next(iter(form.errors.values()))[0])
            return back
        said, now = form.cleaned_data, timezone.now()
        if request.POST.get("deed") == "dismiss":
            attempt(
                request,
                None,
                lambda: facts.dismiss(fact=fact, by=request.user, now=now, note=said["note"]),  # type: ignore[arg-type]
                _("Laid aside with your note. Nothing has moved."),
            )
            return back
        changes = {name: str(said[name]) for name in ("quantity", "code") if said.get(name)}
        done = attempt(
            request,
            None,
            lambda: facts.retry(
                fact=fact,
                by=request.user,  # type: ignore[arg-type]
                now=now,
                shops=shops_today(fact.tenant),
                changes=changes or None,
            ),
        )
        if done:
            self._tell(request, done)
        return back

    def _complain(self, request: HttpRequest, sentence: Any) -> None:
        messages.error(request, sentence)

    def _tell(self, request: HttpRequest, fact: ScannedFact) -> None:
        if fact.status == FactStatus.POSTED:
            messages.success(request, _("Entered."))
        else:
            messages.error(request, facts.problem_of(fact))


class ServiceWorker(View):
    """The script that keeps the shop's pages on the phone. Its name changes nothing; its contents are versioned."""

    policy = public()

    def get(self, request: HttpRequest) -> HttpResponse:
        path = finders.find("js/shop-worker.js")
        if not isinstance(path, str):
            path = str(settings.BASE_DIR / "static/js/shop-worker.js")
        with open(path, encoding="utf-8") as file:
            script = file.read()
        shell = [static(name) for name in SHELL]
        version = sha256((script + "".join(shell)).encode()).hexdigest()[:12]
        text = f"const VERSION = {json.dumps(version)};\nconst SHELL = {json.dumps(shell)};\n{script}"
        return HttpResponse(
            text,
            content_type="text/javascript; charset=utf-8",
            headers={"Cache-Control": "no-cache", "Service-Worker-Allowed": "/"},
        )
