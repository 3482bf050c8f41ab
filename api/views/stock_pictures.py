"""Photographs of products: added, shown, removed. Files go only to those who may see the product."""

import logging
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import FileResponse, Http404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.policy import Policy
from accounts.roles import Right
from api.fields import Entry, Nothing
from api.keyset import choice, one_of
from api.parsing import StrictFormParser
from api.views.base import Endpoint
from api.views.papers import AnyFormat
from api.views.stock_products import PictureShape, WholeProductShape, whole_products
from inventory import pictures
from inventory.models import Picture, Product

log = logging.getLogger(__name__)

SIZES = ("small", "medium", "large")


class PictureFormParser(StrictFormParser):
    """A photograph, as large as phones take them, and the few fields beside it."""

    most_bytes = pictures.MAX_BYTES + 64 * 1024


class PictureEntry(Entry):
    file = serializers.FileField(help_text="JPEG, PNG or WebP of at most 12 MB; where it was taken is not kept.")
    alt_en = serializers.CharField(max_length=150, required=False, default="", allow_blank=True)
    alt_hi = serializers.CharField(max_length=150, required=False, default="", allow_blank=True)


class ProductPictures(Endpoint):
    """The pictures of a product; POST adds one, as multipart/form-data."""

    policy = Policy({"GET": Right.SEE_STOCK, "POST": Right.EDIT_PRODUCTS}, object_of="product")
    parser_classes = (PictureFormParser,)
    asks: ClassVar[Any] = {"POST": PictureEntry}
    answers: ClassVar[Any] = {"GET": PictureShape, "POST": PictureShape}
    lists = creates = needs_key = True

    def get(self, request: Request, pk: int) -> Response:
        product = self.find(Product.objects.visible_to(self.actor), pk=pk)
        return self.page(Picture.objects.filter(product=product))

    def post(self, request: Request, pk: int) -> Response:
        """Add a picture, as multipart/form-data."""
        product = self.find(Product.objects.visible_to(self.actor, Right.EDIT_PRODUCTS), pk=pk)
        entry = self.entry()
        upload = entry.pop("file")
        return self.answer(pictures.add_picture(product=product, upload=upload, by=self.actor, at=self.now, **entry))


class PictureFile(Endpoint):
    """The file of a picture, in one of three widths."""

    policy = Policy({"GET": Right.SEE_STOCK}, object_of="picture")
    content_negotiation_class = AnyFormat
    answers: ClassVar[Any] = {"GET": Nothing}
    answers_files = "image/*"
    parameters: ClassVar[Any] = {"size": {**one_of(SIZES), "default": "medium"}}
    caching = "private, max-age=86400"

    def get(self, request: Request, pk: int) -> FileResponse:
        picture = self.find(pictures_in_reach(self, Right.SEE_STOCK), pk=pk)
        size = choice(request, "size", SIZES) or "medium"
        try:
            content = getattr(picture, size).open("rb")
        except FileNotFoundError as lost:
            log.error("the file of picture %s is not where it was put", picture.pk)
            raise Http404 from lost
        response = FileResponse(content)
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        response["Cache-Control"] = self.caching
        return response


class RemovePicture(Endpoint):
    """Remove a picture from its product."""

    policy = Policy({"POST": Right.EDIT_PRODUCTS}, object_of="picture")
    asks: ClassVar[Any] = {"POST": Nothing}
    answers: ClassVar[Any] = {"POST": WholeProductShape}
    needs_key = True

    def post(self, request: Request, pk: int) -> Response:
        picture = self.find(pictures_in_reach(self, Right.EDIT_PRODUCTS), pk=pk)
        self.entry()
        product = picture.product_id
        pictures.remove_picture(picture=picture, by=self.actor)
        return self.answer(whole_products(self).get(pk=product))


def pictures_in_reach(view: Endpoint, right: Right) -> QuerySet[Picture]:
    """The pictures of products over which the caller has this right."""
    return Picture.objects.filter(product__in=Product.objects.visible_to(view.actor, right)).select_related("product")
