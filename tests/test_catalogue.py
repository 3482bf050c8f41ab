"""The catalogue: products, what their cards must say by law, their pictures, and the codes by which they are found."""

import io
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from accounts.models import User
from core.periods import period
from core.wording import NotAcceptable
from inventory import cataloguing, codes, ledger, pictures, places, publishing, scanning
from inventory.models import MovementKind, Picture, PlaceKind, Product, ProductKind
from reference.models import Craft, District, GiRegistration, OdopListing, TaxCode
from tenants.models import GiAuthorisation, Tenant

WOOD = {"kind": ProductKind.HANDICRAFT, "name_en": "Wooden bowl", "name_hi": "लकड़ी का कटोरा"}
LM = "Legal Metrology (Packaged Commodities) Rules, 2011, r. "


@pytest.fixture
def bowl(chanderi: Tenant, owner: User) -> Product:
    return cataloguing.add_product(tenant=chanderi, by=owner, sku="W-1", **WOOD)


@pytest.fixture
def photograph() -> Callable[..., SimpleUploadedFile]:
    """A photograph as a phone would upload it; another colour makes another file."""

    def make(colour: str = "teal", size: tuple[int, int] = (2000, 1000), kind: str = "JPEG", **more: Any) -> Any:
        out = io.BytesIO()
        Image.new(more.pop("mode", "RGB"), size, colour).save(out, kind, **more)
        return SimpleUploadedFile(f"photo.{kind.lower()}", out.getvalue())

    return make


def wants(product: Product, day: date) -> list[tuple[str, str]]:
    product = Product.objects.with_facts().get(pk=product.pk)
    return [(lack.field, str(lack.rule)) for lack in publishing.missing(product, day=day)]


def fields(product: Product, day: date) -> list[str]:
    return [field for field, _rule in wants(product, day)]


# --- adding and changing -----------------------------------------------------------------------------------------


def test_what_is_typed_is_kept_tidy(chanderi: Tenant, owner: User) -> None:
    """890123456789: 3 x (9+1+3+5+7+9) + (8+0+2+4+6+8) = 102 + 28 = 130, so the check digit is 0."""
    product = cataloguing.add_product(
        tenant=chanderi,
        by=owner,
        sku="  c-१२ ",
        gtin="८९०१ २३४५-६७८९०",
        name_en=" Chanderi sari ",
        name_hi="चंदेरी साड़ी ",
        kind=ProductKind.TEXTILE,
    )
    assert (product.sku, product.gtin, product.name_en, product.name_hi) == (
        "c-12",
        "8901234567890",
        "Chanderi sari",
        "चंदेरी साड़ी",
    )
    assert product.history.get().history_user == owner


def test_a_barcode_with_a_wrong_last_digit_is_refused(chanderi: Tenant, owner: User) -> None:
    with pytest.raises(NotAcceptable) as refused:
        cataloguing.add_product(tenant=chanderi, by=owner, sku="W-2", gtin="8901234567893", **WOOD)
    assert list(refused.value.errors) == ["gtin"]


def test_a_sku_is_used_once_by_a_tenant_whatever_its_case(bowl: Product, batik: Tenant, owner: User) -> None:
    with pytest.raises(NotAcceptable):
        cataloguing.add_product(tenant=bowl.tenant, by=owner, sku="w-1", **WOOD)
    assert cataloguing.add_product(tenant=batik, by=owner, sku="w-1", **WOOD).pk


def test_a_sku_does_not_look_like_a_label_of_ours(chanderi: Tenant, owner: User) -> None:
    with pytest.raises(NotAcceptable) as refused:
        cataloguing.add_product(tenant=chanderi, by=owner, sku="p0001230", **WOOD)
    assert list(refused.value.errors) == ["sku"]


def test_goods_take_no_code_of_services(bowl: Product, owner: User) -> None:
    with pytest.raises(NotAcceptable) as refused:
        cataloguing.change_product(product=bowl, by=owner, hsn=TaxCode.objects.get(scheme="sac", code="997212"))
    assert list(refused.value.errors) == ["hsn"]


def test_the_price_is_at_most_the_mrp(bowl: Product, owner: User) -> None:
    with pytest.raises(NotAcceptable) as refused:
        cataloguing.change_product(product=bowl, by=owner, mrp=Decimal(500), price=Decimal("500.01"))
    assert [str(line) for line in refused.value.errors["__all__"]] == [
        "The price is at most the MRP: correct one of the two."
    ]


def test_how_goods_are_counted_stays_once_they_came(bowl: Product, owner: User, now: datetime) -> None:
    cataloguing.change_product(product=bowl, by=owner, unit_of_measure="SET")
    ledger.add_lot(product=bowl, received_date=now.date())
    with pytest.raises(cataloguing.CountedAlready):
        cataloguing.change_product(product=bowl, by=owner, unit_of_measure="KGS")
    with pytest.raises(cataloguing.CountedAlready):
        cataloguing.change_product(product=bowl, by=owner, is_one_of_a_kind=True)
    assert cataloguing.change_product(product=bowl, by=owner, name_en="Teak bowl").name_en == "Teak bowl"


def test_a_product_is_laid_aside_only_when_none_is_left(bowl: Product, owner: User, now: datetime) -> None:
    lot = ledger.add_lot(product=bowl, received_date=now.date())
    supplier, dock = places.the(PlaceKind.SUPPLIER), places.the(PlaceKind.DOCK)

    def carry(kind: MovementKind, source: Any, target: Any, key: str) -> None:
        lines = ledger.move(lot.pk, source.pk, target.pk, Decimal(3))
        ledger.post(tenant=bowl.tenant_id, kind=kind, lines=lines, key=key, at=now, by=owner, reason="test")

    carry(MovementKind.RECEIPT, supplier, dock, "came")
    with pytest.raises(cataloguing.StockLeft) as refused:
        cataloguing.lay_aside(product=bowl, by=owner, at=now)
    assert Decimal(refused.value.details["on_hand"]) == 3
    carry(MovementKind.OWNER_RETURN, dock, places.the(PlaceKind.OWNER), "went")
    assert cataloguing.lay_aside(product=bowl, by=owner, at=now).laid_aside_at == now
    with pytest.raises(publishing.LaidAside):
        publishing.publish(product=bowl, by=owner, at=now)
    assert cataloguing.take_up(product=bowl, by=owner).laid_aside_at is None


# --- what a card must say ----------------------------------------------------------------------------------------


def test_every_card_wants_a_picture_a_price_and_an_hsn_code(bowl: Product, today: date) -> None:
    assert wants(bowl, today) == [
        ("pictures", "The mall's rule for every card"),
        ("price", "The mall's rule for every card"),
        ("hsn", "CGST Rules, 2017, r. 46: a bill names the HSN code"),
    ]


def test_a_package_wants_what_legal_metrology_wants(bowl: Product, owner: User, today: date) -> None:
    cataloguing.change_product(product=bowl, by=owner, is_packed=True, country_of_origin="")
    assert wants(bowl, today)[3:] == [
        ("maker_address", LM + "6(1)(a)"),
        ("country_of_origin", LM + "6(1)"),
        ("net_quantity", LM + "6(1)(c)"),
        ("mrp", LM + "6(1)(e)"),
        ("consumer_care", LM + "6(2)"),
    ]


def test_other_goods_are_packages_whether_ticked_or_not(bowl: Product, owner: User, today: date) -> None:
    cataloguing.change_product(product=bowl, by=owner, kind=ProductKind.OTHER)
    assert fields(bowl, today)[3:] == ["maker_address", "net_quantity", "mrp", "consumer_care"]


def test_a_textile_names_its_fibre_and_size(bowl: Product, owner: User, today: date) -> None:
    cataloguing.change_product(product=bowl, by=owner, kind=ProductKind.TEXTILE)
    assert wants(bowl, today)[3:] == [
        ("material", "Textiles (Consumer Protection) Regulation, 1988: cloth names its fibre"),
        ("size", LM + "6(1)(f)"),
    ]


def test_food_wants_ingredients_a_mark_a_last_day_and_a_licence(bowl: Product, owner: User, today: date) -> None:
    cataloguing.change_product(product=bowl, by=owner, kind=ProductKind.FOOD)
    labelled = "Food Safety and Standards (Labelling and Display) Regulations, 2020, reg. 5"
    assert wants(bowl, today)[3:] == [
        ("ingredients", labelled),
        ("food_mark", labelled),
        ("shelf_life_days", labelled),
        ("tenant", "Food Safety and Standards Act, 2006, s. 31"),
    ]
    Tenant.objects.filter(pk=bowl.tenant_id).update(fssai_no="10012022000001")
    assert fields(bowl, today)[3:] == ["ingredients", "food_mark", "shelf_life_days"]


def test_loose_produce_wants_no_more_than_every_card(bowl: Product, owner: User, today: date) -> None:
    cataloguing.change_product(product=bowl, by=owner, kind=ProductKind.FARM)
    assert fields(bowl, today) == ["pictures", "price", "hsn"]


def test_an_odop_listing_is_of_the_district_of_the_goods(bowl: Product, owner: User, today: date) -> None:
    listing = OdopListing.objects.get(district__name_en="Ujjain", product__code="batik-print")
    cataloguing.change_product(
        product=bowl, by=owner, odop_listing=listing, district=District.objects.get(name_en="Ashoknagar")
    )
    assert fields(bowl, today)[3:] == ["odop_listing"]
    assert publishing.marks(Product.objects.with_facts().get(pk=bowl.pk), day=today) == ()
    changed = cataloguing.change_product(product=bowl, by=owner, district=listing.district)
    assert fields(bowl, today)[3:] == []
    assert [mark.code for mark in publishing.marks(changed, day=today)] == ["odop"]


def test_the_gi_badge_needs_registration_and_authorisation_on_the_day(bowl: Product, owner: User, today: date) -> None:
    registration = GiRegistration.objects.get(code="chanderi-sarees")
    changed = cataloguing.change_product(product=bowl, by=owner, gi_registration=registration, has_handloom_mark=True)
    assert fields(bowl, today)[3:] == ["gi_registration"]
    assert [mark.code for mark in publishing.marks(changed, day=today)] == ["handloom"]
    last = today + timedelta(days=5)
    GiAuthorisation.objects.create(
        tenant=bowl.tenant,
        registration=registration,
        authorised_user_no="AU/1",
        holder="x",
        validity=period(today, last),
    )
    assert fields(bowl, last)[3:] == []
    assert [(mark.code, mark.detail) for mark in publishing.marks(changed, day=last)] == [
        ("gi", "Chanderi Sarees · AU/1"),
        ("handloom", ""),
    ]
    assert fields(bowl, last + timedelta(days=1))[3:] == ["gi_registration"]
    assert [mark.code for mark in publishing.marks(changed, day=last + timedelta(days=1))] == ["handloom"]


def test_an_applied_for_gi_is_no_gi(bowl: Product, owner: User, today: date) -> None:
    applied = GiRegistration.objects.get(code="betul-kukru-coffee")
    cataloguing.change_product(product=bowl, by=owner, gi_registration=applied)
    lack = publishing.missing(Product.objects.with_facts().get(pk=bowl.pk), day=today)[-1]
    assert str(lack.sentence) == "This GI registration is not valid today. Take it off the card."


@pytest.mark.parametrize(
    ("net_quantity", "price", "expected"),
    [
        ("250 g", "100", ("0.40", "g")),  # 100 / 250
        ("1.5 kg", "300", ("200.00", "kg")),  # 300 / 1.5
        ("500ml", "120", ("0.24", "ml")),
        ("5.5 m", "4400", ("800.00", "m")),
        ("80 cm", "60", ("0.75", "cm")),
        ("12 N", "240", ("20.00", "N")),
        ("1 kg", "90", None),  # the package is one unit: its price is the unit price
        ("a handful", "90", None),
    ],
)
def test_the_unit_sale_price_follows_from_the_net_quantity(
    net_quantity: str, price: str, expected: tuple[str, str] | None
) -> None:
    found = publishing.unit_price(Product(net_quantity=net_quantity, price=Decimal(price)))
    assert found == (publishing.UnitPrice(Decimal(expected[0]), expected[1]) if expected else None)


def test_a_net_quantity_is_a_number_and_a_unit(bowl: Product, owner: User, today: date) -> None:
    cataloguing.change_product(
        product=bowl, by=owner, is_packed=True, net_quantity="a handful", mrp=Decimal(90),
        maker_address="Chanderi 473446", consumer_care="98260 12345",
    )  # fmt: skip
    assert wants(bowl, today)[-1] == ("net_quantity", LM + "6(11), 13")
    cataloguing.change_product(product=bowl, by=owner, net_quantity="२५० g")
    assert "net_quantity" not in fields(bowl, today)


@pytest.fixture
def shown(bowl: Product, owner: User, now: datetime, photograph: Callable[..., Any]) -> Product:
    """A bowl that visitors see."""
    pictures.add_picture(product=bowl, upload=photograph(), by=owner, at=now)
    cataloguing.change_product(
        product=bowl, by=owner, price=Decimal(450), hsn=TaxCode.objects.get(scheme="hsn", code="4420")
    )
    return publishing.publish(product=bowl, by=owner, at=now)


def test_an_incomplete_card_is_not_shown_and_says_what_is_missing(bowl: Product, owner: User, now: datetime) -> None:
    with pytest.raises(publishing.NotPublishable) as refused:
        publishing.publish(product=bowl, by=owner, at=now)
    assert refused.value.details["missing"][0] == {
        "field": "pictures",
        "sentence": "Add at least one picture.",
        "rule": "The mall's rule for every card",
    }


def test_a_complete_card_is_shown_once_and_taken_back(shown: Product, owner: User, now: datetime) -> None:
    assert list(Product.objects.published()) == [shown]
    assert publishing.publish(product=shown, by=owner, at=now + timedelta(hours=1)).published_at == now
    assert publishing.take_back(product=shown, by=owner).published_at is None


def test_a_change_that_leaves_a_gap_takes_the_card_back(shown: Product, owner: User, now: datetime) -> None:
    assert cataloguing.change_product(product=shown, by=owner, price=Decimal(440)).published_at == now
    assert cataloguing.change_product(product=shown, by=owner, hsn=None).published_at is None


def test_the_last_picture_takes_the_card_with_it(shown: Product, owner: User) -> None:
    pictures.remove_picture(picture=shown.pictures.get(), by=owner)
    shown.refresh_from_db()
    assert shown.published_at is None


# --- pictures ----------------------------------------------------------------------------------------------------


def test_a_photograph_is_drawn_anew_without_the_place_it_was_taken(
    bowl: Product, owner: User, now: datetime, photograph: Callable[..., Any]
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # held upright: turn it clockwise
    exif.get_ifd(0x8825).update({1: "N", 2: (23.0, 13.0, 12.0), 3: "E", 4: (75.0, 46.0, 6.0)})
    upload = photograph(exif=exif)
    assert Image.open(upload).getexif().get_ifd(0x8825)[1] == "N"
    upload.seek(0)
    picture = pictures.add_picture(product=bowl, upload=upload, by=owner, at=now, alt_en=" A bowl ")
    assert (picture.width, picture.height, picture.alt_en) == (1000, 2000, "A bowl")
    sizes = {}
    for name in pictures.WIDTHS:
        with Image.open(getattr(picture, name).path) as drawn:
            sizes[name] = (drawn.format, drawn.size)
            assert not drawn.getexif()
            assert "exif" not in drawn.info
    assert sizes == {
        "small": ("WEBP", (160, 320)),
        "medium": ("WEBP", (640, 1280)),
        "large": ("WEBP", (1000, 2000)),
    }


def test_what_shines_through_becomes_white(
    bowl: Product, owner: User, now: datetime, photograph: Callable[..., Any]
) -> None:
    upload = photograph("#ff000000", (10, 10), "PNG", mode="RGBA")
    picture = pictures.add_picture(product=bowl, upload=upload, by=owner, at=now)
    with Image.open(picture.small.path) as drawn:
        assert drawn.convert("RGB").getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4", b"<svg onload='x()'/>", b"\xff\xd8\xff\xe0 cut off"])
def test_what_is_no_photograph_is_refused(bowl: Product, owner: User, now: datetime, content: bytes) -> None:
    with pytest.raises(pictures.PictureRefused):
        pictures.add_picture(product=bowl, upload=SimpleUploadedFile("x.jpg", content), by=owner, at=now)
    assert not Picture.objects.exists()


def test_a_small_file_with_too_many_pixels_is_refused(
    bowl: Product, owner: User, now: datetime, photograph: Callable[..., Any]
) -> None:
    upload = photograph(0, (9000, 9000), "PNG", mode="1")
    assert upload.size < 100_000
    with pytest.raises(pictures.PictureRefused) as refused:
        pictures.add_picture(product=bowl, upload=upload, by=owner, at=now)
    assert str(refused.value) == "This picture has too many pixels. Take it in a lower resolution."


def test_eight_pictures_each_once(bowl: Product, owner: User, now: datetime, photograph: Callable[..., Any]) -> None:
    for shade in range(8):
        upload = photograph(f"#0000{shade:02x}", (40, 40), "PNG")
        pictures.add_picture(product=bowl, upload=upload, by=owner, at=now)
    with pytest.raises(pictures.PictureThereAlready):
        pictures.add_picture(product=bowl, upload=photograph("#000007", (40, 40), "PNG"), by=owner, at=now)
    with pytest.raises(pictures.TooManyPictures):
        pictures.add_picture(product=bowl, upload=photograph("#000009", (40, 40), "PNG"), by=owner, at=now)


def test_a_picture_is_put_first_and_the_others_follow(
    bowl: Product, owner: User, now: datetime, photograph: Callable[..., Any]
) -> None:
    one, two, three = (
        pictures.add_picture(product=bowl, upload=photograph(colour, (40, 40), "PNG"), by=owner, at=now)
        for colour in ("red", "green", "blue")
    )
    pictures.put_first(picture=three, by=owner)
    assert list(bowl.pictures.all()) == [three, one, two]


def test_the_files_of_a_removed_picture_go_once_that_is_certain(
    bowl: Product, owner: User, now: datetime, photograph: Callable[..., Any], django_capture_on_commit_callbacks: Any
) -> None:
    picture = pictures.add_picture(product=bowl, upload=photograph(), by=owner, at=now)
    paths = [Path(getattr(picture, name).path) for name in pictures.WIDTHS]
    with django_capture_on_commit_callbacks(execute=True):
        pictures.remove_picture(picture=picture, by=owner)
        assert all(path.exists() for path in paths)
    assert not any(path.exists() for path in paths)


# --- codes -------------------------------------------------------------------------------------------------------


def test_one_barcode_number_in_all_its_spellings(bowl: Product, owner: User) -> None:
    """03600029145: 3 x (0+6+0+2+1+5) + (3+0+0+9+4) = 42 + 16 = 58, so the check digit is 2: UPC 036000291452."""
    cataloguing.change_product(product=bowl, by=owner, gtin="036000291452")
    products = Product.objects.all()
    for typed in ("036000291452", "0036000291452", "00036000291452", "०३६०००२९१४५२", " 0 36000 29145-2 "):
        assert scanning.find(typed, products=products) == scanning.Found(bowl)
    with pytest.raises(scanning.NothingScanned):
        scanning.find("036000291453", products=products)


def test_our_own_labels_name_a_product_or_a_lot(bowl: Product, now: datetime) -> None:
    lot = ledger.add_lot(product=bowl, received_date=now.date())
    products = Product.objects.all()
    assert scanning.find(bowl.code.lower(), products=products) == scanning.Found(bowl, None)
    assert scanning.find(lot.code, products=products) == scanning.Found(bowl, lot)
    wrong = lot.code[:-1] + str((int(lot.code[-1]) + 1) % 10)
    with pytest.raises(codes.WrongCode):
        scanning.find(wrong, products=products)


def test_goods_of_others_are_not_found(bowl: Product, batik: Tenant, now: datetime) -> None:
    lot = ledger.add_lot(product=bowl, received_date=now.date())
    for typed in (bowl.code, lot.code, "W-1", codes.written("T", 1), "", "   "):
        with pytest.raises(scanning.NothingScanned):
            scanning.find(typed, products=Product.objects.filter(tenant=batik))


def test_a_sku_of_two_tenants_is_asked_about(bowl: Product, batik: Tenant, owner: User, now: datetime) -> None:
    other = cataloguing.add_product(tenant=batik, by=owner, sku="w-1", **WOOD)
    with pytest.raises(scanning.SeveralScanned) as refused:
        scanning.find("W-1", products=Product.objects.all())
    assert sorted(refused.value.details["products"]) == [bowl.pk, other.pk]
    cataloguing.lay_aside(product=other, by=owner, at=now)
    assert scanning.find("w-१", products=Product.objects.all()) == scanning.Found(bowl)


@given(kind=st.sampled_from(sorted(codes.KINDS)), number=st.integers(1, 10**15))
def test_a_code_reads_back_as_written(kind: str, number: int) -> None:
    assert codes.read(codes.written(kind, number)) == (kind, number)


@given(number=st.integers(1, 10**12), place=st.integers(0, 30), other=st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(number: int, place: int, other: int) -> None:
    code = codes.written("L", number)
    at = 1 + place % (len(code) - 1)
    mistyped = code[:at] + str((int(code[at]) + other) % 10) + code[at + 1 :]
    with pytest.raises(codes.WrongCode):
        codes.read(mistyped)


def test_the_crafts_of_the_country_are_known(db: None) -> None:
    assert str(Craft.objects.get(code="batik")) == "Batik of Bherugarh"
    assert Craft.objects.count() == 39
