"""Products are added, changed, laid aside and taken up again."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.devanagari import clean, plain_digits
from core.history import record
from core.refusals import Refusal
from core.wording import NotAcceptable, checked
from inventory import codes, publishing
from inventory.models import Balance, Lot, Product
from reference.models import TaxScheme
from tenants.models import Tenant
from tenants.registering import still_here

# What the other operations decide, and what never changes.
NOT_TYPED = frozenset({"id", "tenant", "published_at", "laid_aside_at", "changed_at"})
TYPED = frozenset(field.name for field in Product._meta.concrete_fields) - NOT_TYPED


class CountedAlready(Refusal):
    code = "counted_already"
    sentence = _(
        "Goods of this product have come in already, so its unit of measure stays, and whether it is one of a kind. "
        "Add another product instead."
    )


class StockLeft(Refusal):
    """`details`: on_hand, how much there is."""

    code = "stock_left"
    sentence = _("Some of this product is still in the mall. Sell it, send it back or count it out first.")


@transaction.atomic
def add_product(*, tenant: Tenant, by: User, why: str = "", **fields: Any) -> Product:
    """Add a product of a tenant; `fields` are those of the model. Raises NotAcceptable, TenantHasLeft."""
    still_here(tenant)
    product = Product(tenant=tenant)
    _write(product, fields)
    return _keep(product, by=by, why=why)


@transaction.atomic
def change_product(*, product: Product, by: User, why: str = "", **fields: Any) -> Product:
    """Change what is known of a product; fields that are not named stay as they are.

    A card that visitors see and that lacks something after the change is taken back from them in the same step: the
    returned product then has no `published_at`, and the page says so. Raises NotAcceptable, CountedAlready.
    """
    product = Product.objects.select_for_update(of=("self",)).with_facts().get(pk=product.pk)
    counted = (product.unit_of_measure, product.is_one_of_a_kind)
    _write(product, fields)
    if counted != (product.unit_of_measure, product.is_one_of_a_kind) and Lot.objects.filter(product=product).exists():
        raise CountedAlready(field="unit_of_measure")
    if product.published_at is not None and publishing.unfinished(product):
        product.published_at = None
    return _keep(product, by=by, why=why)


@transaction.atomic
def lay_aside(*, product: Product, by: User, at: datetime, why: str = "") -> Product:
    """Take a product out of use: lists leave it out, visitors do not see it, its history stays. Raises StockLeft."""
    product = Product.objects.select_for_update(of=("self",)).get(pk=product.pk)
    if product.laid_aside_at is not None:
        return product
    left = list(Balance.objects.stocked().filter(lot__product=product).values_list("on_hand", flat=True))
    if left:
        raise StockLeft(on_hand=str(sum(left)))
    product.laid_aside_at, product.published_at = at, None
    return record(product, by=by, why=why)


@transaction.atomic
def take_up(*, product: Product, by: User, why: str = "") -> Product:
    """Put a product that was laid aside to use again; visitors see it once it is published. Raises NotAcceptable."""
    product = Product.objects.select_for_update(of=("self",)).get(pk=product.pk)
    if product.laid_aside_at is None:
        return product
    product.laid_aside_at = None
    return _keep(product, by=by, why=why)


def normal(name: str, value: Any) -> Any:
    """A field as it is kept: text composed and trimmed, a barcode number in plain digits without spaces or hyphens."""
    if not isinstance(value, str):
        return value
    value = clean(value)
    if name == "gtin":
        return plain_digits(value).replace(" ", "").replace("-", "")
    return plain_digits(value) if name in ("sku", "net_quantity") else value


def _write(product: Product, fields: dict[str, Any]) -> None:
    unknown = fields.keys() - TYPED
    if unknown:
        raise TypeError(f"a product has no such field to be typed: {', '.join(sorted(unknown))}")
    for name, value in fields.items():
        setattr(product, name, normal(name, value))


def _keep(product: Product, *, by: User, why: str) -> Product:
    """Check the product and save it. A rival who took the SKU or barcode meanwhile is named like any other clash."""
    _check(product)
    try:
        with transaction.atomic():
            return record(product, by=by, why=why)
    except IntegrityError:
        _check(product)
        raise


def _check(product: Product) -> None:
    errors: dict[str, list[Any]] = {}
    if product.hsn is not None and product.hsn.scheme != TaxScheme.HSN:
        errors["hsn"] = [_("Goods have an HSN code; this is one for services (SAC).")]
    if codes.WRITTEN.fullmatch(product.sku.upper()):
        errors["sku"] = [_("This SKU looks like a code of the mall's own labels. Choose another.")]
    try:
        checked(product)
    except NotAcceptable as wrong:
        raise NotAcceptable({**wrong.errors, **errors}) from wrong
    if errors:
        raise NotAcceptable(errors)
