"""Every page in a real browser: readable by all (axe, WCAG 2.1 AA), in both languages, on a phone and a desk.

The pages are asked of Django, so that a new page is looked at without anyone adding it here.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from accounts.policy import Everyone
from accounts.roles import Right
from demo.filling import PASSWORD
from tests.serving import served_mall
from tests.walking import OURS, Route

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

OF_TENANT = {
    "tenant", "paper", "membership", "product", "lot", "movement", "receipt", "transfer", "count", "adjustment", "fact",
    "sheet",
}  # fmt: skip
SIZES = {"phone": (360, 740), "desk": (1440, 900)}
AXE = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]},
    "resultTypes": ["violations"],
}
CHROMIUM = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip

ROWS = """
import json, django
django.setup()
from accounts.keys import issue_key
from accounts.models import Device, User
from leases.models import Lease
from mall.models import Unit, UnitBlock
from tenants.models import *
from inventory.models import *
from tenants.members import invite, token_of
from accounts.roles import DeviceKind, StaffRole
from accounts.people import register_device
from django.utils import timezone
admin = User.objects.get(username="admin")
shopkeeper = Membership.objects.filter(
    ended_at=None, role="owner", tenant__in=TransferOrder.objects.exclude(handed_over_at=None).values("tenant")
).order_by("tenant").first()
chanderi = shopkeeper.tenant
paper = Paper.objects.filter(tenant=chanderi).order_by("pk").first()
now = timezone.now()
invitation = invite(tenant=chanderi, role="staff", full_name="मीना", email="meena@example.in", by=admin, at=now)
device = register_device(kind=DeviceKind.KIOSK, name="Kiosk 1", by=admin)
key = issue_key(holder=device, label="first").key
own_key = issue_key(holder=admin, label="own").key
member = Membership.objects.filter(tenant=chanderi).order_by("role").first()
unit = Unit.objects.filter(leases__tenant=chanderi).first()
gi = GiAuthorisation.objects.filter(tenant=chanderi).first() or GiAuthorisation.objects.first()
at = shopkeeper.tenant
def first(model, **where):
    found = model.objects.filter(tenant=at, **where).first() or model.objects.filter(**where).first()
    return (found or model.objects.first()).pk
sheet = SheetImport.objects.create(
    tenant=at, kind="catalogue", file="sheets/none.xlsx", file_name="maal.xlsx", size=1, digest="0" * 64,
    handed_in_by=shopkeeper.user, handed_in_at=now, status="checked", rows=3, rows_done=3, new=1, faulty=2)
SheetRow.objects.create(sheet=sheet, row_no=5, verdict="faulty", errors=[
    {"cell": "D5", "column": "price", "found": "abc", "code": "not_a_number", "expected": "1200.50"}])
goods = {
    "product": first(Product), "lot": first(Lot), "movement": first(Movement), "receipt": first(GoodsReceipt),
    "transfer": first(TransferOrder), "count": first(CycleCount), "adjustment": first(Adjustment),
    "fact": first(ScannedFact), "sheet": sheet.pk, "place": Location.objects.bins().first().pk,
    "line": TransferLine.objects.filter(order=first(TransferOrder)).first().pk,
    "sale": first(Movement, kind="sale"), "picture": (Picture.objects.first() or Picture()).pk,
}
waiting = Paper.objects.filter(verified_at=None, returned_at=None).order_by("pk").first()
print(json.dumps(goods | {
    "tenant": chanderi.pk, "paper": waiting.pk, "invitation": invitation.pk, "device": device.pk, "key": key.pk,
    "own key": own_key.pk,
    "membership": member.pk, "unit": unit.number, "level": unit.floor.level, "gi_authorisation": gi.pk,
    "contact": chanderi.contacts.first().pk, "lease": Lease.objects.filter(tenant=chanderi).first().pk,
    "block": UnitBlock.objects.first().pk, "person": member.user_id, "token": token_of(invitation),
    "owner": Membership.objects.get(tenant=chanderi, role="owner", ended_at=None).user.username,
    "vacant": Unit.objects.filter(leases=None, blocks=None).first().number,
}))
"""


@pytest.fixture(scope="module")
def mall(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[tuple[str, dict[str, Any]]]:
    import json
    import subprocess
    import sys

    with served_mall(django_db_blocker, tmp_path_factory.mktemp("served")) as (address, environment):
        done = subprocess.run(
            [sys.executable, "-c", ROWS], env=environment | {"DJANGO_SETTINGS_MODULE": "config.settings"},
            capture_output=True, text=True, check=False, cwd=Path(__file__).resolve().parent.parent,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        yield address, json.loads(done.stdout)


@pytest.fixture(scope="module")
def chromium(mall: Any) -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread; Django takes it for an asynchronous caller.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=os.environ["CHROMIUM"], args=CHROMIUM)
        yield browser
        browser.close()


def signed_in(chromium: Browser, address: str, language: str, username: str | None) -> BrowserContext:
    """A browser whose cookies say the language and, with a name, who it is."""
    context = chromium.new_context(locale="en-IN", reduced_motion="reduce")
    context.add_cookies([{"name": "django_language", "value": language, "url": address}])
    if username:
        page = context.new_page()
        page.goto(f"{address}/sign-in/")
        page.locator("input[name=username]").fill(username)
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("main form button[type=submit], main form .button--main").first.click()
        page.wait_for_url(lambda url: "/sign-in/" not in url)
        page.close()
    return context


def pages_for(who: str) -> list[Route]:
    """The pages that someone opens: GET, not the API, not a file."""
    files = (".xlsx", "/file/", "healthz", "/qr", ".js", "/facts/", "pictures/<int:pk>/<", "/photos/<", "labels.pdf")
    found = []
    for route in OURS:
        need = route.policy.need("GET")
        if route.is_api and not route.pattern.endswith("docs/"):
            continue
        if need is None or any(part in route.pattern for part in files):
            continue
        public = need is Everyone.PUBLIC
        if who == "anyone" and public and "<" not in route.pattern.replace("join/<str:token>", ""):
            found.append(route)
        if who == "administrator" and not public:
            found.append(route)
        if who == "owner" and route.policy.object_of in OF_TENANT and isinstance(need, Right):
            found.append(route)
    return found


def address_of(route: Route, rows: dict[str, Any]) -> str:
    kind = "own key" if route.is_about_own_keys else route.policy.object_of
    values = {}
    for key in route.keys:
        known = {
            "number": rows["vacant"] if route.pattern.endswith("let/") else rows["unit"],
            "level": rows["level"],
            "kind": "catalogue",
            "line": rows["line"],
            "size": "small",
            "token": rows["token"],
            "code": {"district": 435, "state": 23, "registration": "ujjain-batik-print"}.get(kind),
            "lgd_code": {"district": 435, "state": 23}.get(kind),
            "role": "auditor",
        }
        values[key] = known[key] if known.get(key) is not None else rows.get(kind)
    return route.address(values)


@pytest.mark.parametrize("language", ["hi", "en"])
@pytest.mark.parametrize("who", ["anyone", "administrator", "owner"])
def test_every_page_is_readable_by_all(chromium, mall, who, language):
    """0 violations by axe, no sideways scroll, the right language, no error in the console."""
    address, rows = mall
    context = signed_in(chromium, address, language, {"administrator": "admin", "owner": rows["owner"]}.get(who))
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    faults: list[str] = []
    routes = pages_for(who)
    assert len(routes) >= {"anyone": 8, "administrator": 40, "owner": 5}[who]
    for route in routes:
        where = address_of(route, rows)
        page.set_viewport_size({"width": 360, "height": 740})
        answer = page.goto(address + where)
        if answer is None or answer.status not in (200, 403, 404):
            faults.append(f"{where}: {answer.status if answer else 'no answer'}")
            continue
        if answer.status != 200 and who == "administrator":
            faults.append(f"{where}: {answer.status} for the administrator")
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            # Axe reads Hindi on the phone and English at the desk; EVERY_PAGE=all reads both on both.
            by_axe = (language == "hi") == (size == "phone") or os.environ.get("EVERY_PAGE") == "all"
            found = look(page, language, is_docs=route.is_api, by_axe=by_axe)
            faults += [f"{where} {size}: {fault}" for fault in found]
        faults += [f"{where}: console: {complaint}" for complaint in complaints if "status of 40" not in complaint]
        complaints.clear()
    context.close()
    assert not faults, "\n".join(faults)


def look(page: Page, language: str, *, is_docs: bool, by_axe: bool) -> list[str]:
    """What is wrong with the page as it stands in the browser."""
    found = []
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0 and not is_docs:
        found.append(f"scrolls sideways by {wide} px")
    if not is_docs and page.evaluate("document.documentElement.lang") != language:
        found.append("is not in the language that was chosen")
    if is_docs or not by_axe:
        return found
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE_SCRIPT)
    for violation in page.evaluate("options => axe.run(document, options)", AXE)["violations"]:
        where = "; ".join(str(node["target"]) for node in violation["nodes"][:3])
        found.append(f"{violation['id']}: {violation['help']} at {where}")
    return found


def test_the_everyday_work_is_done_by_keyboard_alone(chromium, mall):
    """Skip link, focus that can be seen, and a unit found, opened and its form reached without a mouse."""
    address, _rows = mall
    context = signed_in(chromium, address, "en", "admin")
    page = context.new_page()
    page.goto(f"{address}/units/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')").startswith("#")
    page.keyboard.press("Enter")
    reached = set()
    for _step in range(60):
        page.keyboard.press("Tab")
        focus = page.evaluate(
            "(() => { const e = document.activeElement; const s = getComputedStyle(e);"
            " return [e.tagName, e.getAttribute('href') || e.name || '', s.outlineStyle, s.boxShadow]; })()"
        )
        if focus[0] != "BODY":
            assert focus[2] != "none" or focus[3] != "none", f"focus on {focus[:2]} cannot be seen"
        reached.add(focus[1])
        if focus[1].startswith("/units/") and focus[1].count("/") == 3:
            break
    else:
        raise AssertionError(f"no unit is reached by Tab: {sorted(reached)}")
    page.keyboard.press("Enter")
    page.wait_for_url("**/units/*/")
    assert page.locator("h1").count() == 1
    context.close()


def test_words_of_attack_are_shown_as_words(chromium, mall):
    """What a person types into a name is text on every page that shows it; nothing of it runs."""
    address, rows = mall
    context = signed_in(chromium, address, "en", rows["owner"])
    page = context.new_page()
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.goto(f"{address}/tenants/{rows['tenant']}/contacts/add/")
    attack = "<img src=x onerror=alert(1)>'\"><script>alert(2)</script>{{7*7}}"
    page.locator("input[name=name]").fill(attack)
    page.locator("input[name=mobile]").fill("9826099999")
    page.locator("main form .button--main").first.click()
    page.goto(f"{address}/tenants/{rows['tenant']}/")
    assert attack in page.inner_text("main")
    assert dialogs == []
    context.close()
