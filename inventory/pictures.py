"""Photographs of products: taken in, drawn anew in three widths, put in order, removed."""

import io
import warnings
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from accounts.models import User
from core.devanagari import clean
from core.refusals import Refusal
from core.wording import checked
from inventory import publishing
from inventory.models import Picture, Product

WIDTHS = {"small": 160, "medium": 640, "large": 1600}
TALLEST = 2  # times the width; a strip of cloth may be long, but not endless
MOST = 8
MAX_BYTES = 12 * 1024 * 1024  # what a phone's camera makes
MAX_PIXELS = 64_000_000
FORMATS = ("JPEG", "PNG", "WEBP")
QUALITY = 80


class PictureRefused(Refusal):
    code = "picture_refused"
    status = 400
    sentence = _("This picture cannot be taken. Hand in a JPEG, PNG or WebP of at most 12 MB.")


class TooManyPictures(Refusal):
    code = "too_many_pictures"
    sentence = _("A product has at most 8 pictures. Remove one first.")


class PictureThereAlready(Refusal):
    code = "picture_there_already"
    sentence = _("This picture is there already.")


def redrawn(upload: UploadedFile) -> tuple[Image.Image, str]:
    """The picture in an upload, upright and nothing but pixels, and the SHA-256 of the upload.

    What it is, is decided by its content, never by its name. EXIF, and with it the place where the photograph was
    taken, is left behind. Raises PictureRefused.
    """
    if upload.size is None or upload.size > MAX_BYTES:
        raise PictureRefused(_("This picture is larger than 12 MB. Take it in a lower resolution."), field="file")
    content = upload.read()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=FORMATS)
            if picture.width * picture.height > MAX_PIXELS:
                raise PictureRefused(
                    _("This picture has too many pixels. Take it in a lower resolution."), field="file"
                )
            if picture.format == "JPEG":
                picture.draft("RGB", (2 * WIDTHS["large"], 2 * WIDTHS["large"]))  # decode no more than is kept
            upright = ImageOps.exif_transpose(picture)
            return _on_white(upright), sha256(content).hexdigest()
    except (
        OSError,
        ValueError,
        SyntaxError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ) as wrong:
        raise PictureRefused(field="file") from wrong


def _on_white(picture: Image.Image) -> Image.Image:
    if "A" in picture.getbands() or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        paper = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(paper, picture)
    plain = Image.new("RGB", picture.size)
    plain.paste(picture.convert("RGB"))
    return plain


def drawn_in(picture: Image.Image, width: int) -> Image.Image:
    """The picture no wider than `width` and no taller than twice that; a smaller one stays as it is."""
    scale = min(1.0, width / picture.width, TALLEST * width / picture.height)
    if scale == 1.0:
        return picture
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


@transaction.atomic
def add_picture(
    *, product: Product, upload: UploadedFile, by: User, at: datetime, alt_en: str = "", alt_hi: str = ""
) -> Picture:
    """Add a photograph behind those that are there. Raises PictureRefused, TooManyPictures, PictureThereAlready."""
    photograph, digest = redrawn(upload)
    product = Product.objects.select_for_update(of=("self",)).get(pk=product.pk)
    there = list(product.pictures.all())
    if any(picture.digest == digest for picture in there):
        raise PictureThereAlready(field="file")
    if len(there) >= MOST:
        raise TooManyPictures(field="file")
    large = drawn_in(photograph, WIDTHS["large"])
    picture = Picture(
        product=product,
        width=large.width,
        height=large.height,
        alt_en=clean(alt_en),
        alt_hi=clean(alt_hi),
        digest=digest,
        place=max((other.place for other in there), default=-1) + 1,
        added_by=by,
        added_at=at,
    )
    checked(picture, exclude=tuple(WIDTHS))
    try:
        for name, width in WIDTHS.items():
            getattr(picture, name).save(f"{name}.webp", ContentFile(_webp(drawn_in(large, width))), save=False)
        picture.save()
    except BaseException:
        _forget(_files(picture))
        raise
    return picture


@transaction.atomic
def remove_picture(*, picture: Picture, by: User) -> None:
    """Remove a photograph, its files too. A card without its last picture is taken back from visitors."""
    product = Product.objects.select_for_update(of=("self",)).get(pk=picture.product_id)
    files = _files(picture)
    picture.delete()
    if product.published_at is not None and not product.pictures.exists():
        publishing.take_back(product=product, by=by, why="last picture removed")
    transaction.on_commit(lambda: _forget(files))


@transaction.atomic
def put_first(*, picture: Picture, by: User) -> Picture:
    """Let a photograph stand on the card; the others follow in the order they had."""
    Product.objects.select_for_update(of=("self",)).get(pk=picture.product_id)
    others = list(Picture.objects.filter(product=picture.product_id).exclude(pk=picture.pk))
    row = [Picture.objects.get(pk=picture.pk), *others]
    for place, each in enumerate(row):
        each.place = place
    Picture.objects.bulk_update(row, ["place"])
    return row[0]


def _webp(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=QUALITY, method=4)
    return out.getvalue()


def _files(picture: Picture) -> list[tuple[object, str]]:
    kept = [getattr(picture, name) for name in WIDTHS]
    return [(file.storage, file.name) for file in kept if file.name]


def _forget(files: Iterable[tuple[object, str]]) -> None:
    for storage, name in files:
        storage.delete(name)  # type: ignore[attr-defined]
