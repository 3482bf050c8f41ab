"""Goods of the demo mall: products with their cards, and two months of work with them, told through the operations.

Same seed, day and tenants: the same goods. `small` is for trying out and for tests, `full` for training.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from random import Random
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from accounts.roles import TenantRole
from core.history import record_many
from demo import wares
from demo.patterns import pattern
from demo.stock_work import WHY, Story, Trader, leave_work, tell_history
from demo.wares import Line, Ware
from insights.shops import shops_of
from inventory import pictures, places, publishing
from inventory.models import FoodMark, Product
from reference.models import Craft, TaxCode
from tenants.models import Membership, Tenant

# size -> tenants, wares of each, deliveries of each, pictures of each
SIZES = {"small": (12, 6, 1, 1), "full": (40, 12, 4, 3)}


@dataclass(frozen=True)
class FilledGoods:
    """What came to be."""

    tenants: int
    products: int
    published: int
    pictures: int
    receipts: int
    transfers: int
    sales: int


def fill_goods(
    *,
    seed: int,
    now: datetime,
    today: date,
    keeper: User,
    approver: User,
    size: str = "small",
    say: Callable[[str], None] = lambda _line: None,
) -> FilledGoods:
    """Fill the shelves and shops of the tenants that trade `today`, and leave some work of every kind waiting.

    `keeper` works in the warehouse, `approver` decides what a second person must. Raises RuntimeError where there
    are goods already.
    """
    if Product.objects.exists():
        raise RuntimeError("there are goods already; the demo fills only an empty warehouse")
    places.prepare()
    count, wide, deliveries, pictured = SIZES[size]
    story = Story(Random(seed), now, keeper, approver)
    traders = list(_traders(today, count))
    _products(story, traders, wide)
    published = _cards(story, traders, pictured)
    say(f"{sum(len(trader.products) for trader in traders)} products, {published} of them shown")
    tell_history(story, traders, deliveries)
    say(f"{story.told['receipts']} deliveries, {story.told['transfers']} transfers, {story.told['sales']} sales")
    leave_work(story, traders)
    say("work of every kind waits")
    return FilledGoods(
        tenants=len(traders),
        products=sum(len(trader.products) for trader in traders),
        published=published,
        **story.told,
    )


# --- who trades what ---------------------------------------------------------------------------------------------


def _traders(today: date, count: int) -> Iterator[Trader]:
    """Tenants with a shop today; those whose goods the mall is known for come first."""
    owners: dict[int, User] = {}
    members = Membership.objects.current().filter(role=TenantRole.OWNER).select_related("user").order_by("pk")
    for member in members:
        owners.setdefault(member.tenant_id, member.user)
    found = []
    for tenant in Tenant.objects.trading().with_home().prefetch_related("products", "gi_authorisations__registration"):
        if tenant.pk in owners:
            lines = _lines(tenant)
            found.append(
                ((lines[0] in ("group", "firm", "emporium"), lines[0] != "chanderi", tenant.pk), tenant, lines)
            )
    # One of each line first, so that a small mall shows them all.
    ranked: list[tuple[Any, Tenant, list[str]]] = []
    seen: dict[str, int] = {}
    for rank, tenant, lines in sorted(found, key=lambda row: row[0]):
        turn = seen[lines[0]] = seen.get(lines[0], 0) + 1
        ranked.append(((turn, *rank), tenant, lines))
    chosen = 0
    for _rank, tenant, lines in sorted(ranked, key=lambda row: row[0]):
        shop = shops_of(tenant, today).first()
        if shop is not None and chosen < count:
            chosen += 1
            yield Trader(tenant, owners[tenant.pk], shop, lines)


def _lines(tenant: Tenant) -> list[str]:
    lines = [wares.OF_GI.get(row.registration.code, "") for row in tenant.gi_authorisations.all()]
    lines += [wares.OF_LISTED.get(product.code, "") for product in tenant.products.all()]
    by_kind = {"state_emporium": "emporium", "private_firm": "firm"}.get(tenant.kind, "group")
    return [*dict.fromkeys(line for line in lines if line)] or [by_kind]


def _products(story: Story, traders: list[Trader], wide: int) -> None:
    codes = {f"{code.code}{'/' + code.variant if code.variant else ''}": code for code in TaxCode.objects.all()}
    crafts = {craft.code: craft for craft in Craft.objects.all()}
    made = []
    for trader in traders:
        mine = [(wares.LINES[code], ware) for code in trader.lines for ware in wares.LINES[code].wares]
        if trader.tenant.kind in ("shg", "cooperative", "fpo", "district_administration"):
            mine += [(wares.LINES["group"], ware) for ware in wares.LINES["group"].wares]
        chosen = {ware.name_en: (line, ware) for line, ware in mine}
        for number, (line, ware) in enumerate([*chosen.values()][:wide], 1):
            product = _product(story.dice, trader.tenant, line, ware, f"{number:03d}")
            product.hsn = codes.get(ware.hsn)
            product.craft = crafts.get(line.craft or "") if ware.kind in ("textile", "handicraft") else None
            made.append(product)
    for product in made:
        product.full_clean(validate_unique=False, validate_constraints=False)
    kept = record_many(Product, made, by=story.approver, why=WHY)
    for trader in traders:
        trader.products = [product for product in kept if product.tenant_id == trader.tenant.pk]


def _product(dice: Random, tenant: Tenant, line: Line, ware: Ware, number: str) -> Product:
    english, hindi = ware.name_en, ware.name_hi
    if tenant.kind == "state_emporium":
        english, hindi = f"{tenant.home_state.name_en}: {english}", f"{tenant.home_state.name_hi}: {hindi}"
    authorisations = {row.registration.code: row.registration for row in tenant.gi_authorisations.all()}
    listed = {wares.OF_LISTED.get(product.code): product for product in tenant.products.all()}
    own_line = next((code for code, each in wares.LINES.items() if each is line), "")
    listing = None
    if own_line in listed and tenant.home_district_id:
        listing = listed[own_line].odop_listings.filter(district=tenant.home_district_id).first()
    is_food = ware.kind == "food"
    packed = is_food or bool(ware.net)
    where = tenant.home_district or tenant.home_state
    return Product(
        tenant=tenant,
        sku=f"{(own_line or 'x')[:3].upper()}-{number}",
        gtin=_gtin(dice) if packed and dice.random() < 0.7 else "",
        kind=ware.kind,
        name_en=english,
        name_hi=hindi,
        unit_of_measure=ware.unit,
        is_one_of_a_kind=ware.price > 6000 and ware.unit == "NOS" and ware.kind == "handicraft",
        mrp=ware.mrp,
        price=ware.mrp if is_food else (ware.mrp * Decimal("0.95")).quantize(Decimal(1)),
        district=tenant.home_district,
        odop_listing=listing,
        gi_registration=authorisations.get(line.gi or ""),
        maker_en=tenant.name_en[:150],
        maker_hi=tenant.name_hi[:150],
        has_handloom_mark=own_line in ("chanderi", "maheshwari"),
        has_silk_mark=ware.material.split(",")[0] == "silk",
        is_packed=packed,
        net_quantity=ware.net,
        maker_address=f"{tenant.name_en}, {where.name_en} {tenant.pin_code}"[:300] if packed else "",
        consumer_care=f"{tenant.name_en[:120]}, 0734 2550000, care@unitymall.example" if packed else "",
        size=ware.size,
        material=ware.material,
        ingredients=ware.ingredients,
        food_mark=FoodMark.VEG if is_food else "",
        shelf_life_days=ware.days,
        litres=Decimal(ware.litres),
        reorder_level=Decimal(dice.choice((2, 3, 5))),
    )


def _gtin(dice: Random) -> str:
    """An EAN of the kind that a shop gives itself (GS1 prefix 20 to 29), so that it is nobody's."""
    stem = f"29{dice.randrange(10**10):010d}"
    weighed = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(stem))
    return f"{stem}{-weighed % 10}"


# --- cards -------------------------------------------------------------------------------------------------------


def _cards(story: Story, traders: list[Trader], pictured: int) -> int:
    """Pictures for some products of each tenant; what is complete then is shown. Returns how many are shown."""
    published = 0
    at = story.ago(58)
    for trader in traders:
        line = wares.LINES[trader.lines[0]]
        for number, product in enumerate(trader.products[:pictured]):
            upload = SimpleUploadedFile("pattern.png", pattern(line.colours, seed=product.pk, number=number))
            pictures.add_picture(
                product=product,
                upload=upload,
                by=trader.owner,
                at=at,
                alt_en=product.name_en[:150],
                alt_hi=product.name_hi[:150],
            )
            story.told["pictures"] += 1
            try:
                publishing.publish(product=product, by=trader.owner, at=at)
                published += 1
            except publishing.NotPublishable:
                continue  # no FSSAI number, an authorisation that has ended: the page tells what is missing
    return published
