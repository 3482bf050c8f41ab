"""The pages of the catalogue, as tenants and the mall's staff use them."""

import io
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from inventory import pictures, publishing
from inventory.models import Picture, PlaceKind, Product
from inventory.places import the
from reference.models import TaxCode
from tests.goods import put, sari


@pytest.fixture
def home(client, owner):
    client.force_login(owner)
    return client


@pytest.fixture
def office(client, administrator):
    client.force_login(administrator)
    return client


@pytest.fixture
def card(chanderi):
    """A sari of Chanderi whose card lacks a picture only."""
    return sari(
        chanderi, "CHN-1", name_en="Chanderi sari", name_hi="चंदेरी साड़ी", material="70% cotton, 30% silk",
        hsn=TaxCode.objects.filter(scheme="hsn")[0], size="5.5 m",
    )  # fmt: skip


def photo(colour="#7a1f2b", name="photo.jpg"):
    out = io.BytesIO()
    Image.new("RGB", (400, 300), colour).save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/jpeg")


@pytest.fixture
def pictured(card, owner, now):
    pictures.add_picture(product=card, upload=photo(), by=owner, at=now)
    return card


def typed(**words):
    """The form of a product as a browser sends it."""
    return {
        "name_hi": "चंदेरी दुपट्टा", "name_en": "Chanderi dupatta", "kind": "textile", "sku": "CHN-2", "gtin": "",
        "unit_of_measure": "NOS", "litres": "0.5", "country_of_origin": "India",
    } | words  # fmt: skip


def text(response):
    return response.content.decode()


def found(client, where, **wanted):
    return [line.product.sku for line in client.get(where, wanted).context["lines"]]


# Lists


@pytest.mark.parametrize("typed", ["चंदेरी", "चँदेरी साडी", "chanderi SARI", "chn-1"])
def test_a_product_is_found_in_either_script_and_by_its_sku(home, chanderi, card, typed):
    sari(chanderi, "X-9")
    assert found(home, reverse("tenant-products", args=[chanderi.pk]), q=typed) == ["CHN-1"]


def test_a_product_is_found_by_its_barcode_with_or_without_noughts(home, chanderi, card):
    sari(chanderi, "X-9", gtin="8901234567890")
    where = reverse("tenant-products", args=[chanderi.pk])
    assert found(home, where, q="8901234567890") == ["X-9"]
    assert found(home, where, q="०८९०१२३४५६७८९०") == ["X-9"]


def test_the_list_is_narrowed_by_kind_by_what_visitors_see_and_by_what_runs_low(home, chanderi, pictured, owner, now):
    where = reverse("tenant-products", args=[chanderi.pk])
    sari(chanderi, "LOW", reorder_level=Decimal(2), kind="handicraft")
    sari(chanderi, "OLD", laid_aside_at=now)
    publishing.publish(product=pictured, by=owner, at=now)
    assert found(home, where) == ["CHN-1", "LOW"]
    assert found(home, where, shown="yes") == ["CHN-1"]
    assert found(home, where, shown="no") == ["LOW"]
    assert found(home, where, shown="aside") == ["OLD"]
    assert found(home, where, kind="handicraft") == ["LOW"]
    assert found(home, where, low="on") == ["LOW"]


def test_a_product_with_enough_on_hand_does_not_run_low(home, chanderi, now):
    full = sari(chanderi, "FULL", reorder_level=Decimal(2))
    put(full, the(PlaceKind.DOCK), 3, now)
    where = reverse("tenant-products", args=[chanderi.pk])
    assert found(home, where, low="on") == []
    assert home.get(where).context["lines"][0].product.on_hand == 3


def test_an_empty_catalogue_says_what_to_do_next(home, chanderi):
    home.cookies["django_language"] = "en"
    page = text(home.get(reverse("tenant-products", args=[chanderi.pk])))
    assert "No products yet" in page
    assert page.count(reverse("product-add", args=[chanderi.pk])) == 2


def test_staff_of_the_mall_see_the_products_of_all_tenants_and_a_member_the_own(client, card, batik, owner, auditor):
    sari(batik, "BTK-1")
    client.force_login(auditor)
    assert sorted(found(client, reverse("products"))) == ["BTK-1", "CHN-1"]
    client.force_login(owner)
    assert found(client, reverse("products")) == ["CHN-1"]


def test_the_list_asks_the_same_number_of_questions_for_one_product_and_for_twenty(
    home, chanderi, card, django_assert_max_num_queries
):
    where = reverse("tenant-products", args=[chanderi.pk])
    home.get(where)
    with django_assert_max_num_queries(25) as few:
        home.get(where)
    for number in range(20):
        sari(chanderi, f"M-{number}")
    with django_assert_max_num_queries(len(few)):
        home.get(where)


# The card


def test_a_product_is_added_and_shown(home, chanderi):
    answer = home.post(reverse("product-add", args=[chanderi.pk]), typed(price="१,२००.५०", gtin=" 890-1234567890 "))
    product = Product.objects.get(sku="CHN-2")
    assert answer.url == reverse("product", args=[product.pk])
    assert (product.price, product.gtin, product.litres) == (Decimal("1200.50"), "8901234567890", Decimal("0.5"))
    assert "₹1,200.50" in text(home.get(answer.url))


def test_the_form_names_every_field_that_is_wrong(home, chanderi, card):
    answer = home.post(
        reverse("product-add", args=[chanderi.pk]),
        typed(sku="chn-1", gtin="8901234567891", price="20", mrp="10", litres="much"),
    )
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"litres"}
    answer = home.post(
        reverse("product-add", args=[chanderi.pk]), typed(sku="chn-1", gtin="8901234567891", price="20", mrp="10")
    )
    assert answer.status_code == 422
    assert "gtin" in answer.context["form"].errors
    assert not Product.objects.filter(name_en="Chanderi dupatta").exists()


def test_a_change_that_leaves_a_gap_takes_the_card_back_from_visitors_and_says_so(home, pictured, owner, now):
    publishing.publish(product=pictured, by=owner, at=now)
    form = home.get(reverse("product-edit", args=[pictured.pk])).context["form"]
    words = {name: value for name, value in form.initial.items() if value not in (None, False)}
    answer = home.post(reverse("product-edit", args=[pictured.pk]), words | {"material": "", "price": ""}, follow=True)
    assert Product.objects.get(pk=pictured.pk).published_at is None
    assert [message.level_tag for message in answer.context["messages"]] == ["success", "warning"]


def test_what_is_missing_is_listed_with_its_rule_and_a_way_to_the_field(home, chanderi):
    bare = sari(chanderi, "BARE", price=None)
    page = home.get(reverse("product", args=[bare.pk]))
    assert {lack.field for lack in page.context["missing"]} >= {"pictures", "price", "hsn"}
    assert f'href="{reverse("product-edit", args=[bare.pk])}#id_price"' in text(page)
    assert f'href="{reverse("product-pictures", args=[bare.pk])}"' in text(page)
    assert reverse("product-publish", args=[bare.pk]) not in text(page)


def test_a_card_is_shown_to_visitors_and_taken_back_after_a_question(home, pictured):
    assert home.get(reverse("product-publish", args=[pictured.pk])).status_code == 200
    home.post(reverse("product-publish", args=[pictured.pk]))
    assert Product.objects.get(pk=pictured.pk).published_at is not None
    assert home.get(reverse("product-take-back", args=[pictured.pk])).status_code == 200
    home.post(reverse("product-take-back", args=[pictured.pk]))
    assert Product.objects.get(pk=pictured.pk).published_at is None


def test_an_unfinished_card_is_not_shown_to_visitors(home, card):
    answer = home.get(reverse("product-publish", args=[card.pk]))
    assert answer.url == reverse("product", args=[card.pk])
    home.post(reverse("product-publish", args=[card.pk]))
    assert Product.objects.get(pk=card.pk).published_at is None


def test_a_product_is_laid_aside_with_the_reason_and_taken_up_again(home, card):
    assert home.post(reverse("product-lay-aside", args=[card.pk]), {"why": ""}).status_code == 422
    home.post(reverse("product-lay-aside", args=[card.pk]), {"why": "बनना बंद"})
    assert Product.objects.get(pk=card.pk).laid_aside_at is not None
    assert "बनना बंद" in text(home.get(reverse("product-history", args=[card.pk])))
    home.post(reverse("product-take-up", args=[card.pk]))
    assert Product.objects.get(pk=card.pk).laid_aside_at is None


def test_a_product_that_lies_in_the_mall_is_not_laid_aside(home, card, now):
    put(card, the(PlaceKind.DOCK), 1, now)
    answer = home.post(reverse("product-lay-aside", args=[card.pk]), {"why": "बनना बंद"})
    assert answer.status_code == 422
    assert Product.objects.get(pk=card.pk).laid_aside_at is None


@pytest.mark.parametrize("language", ["hi", "en"])
@pytest.mark.parametrize("name", ["product", "product-edit", "product-history", "product-pictures"])
def test_every_page_of_a_product_opens_in_both_languages(home, pictured, name, language):
    home.cookies["django_language"] = language
    page = home.get(reverse(name, args=[pictured.pk]))
    assert page.status_code == 200
    assert f'lang="{language}"' in text(page)


def test_another_tenants_product_is_as_absent_as_none(client, outsider, pictured):
    client.force_login(outsider)
    picture = pictured.pictures.get()
    for name in ("product", "product-edit", "product-publish", "product-pictures", "product-history"):
        assert client.get(reverse(name, args=[pictured.pk])).status_code == 404
    assert client.get(reverse("picture", args=[picture.pk, "small"])).status_code == 404
    assert client.get(reverse("labels", args=[pictured.tenant_id])).status_code == 404


# Pictures


@pytest.mark.parametrize("field", ["camera", "file"])
def test_a_photo_is_added_from_the_camera_or_from_the_phone(home, card, field):
    answer = home.post(reverse("product-pictures", args=[card.pk]), {field: photo(), "alt_hi": "लाल किनारी"})
    assert answer.url == reverse("product-pictures", args=[card.pk])
    assert card.pictures.get().alt_hi == "लाल किनारी"


def test_no_photo_or_no_picture_is_told_beside_the_field(home, card):
    where = reverse("product-pictures", args=[card.pk])
    assert home.post(where, {}).context["form"].errors.keys() == {"file"}
    wrong = SimpleUploadedFile("photo.jpg", b"<script>alert(1)</script>", content_type="image/jpeg")
    answer = home.post(where, {"file": wrong})
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"file"}


@pytest.mark.parametrize(("size", "width"), [("small", 160), ("medium", 400), ("large", 400)])
def test_a_picture_is_served_to_who_may_see_it_and_kept_by_nobody_between(home, pictured, size, width):
    answer = home.get(reverse("picture", args=[pictured.pictures.get().pk, size]))
    assert Image.open(io.BytesIO(b"".join(answer.streaming_content))).width == width
    assert answer["Content-Type"] == "image/webp"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "private" in answer["Cache-Control"]
    assert "default-src 'none'" in answer["Content-Security-Policy"]


def test_a_picture_has_three_sizes_and_no_other(home, pictured):
    picture = pictured.pictures.get()
    assert home.get(reverse("picture", args=[picture.pk, "original"])).status_code == 404


def test_a_picture_is_put_first_and_another_removed(home, pictured, owner, now):
    second = pictures.add_picture(product=pictured, upload=photo("#26326f"), by=owner, at=now)
    home.post(reverse("picture-first", args=[second.pk]))
    assert pictured.pictures.first() == second
    assert home.get(reverse("picture-remove", args=[second.pk])).status_code == 200
    home.post(reverse("picture-remove", args=[second.pk]))
    assert list(Picture.objects.filter(product=pictured).values_list("pk", flat=True)) != [second.pk]
    assert pictured.pictures.count() == 1


# Labels


def test_labels_of_products_and_lots_come_as_a_pdf(home, chanderi, card, now):
    lot = put(card, the(PlaceKind.DOCK), 3, now)
    page = home.get(reverse("labels", args=[chanderi.pk]), {"product": card.pk})
    assert {f"P{card.pk}", f"L{lot.pk}"} <= set(page.context["form"].fields)
    answer = home.post(
        reverse("labels-pdf", args=[chanderi.pk]), {"paper": "a4_24", f"P{card.pk}": "2", f"L{lot.pk}": "३"}
    )
    assert answer["Content-Type"] == "application/pdf"
    assert "attachment" in answer["Content-Disposition"]
    assert answer.content.startswith(b"%PDF-")


@pytest.mark.parametrize("copies", ["", "0", "501", "-1", "many"])
def test_too_many_labels_or_none_are_told_on_the_same_page(home, chanderi, card, copies):
    answer = home.post(reverse("labels-pdf", args=[chanderi.pk]), {"paper": "roll", f"P{card.pk}": copies})
    assert answer.status_code == 422
    assert answer.context["form"].errors
    assert [choice.product for choice in answer.context["choices"]] == [card]


def test_500_labels_is_the_limit_over_all_products(home, chanderi, card):
    other = sari(chanderi, "X-9")
    answer = home.post(
        reverse("labels-pdf", args=[chanderi.pk]), {"paper": "roll", f"P{card.pk}": "300", f"P{other.pk}": "201"}
    )
    assert answer.status_code == 422
    assert answer.context["form"].non_field_errors()


def test_labels_of_another_tenants_product_are_not_printed(home, chanderi, card, batik):
    foreign = sari(batik, "BTK-1")
    answer = home.post(reverse("labels-pdf", args=[chanderi.pk]), {"paper": "roll", f"P{foreign.pk}": "1"})
    assert answer.status_code == 422
