"""Products added, changed, shown to visitors, taken back, laid aside and taken up again."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.policy import Policy
from accounts.roles import Right
from inventory import publishing
from inventory.cataloguing import add_product, change_product, lay_aside, take_up
from inventory.models import Product
from tenants.models import Tenant
from web.forms.catalogue import ProductForm
from web.forms.tenancy import WhyForm
from web.views.base import Page, attempt
from web.views.catalogue_frame import product_for
from web.views.shop_frame import words
from web.views.tenant_frame import WRONG, ConfirmPage, tenant_for


class Editor(Page):
    """The form of a product's card."""

    template = "catalogue/edit.html"

    def ask(self, request: HttpRequest, form: ProductForm, tenant: Tenant, product: Product | None) -> HttpResponse:
        back = reverse("product", args=[product.pk]) if product else reverse("tenant-products", args=[tenant.pk])
        return self.show(
            request,
            status=WRONG if form.errors else 200,
            form=form,
            tenant=tenant,
            product=product,
            back=back,
            # What the scanning script needs to say and to load.
            phone={
                "words": words(),
                "reader_script": static("vendor/zxing-reader.js"),
                "reader_code": static("vendor/zxing_reader.wasm"),
            },
        )


class ProductAdd(Editor):
    """A product is added to a tenant's catalogue."""

    policy = Policy({"GET": Right.EDIT_PRODUCTS, "POST": Right.EDIT_PRODUCTS}, object_of="tenant")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.EDIT_PRODUCTS, pk)
        initial = {"district": tenant.home_district_id, "gtin": request.GET.get("gtin", "")[:14]}
        return self.ask(request, self._form(tenant, initial=initial), tenant, None)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        tenant = tenant_for(request, Right.EDIT_PRODUCTS, pk)
        form = self._form(tenant, data=request.POST)
        if form.is_valid():
            product = attempt(
                request,
                form,
                lambda: add_product(tenant=tenant, by=request.user, **form.cleaned_data),  # type: ignore[arg-type]
                _("The product is in the catalogue. Add a picture of it."),
            )
            if product:
                return redirect("product", product.pk)
        return self.ask(request, form, tenant, None)

    def _form(self, tenant: Tenant, **kwargs: Any) -> ProductForm:
        return ProductForm(tenant=tenant, today=timezone.localdate(), **kwargs)


class ProductEdit(Editor):
    """A product's card is changed."""

    policy = Policy({"GET": Right.EDIT_PRODUCTS, "POST": Right.EDIT_PRODUCTS}, object_of="product")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        product = product_for(request, Right.EDIT_PRODUCTS, pk)
        return self.ask(request, self._form(product), product.tenant, product)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        product = product_for(request, Right.EDIT_PRODUCTS, pk)
        form = self._form(product, data=request.POST)
        if form.is_valid():
            changed = attempt(
                request,
                form,
                lambda: change_product(product=product, by=request.user, **form.cleaned_data),  # type: ignore[arg-type]
                _("The card is saved."),
            )
            if changed:
                if product.published_at and not changed.published_at:
                    messages.warning(
                        request,
                        _("Something is missing now: visitors do not see this card until you publish it again."),
                    )
                return redirect("product", product.pk)
        return self.ask(request, form, product.tenant, product)

    def _form(self, product: Product, **kwargs: Any) -> ProductForm:
        return ProductForm(instance=product, tenant=product.tenant, today=timezone.localdate(), **kwargs)


class ProductConfirm(ConfirmPage):
    """Asks once more before something happens to a product, then does it and shows the product."""

    right: Right
    template = "catalogue/confirm.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.question(request, product_for(request, self.right, pk))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        product = product_for(request, self.right, pk)
        self.act(request, product)
        return redirect("product", product.pk)

    def question(self, request: HttpRequest, product: Product, **words: Any) -> HttpResponse:
        return self.ask(
            request,
            tenant=product.tenant,
            product=product,
            back=reverse("product", args=[product.pk]),
            **self.words(product),
            **words,
        )

    def words(self, product: Product) -> dict[str, Any]:
        """heading, question, consequence, submit, and tone."""
        raise NotImplementedError

    def act(self, request: HttpRequest, product: Product) -> None:
        """Do it; a refusal becomes a message."""
        raise NotImplementedError


class ProductPublish(ProductConfirm):
    """A card is shown to visitors."""

    right = Right.PUBLISH_PRODUCTS
    policy = Policy({"GET": Right.PUBLISH_PRODUCTS, "POST": Right.PUBLISH_PRODUCTS}, object_of="product")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        product = product_for(request, self.right, pk)
        if publishing.missing(product, day=timezone.localdate()):
            messages.error(request, publishing.NotPublishable.sentence)
            return redirect("product", product.pk)
        return self.question(request, product)

    def words(self, product: Product) -> dict[str, Any]:
        return {
            "heading": _("Show to visitors"),
            "question": _("Show this card to visitors: %(product)s?") % {"product": product},
            "consequence": _("Everyone can read it then, at the kiosks and on the mall's pages."),
            "submit": _("Yes, show it"),
            "tone": "good",
            "icon": "eye",
        }

    def act(self, request: HttpRequest, product: Product) -> None:
        attempt(
            request,
            None,
            lambda: publishing.publish(product=product, by=request.user, at=timezone.now()),  # type: ignore[arg-type]
            _("Visitors see this card now."),
        )


class ProductTakeBack(ProductConfirm):
    """A card is taken back from visitors."""

    right = Right.PUBLISH_PRODUCTS
    policy = Policy({"GET": Right.PUBLISH_PRODUCTS, "POST": Right.PUBLISH_PRODUCTS}, object_of="product")

    def words(self, product: Product) -> dict[str, Any]:
        return {
            "heading": _("Take back from visitors"),
            "question": _("Take this card back from visitors: %(product)s?") % {"product": product},
            "consequence": _("The goods stay where they are and can be sold. You can show the card again."),
            "submit": _("Yes, take it back"),
            "tone": "warn",
            "icon": "eye-off",
        }

    def act(self, request: HttpRequest, product: Product) -> None:
        attempt(
            request,
            None,
            lambda: publishing.take_back(product=product, by=request.user),  # type: ignore[arg-type]
            _("Visitors do not see this card any more."),
        )


class ProductLayAside(ConfirmPage):
    """A product is made no more: out of the lists, kept in the books."""

    policy = Policy({"GET": Right.EDIT_PRODUCTS, "POST": Right.EDIT_PRODUCTS}, object_of="product")
    template = "catalogue/confirm.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._ask(request, product_for(request, Right.EDIT_PRODUCTS, pk), WhyForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        product = product_for(request, Right.EDIT_PRODUCTS, pk)
        form = WhyForm(request.POST)
        if form.is_valid() and attempt(
            request,
            form,
            lambda: lay_aside(
                product=product,
                by=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
                why=form.cleaned_data["why"],
            ),
            _("The product is laid aside."),
        ):
            return redirect("product", product.pk)
        return self._ask(request, product, form)

    def _ask(self, request: HttpRequest, product: Product, form: WhyForm) -> HttpResponse:
        return self.ask(
            request,
            form,
            tenant=product.tenant,
            product=product,
            heading=_("Lay aside"),
            question=_("Lay this product aside: %(product)s?") % {"product": product},
            consequence=_(
                "It leaves the lists and visitors do not see it. Its history stays; you can take it up again."
            ),
            submit=_("Yes, lay aside"),
            tone="warn",
            back=reverse("product", args=[product.pk]),
        )


class ProductTakeUp(ProductConfirm):
    """A product that was laid aside is used again."""

    right = Right.EDIT_PRODUCTS
    policy = Policy({"GET": Right.EDIT_PRODUCTS, "POST": Right.EDIT_PRODUCTS}, object_of="product")

    def words(self, product: Product) -> dict[str, Any]:
        return {
            "heading": _("Take up again"),
            "question": _("Take this product up again: %(product)s?") % {"product": product},
            "consequence": _("It stands in your lists again. Visitors see it once you show it to them."),
            "submit": _("Yes, take it up"),
            "tone": "good",
            "icon": "check",
        }

    def act(self, request: HttpRequest, product: Product) -> None:
        attempt(
            request,
            None,
            lambda: take_up(product=product, by=request.user),  # type: ignore[arg-type]
            _("The product is in use again."),
        )
