"""Pictures of products: added with the phone, served to who may see them, put first, removed."""

import logging

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.policy import Policy
from accounts.roles import Right
from inventory.models import Picture, Product
from inventory.pictures import MOST, WIDTHS, add_picture, put_first, remove_picture
from web.forms.catalogue import PictureForm
from web.views.base import Page, attempt, fetch
from web.views.catalogue_frame import product_for
from web.views.tenant_frame import WRONG, ConfirmPage

log = logging.getLogger(__name__)

A_WEEK = 7 * 24 * 3600


def picture_for(request: HttpRequest, right: Right, pk: int) -> Picture:
    """The picture, where the reader holds `right` over its product; else 404."""
    products = Product.objects.visible_to(request.user, right)
    picture: Picture = fetch(Picture.objects.filter(product__in=products).select_related("product__tenant"), pk=pk)
    return picture


class ProductPictures(Page):
    """The pictures of a product, and one more."""

    policy = Policy({"GET": Right.EDIT_PRODUCTS, "POST": Right.EDIT_PRODUCTS}, object_of="product")
    template = "catalogue/pictures.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._ask(request, product_for(request, Right.EDIT_PRODUCTS, pk), PictureForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        product = product_for(request, Right.EDIT_PRODUCTS, pk)
        form = PictureForm(request.POST, request.FILES)
        if form.is_valid() and attempt(
            request,
            form,
            lambda: add_picture(
                product=product,
                upload=form.upload,
                by=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
                alt_en=form.cleaned_data["alt_en"],
                alt_hi=form.cleaned_data["alt_hi"],
            ),
            _("The picture is added."),
        ):
            return redirect("product-pictures", product.pk)
        return self._ask(request, product, form)

    def _ask(self, request: HttpRequest, product: Product, form: PictureForm) -> HttpResponse:
        pictures = list(product.pictures.all())
        return self.show(
            request,
            status=WRONG if form.errors else 200,
            form=form,
            product=product,
            tenant=product.tenant,
            pictures=pictures,
            is_full=len(pictures) >= MOST,
            back=reverse("product", args=[product.pk]),
        )


class PictureFile(Page):
    """The picture itself, in one of its three widths. It never changes: the browser keeps it, nobody between does."""

    policy = Policy({"GET": Right.SEE_STOCK}, object_of="picture")

    def get(self, request: HttpRequest, pk: int, size: str) -> HttpResponseBase:
        if size not in WIDTHS:
            raise Http404
        picture = picture_for(request, Right.SEE_STOCK, pk)
        file = getattr(picture, size)
        try:
            content = file.open("rb")
        except FileNotFoundError as lost:
            log.error("the file of picture %s is lost: %s", picture.pk, file.name)
            raise Http404 from lost
        return FileResponse(
            content,
            filename=f"{picture.product.code}-{picture.place + 1}.webp",
            content_type="image/webp",
            headers={
                "Content-Security-Policy": "sandbox; default-src 'none'",
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": f"private, max-age={A_WEEK}, immutable",
            },
        )


class PictureFirst(Page):
    """A picture is put on the card. Pressed beside the picture."""

    policy = Policy({"POST": Right.EDIT_PRODUCTS}, object_of="picture")

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        picture = picture_for(request, Right.EDIT_PRODUCTS, pk)
        attempt(
            request,
            None,
            lambda: put_first(picture=picture, by=request.user),  # type: ignore[arg-type]
            _("This picture stands on the card now."),
        )
        return redirect("product-pictures", picture.product_id)


class PictureRemove(ConfirmPage):
    """A picture is removed."""

    policy = Policy({"GET": Right.EDIT_PRODUCTS, "POST": Right.EDIT_PRODUCTS}, object_of="picture")
    template = "catalogue/confirm.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        picture = picture_for(request, Right.EDIT_PRODUCTS, pk)
        product = picture.product
        is_last = product.published_at is not None and product.pictures.count() == 1
        return self.ask(
            request,
            tenant=product.tenant,
            product=product,
            picture=picture,
            heading=_("Remove a picture"),
            question=_("Remove this picture of %(product)s?") % {"product": product},
            consequence=_("It is the last one: visitors will not see the card any more.")
            if is_last
            else _("The picture is deleted. You can add another."),
            submit=_("Yes, remove"),
            back=reverse("product-pictures", args=[product.pk]),
        )

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        picture = picture_for(request, Right.EDIT_PRODUCTS, pk)
        product = picture.product_id
        attempt(
            request,
            None,
            lambda: remove_picture(picture=picture, by=request.user),  # type: ignore[arg-type]
            _("The picture is removed."),
        )
        return redirect("product-pictures", product)
