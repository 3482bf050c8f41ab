"""The shop's phone without a network, in a real browser: what is entered is kept, sent in order, and entered once."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from demo.filling import PASSWORD
from tests.serving import served_mall
from tests.test_every_page import CHROMIUM, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

# Two people of one tenant, and ten pots in their shop.
STAGE = """
import json, django
django.setup()
from datetime import timedelta
from decimal import Decimal
from django.utils import timezone
from insights.shops import shops_of
from inventory import ledger, places
from inventory.models import PlaceKind, Product
from tenants.members import add_member
from tenants.models import Membership
from accounts.people import register_person
from demo.filling import PASSWORD
places.prepare()
today, now = timezone.localdate(), timezone.now()
for member in Membership.objects.filter(role="owner", ended_at=None).select_related("tenant").order_by("pk"):
    if member.tenant.closed_date is None and shops_of(member.tenant, today):
        break
shop = shops_of(member.tenant, today)[0]
product = Product.objects.create(tenant=member.tenant, sku="GHADA-1", kind="handicraft", name_en="Clay pot",
    name_hi="मिट्टी का घड़ा", price=Decimal(150), gtin="8901234567890")
lot = ledger.add_lot(product=product, received_date=today)
ledger.post(tenant=member.tenant_id, kind="shop_receipt", key="stage", at=now - timedelta(hours=1), by=None,
    lines=ledger.move(lot.pk, places.the(PlaceKind.SUPPLIER).pk, shop.pk, Decimal(10)))
other = register_person(username="9826000111", full_name="Second Person", password=PASSWORD, by=None)
add_member(tenant=member.tenant, user=other, role="staff", by=None, at=now)
print(json.dumps({"tenant": member.tenant_id, "owner": member.user.username, "other": other.username,
    "product": product.pk, "lot": lot.pk, "lot_code": lot.code, "shop": shop.pk}))
"""
# What the books say of the pots: facts in the order in which they were entered, and how many are left.
BOOKS = """
import json, sys, django
django.setup()
from inventory.models import Balance, ScannedFact
lot = int(sys.argv[1])
print(json.dumps({
    "facts": list(ScannedFact.objects.order_by("pk").values_list("kind", "status", "sent_by__username")),
    "on_hand": float(Balance.objects.get(lot=lot, location__kind="unit").on_hand),
}))
"""

# Nothing waits in the phone's store, and the page does not say that anything does.
NOTHING_KEPT = """async () => {
    const database = await idb.openDB("unity-mall-shop", 1);
    const kept = (await database.getAll("facts")).filter((fact) => fact.state === "waiting").length;
    database.close();
    return kept === 0 && !document.querySelector("[data-waiting]");
}"""


@dataclass
class Shop:
    """The served mall, the browser, and the rows that the tests need."""

    address: str
    environment: dict[str, str]
    rows: dict[str, Any]
    chromium: Browser

    def url(self, path: str) -> str:
        return f"{self.address}/tenants/{self.rows['tenant']}/stock/{path}"

    def books(self) -> dict[str, Any]:
        return _run(self.environment, BOOKS, str(self.rows["lot"]))

    def phone(self, who: str) -> tuple[BrowserContext, Page]:
        """A phone on which someone has signed in and opened their stock, with the pages kept."""
        context = signed_in(self.chromium, self.address, "en", self.rows[who])
        page = context.new_page()
        page.set_viewport_size({"width": 360, "height": 740})
        page.goto(self.url(""))
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        page.wait_for_function(
            "async path => !!(await (await caches.open('shop-pages')).match(path))",
            arg=f"/tenants/{self.rows['tenant']}/stock/sell/",
        )
        page.wait_for_function("() => !!navigator.serviceWorker.controller")
        return context, page


LEFT = ("0001101", "0011001", "0010011", "0111101", "0100011", "0110001", "0101111", "0111011", "0110111", "0001011")
# Which of the six left digits are drawn mirrored (set G) says the first digit (ISO/IEC 15420).
MIRRORED = ("000000", "001011", "001101", "001110", "010011", "011001", "011100", "010101", "010110", "011010")


def filmed(number: str) -> bytes:
    """A film (YUV4MPEG2) of a still label that carries an EAN-13 of this number, as a camera would see it."""
    dark = str.maketrans("01", "10")
    left = [
        LEFT[int(digit)] if mirrored == "0" else LEFT[int(digit)].translate(dark)[::-1]
        for digit, mirrored in zip(number[1:7], MIRRORED[int(number[0])], strict=True)
    ]
    right = [LEFT[int(digit)].translate(dark) for digit in number[7:]]
    bars = "101" + "".join(left) + "01010" + "".join(right) + "101"
    width, height, thick = 640, 480, 4
    margin = (width - len(bars) * thick) // 2
    line = bytes([235] * margin + [16 if bar == "1" else 235 for bar in bars for _ in range(thick)])
    line += bytes([235] * (width - len(line)))
    blank = bytes([235] * width)
    picture = blank * 120 + line * 240 + blank * 120 + bytes([128]) * (width * height // 2)
    return f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420\n".encode() + (b"FRAME\n" + picture) * 5


def _run(environment: dict[str, str], script: str, *words: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", script, *words], env=environment | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True, text=True, check=False, cwd=Path(__file__).resolve().parent.parent,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1])


@pytest.fixture
def shop(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Shop]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with served_mall(django_db_blocker, tmp_path_factory.mktemp("served"), "shops", "none") as (address, environment):
        rows = _run(environment, STAGE)
        with sync_playwright() as play:
            film = tmp_path_factory.mktemp("camera") / "label.y4m"
            film.write_bytes(filmed("8901234567890"))
            camera = [
                "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
                f"--use-file-for-fake-video-capture={film}",
            ]  # fmt: skip
            browser = play.chromium.launch(executable_path=os.environ["CHROMIUM"], args=[*CHROMIUM, *camera])
            yield Shop(address, environment, rows, browser)
            browser.close()


def sell(page: Page, product: int, quantity: str) -> None:
    page.locator("select[name=product]").select_option(str(product))
    page.locator("input[name=quantity]").fill(quantity)
    page.locator("form[data-fact=sale] .button--main").click()


def waiting(page: Page, number: int) -> None:
    """Until the page says that so many entries wait."""
    if number:
        page.wait_for_selector(f"[data-waiting='{number}']")
    else:
        page.wait_for_function(NOTHING_KEPT)


def test_two_sales_and_a_count_without_a_network_are_entered_once_and_in_order(shop):
    """Sold 2, sold 1, reloaded without a network, counted 6, back: 10 - 2 - 1 = 7 on record, counted 6."""
    context, page = shop.phone("owner")
    page.goto(shop.url("count/"))
    page.locator("main form .button--main").first.click()
    page.wait_for_selector("[data-lot]")
    page.goto(shop.url("count/"))
    context.set_offline(True)
    page.goto(shop.url("sell/"))
    sell(page, shop.rows["product"], "2")
    waiting(page, 1)
    sell(page, shop.rows["product"], "1")
    waiting(page, 2)
    page.reload()
    waiting(page, 2)
    page.goto(shop.url("count/"))
    page.locator(f"[data-lot='{shop.rows['lot']}']").fill("6")
    page.locator("form[data-fact=count] [value=save]").click()
    waiting(page, 3)
    assert shop.books() == {"facts": [], "on_hand": 10}
    context.set_offline(False)
    waiting(page, 0)
    owner = shop.rows["owner"]
    assert shop.books() == {
        "facts": [["sale", "posted", owner], ["sale", "posted", owner], ["count", "posted", owner]],
        "on_hand": 7,
    }
    context.close()


def test_a_page_that_dies_before_it_hears_the_answer_sends_again_and_nothing_is_entered_twice(shop):
    context, page = shop.phone("owner")
    page.goto(shop.url("sell/"))
    context.set_offline(True)
    sell(page, shop.rows["product"], "2")
    waiting(page, 1)
    heard: list[int] = []

    def enter_but_do_not_say(route: Any) -> None:
        """The server enters what was sent; the answer is lost on the way."""
        if route.request.method == "POST":
            heard.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    context.route("**/stock/facts/", enter_but_do_not_say)
    context.set_offline(False)
    page.wait_for_timeout(200)
    for _try in range(50):
        if heard:
            break
        page.wait_for_timeout(100)
    assert heard[0] == 200
    page.close()
    context.unroute("**/stock/facts/")
    assert shop.books()["on_hand"] == 8
    again = context.new_page()
    again.goto(shop.url("sell/"))
    waiting(again, 0)
    assert shop.books() == {"facts": [["sale", "posted", shop.rows["owner"]]], "on_hand": 8}
    context.close()


def test_what_cannot_be_entered_is_shown_and_settled_by_a_person(shop):
    context, page = shop.phone("owner")
    page.goto(shop.url("sell/"))
    context.set_offline(True)
    sell(page, shop.rows["product"], "11")
    waiting(page, 1)
    context.set_offline(False)
    page.wait_for_selector("[data-conflicts='1']")
    assert shop.books()["on_hand"] == 10
    page.locator("#shop-queue a").click()
    page.wait_for_selector("[data-review]", state="attached")
    page.locator("input[name=quantity]").fill("1")
    page.locator("[value=retry]").click()
    page.wait_for_selector(".notice--success")
    assert shop.books()["on_hand"] == 9
    assert page.locator("[data-conflicts]").count() == 0
    context.close()


def test_another_person_on_the_same_phone_neither_sends_nor_sees_the_pages_of_the_first(shop):
    context, page = shop.phone("owner")
    page.goto(shop.url("sell/"))
    context.set_offline(True)
    sell(page, shop.rows["product"], "2")
    waiting(page, 1)
    context.set_offline(False)
    # The network is back only at the moment of signing out.
    context.route("**/stock/facts/", lambda route: route.abort())
    page.goto(shop.url(""))
    page.locator("form[action*='sign-out'] button").first.evaluate("button => button.form.requestSubmit(button)")
    page.wait_for_url(lambda url: "/stock/" not in url)
    page.wait_for_function(
        "async () => !(await (await caches.open('shop-pages')).match(location.origin + '/shop-person'))"
    )
    context.unroute("**/stock/facts/")
    page.goto(f"{shop.address}/sign-in/")
    page.locator("input[name=username]").fill(shop.rows["other"])
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form .button--main").first.click()
    page.wait_for_url(lambda url: "/sign-in/" not in url)
    page.goto(shop.url("sell/"))
    page.wait_for_selector("#shop-queue:not([hidden])")
    page.wait_for_timeout(500)
    assert page.locator("[data-waiting]").count() == 0
    assert shop.books() == {"facts": [], "on_hand": 10}
    context.close()


def test_a_scanner_types_into_the_scan_field_from_anywhere_and_finds_the_goods(shop):
    context, page = shop.phone("owner")
    page.goto(shop.url("sell/"))
    page.locator("input[name=quantity]").focus()
    page.keyboard.type("8901234567890", delay=3)
    page.keyboard.press("Enter")
    assert page.locator("input[name=code]").input_value() == "8901234567890"
    assert page.locator("input[name=quantity]").input_value() == "1"
    assert page.locator("select[name=product]").input_value() == str(shop.rows["product"])
    page.locator("[data-step='1']").click()
    assert page.locator("output[data-sum]").inner_text() == "₹300"
    page.locator("form[data-fact=sale] .button--main").click()
    page.wait_for_selector(".done")
    assert shop.books() == {"facts": [], "on_hand": 8}
    page.locator(".done .button").click()
    page.wait_for_selector(".done--undone")
    assert shop.books()["on_hand"] == 10
    context.close()


def test_the_camera_reads_a_barcode_with_the_reader_that_the_mall_serves(shop):
    context, page = shop.phone("owner")
    context.grant_permissions(["camera"])
    page.goto(shop.url("sell/"))
    page.locator("[data-scan-into]").click()
    page.wait_for_selector("dialog.camera video")
    page.wait_for_selector("dialog.camera", state="detached")
    assert page.locator("input[name=code]").input_value() == "8901234567890"
    assert page.locator("select[name=product]").input_value() == str(shop.rows["product"])
    context.close()


def test_where_the_camera_is_not_allowed_the_page_says_what_to_do_instead(shop):
    context, page = shop.phone("owner")
    page.goto(shop.url("sell/"))
    page.evaluate(
        "() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError')); }"
    )
    page.locator("[data-scan-into]").click()
    page.wait_for_selector(".camera-problem:not([hidden])")
    assert "type the code" in page.locator(".camera-problem").inner_text()
    page.keyboard.press("Escape")
    assert page.locator("dialog.camera").count() == 0
    context.close()
