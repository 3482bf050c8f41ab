"""What phones noted while they had no network is entered: each fact once, in order, and none is ever dropped.

A fact has an id of its own, given by the phone. What the ledger cannot take is kept as a conflict with what stood
against it, until a person enters it anew or lays it aside with a note.
"""

import json
import logging
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import DataError, IntegrityError, transaction
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.devanagari import clean
from core.refusals import Refusal
from inventory import adjusting, codes, counting, ledger, receiving, scanning, selling, transferring
from inventory.adjusting import SayWhy, open_moment
from inventory.models import (
    CountLine,
    CycleCount,
    FactKind,
    FactStatus,
    Location,
    Lot,
    Movement,
    Product,
    ScannedFact,
    TransferLine,
    TransferOrder,
)
from tenants.models import Tenant

log = logging.getLogger(__name__)

LONGEST = 300  # characters of a note


class NotUnderstood(Refusal):
    """`field` names what is missing or wrong in what the phone said."""

    code = "not_understood"
    status = 400
    sentence = _("What the phone noted is not complete. Enter it by hand, or correct it here.")


class NotYourShop(Refusal):
    code = "not_your_shop"
    status = 404
    sentence = _("This is not one of your shops today.")


class NoSuchPaper(Refusal):
    code = "no_such_paper"
    status = 404
    sentence = _("There is no such order or count among yours.")


class FactNotOpen(Refusal):
    code = "fact_not_open"
    sentence = _("This has been settled already.")


@dataclass(frozen=True)
class Said:
    """One thing that a phone says happened. `body` is as the phone sent it."""

    uid: uuid.UUID
    kind: str
    happened_at: datetime
    body: Any


def replay(
    *, tenant: Tenant, said: Iterable[Said], by: User, now: datetime, shops: Iterable[Location]
) -> list[ScannedFact]:
    """Enter what a phone noted, in its order, each in a transaction of its own. Returns a fact for each thing said.

    What was sent before is returned as it stands; where its id came with other words, the answer for it is an
    unsaved fact with the conflict `key_reused`, and what was kept stays. A conflict does not stop the others.
    `shops` are the shops that may be named. Raises nothing of the single facts.
    """
    mine = Shops(shops)
    return [_replay_one(tenant, one, by, now, mine) for one in said]


def retry(
    *,
    fact: ScannedFact,
    by: User,
    now: datetime,
    shops: Iterable[Location],
    changes: dict[str, Any] | None = None,
) -> ScannedFact:
    """Enter a conflict anew, with some of its words changed; where the ledger is closed for its day, as of now.

    What stands against it this time is kept, too: look at the status. Raises FactNotOpen.
    """

    def work() -> ScannedFact:
        held = _open(fact)
        said = held.said if isinstance(held.said, dict) else {}
        held.said = _keepable({**said, **(changes or {})}) if changes else held.said
        _enter(held, by, open_moment(held.happened_at, now), now, Shops(shops))
        if held.status == FactStatus.POSTED:
            held.settled_by, held.settled_at = by, now
        held.save()
        return held

    return ledger.again(work)


@transaction.atomic
def dismiss(*, fact: ScannedFact, by: User, now: datetime, note: str) -> ScannedFact:
    """Lay a conflict aside, saying why; it stays on record and nothing moves. Raises FactNotOpen, SayWhy."""
    fact = _open(fact)
    fact.settled_note = clean(note)[:LONGEST]
    if not fact.settled_note:
        raise SayWhy(field="note")
    fact.status, fact.settled_by, fact.settled_at = FactStatus.DISMISSED, by, now
    fact.save()
    return fact


def problem_of(fact: ScannedFact) -> str:
    """What stood against a fact, in the reader's language."""
    sentences = (fact.problem or {}).get("sentence", {})
    return sentences.get(get_language() or "", "") or sentences.get("en", "")


def digest_of(tenant: Tenant, said: Said) -> str:
    """By which the same thing said twice is known to be the same."""
    words = [tenant.pk, said.kind, said.happened_at.timestamp(), _keepable(said.body)]
    return sha256(json.dumps(words, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _open(fact: ScannedFact) -> ScannedFact:
    """The fact, locked. Raises FactNotOpen."""
    fact = ScannedFact.objects.select_for_update(of=("self",)).select_related("tenant").get(pk=fact.pk)
    if fact.status != FactStatus.CONFLICT:
        raise FactNotOpen
    return fact


def _replay_one(tenant: Tenant, said: Said, by: User, now: datetime, shops: "Shops") -> ScannedFact:
    happened_at = min(said.happened_at, now)
    digest = digest_of(tenant, said)
    words = {
        "tenant": tenant,
        "kind": clean(str(said.kind).replace("\0", ""))[:12],
        "said": {} if said.body is None else _keepable(said.body),
        "digest": digest,
        "happened_at": happened_at,
        "received_at": now,
        "sent_by": by,
    }

    def work() -> ScannedFact:
        # Whoever sends the same fact at the same moment waits here until it is entered.
        fact, is_new = ScannedFact.objects.get_or_create(uid=said.uid, defaults=words)
        if is_new:
            _enter(fact, by, happened_at, now, shops)
            fact.save()
        elif fact.tenant_id != tenant.pk or fact.digest != digest:
            fact = ScannedFact(uid=said.uid, **words)
            _stands_against(fact, ledger.KeyReused())
        return fact

    return ledger.again(work)


def _enter(fact: ScannedFact, by: User, at: datetime, now: datetime, shops: "Shops") -> None:
    """Do what the fact says; what stands against it is noted in it, and then nothing has moved."""
    try:
        with transaction.atomic():
            kind = ENTERED.get(fact.kind)
            if kind is None:
                raise NotUnderstood(field="kind")
            heard = Heard(fact.tenant, fact.said, shops, by, at, now, str(fact.uid))
            kind(heard)
            fact.movement = Movement.objects.filter(
                tenant=fact.tenant_id, key__in=[heard.key, f"{heard.key}:1"]
            ).first()
    except Refusal as against:
        _stands_against(fact, against)
    except (ValueError, TypeError, ArithmeticError, LookupError, DataError, IntegrityError):
        log.exception("the fact %s could not be entered", fact.uid)
        _stands_against(fact, NotUnderstood())
    else:
        fact.status, fact.problem_code, fact.problem = FactStatus.POSTED, "", None


def _stands_against(fact: ScannedFact, against: Refusal) -> None:
    """Note in both languages what stood against a fact, and the facts that someone may act on."""
    sentences = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            sentences[language] = str(against)
    fact.status, fact.problem_code, fact.movement = FactStatus.CONFLICT, against.code, None
    fact.problem = {"sentence": sentences, "field": against.field, "details": _keepable(against.details)}


def _keepable(value: Any) -> Any:
    """The value as JSON that PostgreSQL keeps: no NUL, no endless numbers, everything else as text."""
    if isinstance(value, dict):
        return {_keepable(str(name)): _keepable(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_keepable(part) for part in value]
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if value - value == 0 else str(value)
    text = str(value) if isinstance(value, str | Promise | Decimal | uuid.UUID) else repr(value)
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


class Shops:
    """The shops that may be named: by key, place code, or the code on their label."""

    def __init__(self, shops: Iterable[Location]) -> None:
        self.all = list(shops)
        self.by_name = {name: shop for shop in self.all for name in (str(shop.pk), shop.slug, shop.code)}

    def named(self, name: Any) -> Location:
        """The shop of this name; the only one, where none is named. Raises NotYourShop."""
        if name in (None, "") and len(self.all) == 1:
            return self.all[0]
        try:
            return self.by_name[str(name)]
        except KeyError as unknown:
            raise NotYourShop(field="shop") from unknown


class Heard:
    """What a fact says, read with suspicion: the phone may have been old, or clever."""

    def __init__(
        self, tenant: Tenant, said: Any, shops: Shops, by: User, at: datetime, now: datetime, key: str
    ) -> None:
        if not isinstance(said, dict):
            raise NotUnderstood
        self.tenant, self.said, self.shops, self.by, self.at, self.now, self.key = tenant, said, shops, by, at, now, key

    def shop(self, name: str = "shop") -> Location:
        return self.shops.named(self.said.get(name))

    def quantity(self, name: str = "quantity") -> Decimal:
        return read_quantity(self.said.get(name), name)

    def text(self, name: str) -> str:
        return clean(str(self.said.get(name) or ""))[:LONGEST]

    def day(self, name: str) -> date | None:
        try:
            return date.fromisoformat(self.said[name]) if self.said.get(name) else None
        except (ValueError, TypeError) as wrong:
            raise NotUnderstood(field=name) from wrong

    def number(self, name: str) -> int:
        """The key of a row. Raises NotUnderstood."""
        return read_key(self.said.get(name), name)

    def goods(self) -> tuple[Product, Lot | None]:
        """The product, and the lot where one was scanned or chosen. Raises NotUnderstood, LotNotOfTenant and what
        `scanning.find` raises."""
        products = Product.objects.filter(tenant=self.tenant)
        if self.said.get("lot") is not None:
            lot = self.lot()
            return lot.product, lot
        if self.said.get("product") is not None:
            product = products.filter(pk=self.number("product")).first()
            if product is None:
                raise scanning.NothingScanned(field="product")
            return product, None
        if not self.said.get("code"):
            raise NotUnderstood(field="code")
        found = scanning.find(self.text("code"), products=products)
        return found.product, found.lot

    def lot(self) -> Lot:
        lots = Lot.objects.select_related("product").filter(tenant=self.tenant)
        lot = lots.filter(pk=self.number("lot")).first()
        if lot is None:
            raise ledger.LotNotOfTenant(field="lot")
        return lot

    def lot_in(self, shop: Location) -> Lot:
        """The lot meant: the one scanned, else the only one of the product in this shop. Raises NotUnderstood."""
        product, lot = self.goods()
        if lot is not None:
            return lot
        lots = Lot.objects.select_related("product").filter(product=product)
        stocked = list(lots.filter(balances__location=shop, balances__on_hand__gt=0)[:2])
        return the_only(stocked or list(lots.filter(balances__location=shop)[:2]))


def the_only(lots: list[Lot]) -> Lot:
    """The one lot that can be meant. Raises NotUnderstood where it might be another."""
    if len(lots) != 1:
        raise NotUnderstood(_("Several lots of this may be meant: scan the label of the lot."), field="lot")
    return lots[0]


def read_quantity(value: Any, name: str = "quantity") -> Decimal:
    """A finite number of at most three decimals, as a number or text. Raises NotUnderstood."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise NotUnderstood(field=name)
    try:
        quantity = Decimal(str(value))
    except InvalidOperation as wrong:
        raise NotUnderstood(field=name) from wrong
    if not quantity.is_finite() or abs(quantity) >= adjusting.LARGEST or round(quantity, 3) != quantity:
        raise NotUnderstood(field=name)
    return round(quantity, 3)


def read_key(value: Any, name: str) -> int:
    """The key of a row, as a number or digits. Raises NotUnderstood."""
    text = str(value)
    if isinstance(value, bool) or not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise NotUnderstood(field=name)
    return int(text)


def _sale(heard: Heard) -> None:
    product, lot = heard.goods()
    selling.sell_out(
        product=product,
        lot=lot,
        shop=heard.shop(),
        quantity=heard.quantity(),
        by=heard.by,
        at=heard.at,
        key=heard.key,
    )


def _sale_return(heard: Heard) -> None:
    product, lot = heard.goods()
    if lot is None:
        lot = the_only(list(Lot.objects.select_related("product").filter(product=product)[:2]))
    selling.take_back(lot=lot, shop=heard.shop(), quantity=heard.quantity(), by=heard.by, at=heard.at, key=heard.key)


def _acceptance(heard: Heard) -> None:
    order = _paper(heard, "order", "T", TransferOrder.objects.filter(destination__in=heard.shops.all))
    accepted = heard.said.get("accepted")
    if accepted is not None and not isinstance(accepted, dict):
        raise NotUnderstood(field="accepted")
    numbers = None
    if accepted is not None:
        numbers = {read_key(line, "accepted"): read_quantity(value, "accepted") for line, value in accepted.items()}
        if set(numbers) - set(TransferLine.objects.filter(order=order).values_list("pk", flat=True)):
            raise NotUnderstood(field="accepted")
    transferring.accept(order=order, scanned=order.code, accepted=numbers, by=heard.by, at=heard.at, key=heard.key)


def _shop_receipt(heard: Heard) -> None:
    product, _lot = heard.goods()
    receiving.bring_to_shop(
        product=product,
        quantity=heard.quantity(),
        shop=heard.shop(),
        by=heard.by,
        at=heard.at,
        key=heard.key,
        made_date=heard.day("made_date"),
        expiry_date=heard.day("expiry_date"),
        maker_lot=heard.text("maker_lot")[:40],
    )


def _count(heard: Heard) -> None:
    """Into the count named or under way in this shop, else into one of this lot alone; its rounds end by themselves."""
    shop = heard.shop()
    lot = heard.lot_in(shop)
    own = CycleCount.objects.filter(tenant=heard.tenant, is_own_shop=True)
    if heard.said.get("count") is not None:
        count = _paper(heard, "count", "C", own)
        line = counting.add_lot(count=count, lot=lot, location=shop)
        counting.enter(line=line, quantity=heard.quantity(), by=heard.by, at=heard.at)
        return
    under_way = CountLine.objects.filter(
        count__in=own.open().filter(counted_at=None), count__opened_at__lte=heard.at, lot=lot, location=shop
    )
    line = under_way.select_related("count").order_by("-count").first() or _own_line(heard, lot, shop)
    counting.enter(line=line, quantity=heard.quantity(), by=heard.by, at=heard.at)
    if not CountLine.objects.filter(count=line.count_id).exclude(pk=line.pk).exists():
        counting.finish_round(count=line.count, by=heard.by, at=heard.now)


def _own_line(heard: Heard, lot: Lot, shop: Location) -> CountLine:
    count = counting.open_for_lot(tenant=heard.tenant, lot=lot, shop=shop, by=heard.by, at=heard.at)
    return CountLine.objects.get(count=count)


def _adjustment(heard: Heard) -> None:
    adjusting.propose(
        lot=heard.lot(),
        location=heard.shop("location"),
        difference=heard.quantity("difference"),
        reason=heard.text("reason"),
        note=heard.text("note"),
        by=heard.by,
        at=heard.at,
        key=heard.key,
    )


def _paper(heard: Heard, name: str, letter: str, papers: Any) -> Any:
    """The tenant's own paper that is named by its code or key. Raises NotUnderstood, WrongCode, NoSuchPaper."""
    named = heard.said.get(name)
    read = codes.read(named) if isinstance(named, str) else None
    if read is not None and read[0] != letter:
        raise NoSuchPaper(field=name)
    key = read[1] if read is not None else heard.number(name)
    paper = papers.filter(tenant=heard.tenant, pk=key).first()
    if paper is None:
        raise NoSuchPaper(field=name)
    return paper


ENTERED: dict[str, Callable[[Heard], None]] = {
    FactKind.SALE: _sale,
    FactKind.SALE_RETURN: _sale_return,
    FactKind.ACCEPTANCE: _acceptance,
    FactKind.SHOP_RECEIPT: _shop_receipt,
    FactKind.COUNT: _count,
    FactKind.ADJUSTMENT: _adjustment,
}
