"""Numbers, money, dates, periods and spellings as people in India read and type them."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from core import indian_format
from core.devanagari import clean, folded, plain_digits
from core.periods import covers, last_day, period


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("0", "₹0"),
        ("999", "₹999"),
        ("1000", "₹1,000"),
        ("100000", "₹1,00,000"),
        ("118200000", "₹11,82,00,000"),
        ("1234567.5", "₹12,34,567.50"),
        ("0.005", "₹0.01"),
        ("-0.004", "₹0.00"),
        ("-54321", "−₹54,321"),
    ],
)
def test_rupees_are_grouped_in_lakh_and_crore(amount, shown):
    assert indian_format.rupees(Decimal(amount)).replace("−₹0.00", "₹0.00") == shown


@pytest.mark.parametrize(
    ("amount", "english", "hindi"),
    [
        (118200000, "₹11.82 crore", "₹11.82 करोड़"),
        (450000, "₹4.50 lakh", "₹4.50 लाख"),
        (99999, "₹99,999", "₹99,999"),
    ],
)
def test_large_amounts_are_said_in_crore_and_lakh_in_both_languages(amount, english, hindi):
    with translation.override("en"):
        assert indian_format.crore(amount) == english
    with translation.override("hi"):
        assert indian_format.crore(amount) == hindi


def test_dates_are_written_in_both_languages():
    with translation.override("en"):
        assert indian_format.day(date(2026, 11, 22)) == "22 Nov 2026"
    with translation.override("hi"):
        assert indian_format.day(date(2026, 11, 22)) == "22 नव॰ 2026"


def test_square_metres_are_shown_in_square_feet():
    assert indian_format.square_feet(Decimal("37.16")) == Decimal("400")
    assert indian_format.square_feet(Decimal("18.58")) == Decimal("200")


@given(st.decimals(min_value=Decimal("-1e12"), max_value=Decimal("1e12"), places=2))
def test_grouping_loses_no_digit(amount):
    shown = indian_format.grouped(amount, 2)
    assert Decimal(shown.replace(",", "").replace("−", "-")) == amount


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("चँदेरी", "चंदेरी"),
        ("ज़री-ज़रदोज़ी", "जरी-जरदोजी"),
        ("\u0921\u093c", "\u095c"),  # ड + nukta and the precomposed ड़
        ("क्\u200dष", "क्ष"),
        ("४५६ ००१", "456  001"),
        ("Chanderi", "CHANDERI"),
    ],
)
def test_two_spellings_of_one_name_compare_equal(one, other):
    assert folded(one) == folded(other)


@given(st.text())
def test_folding_twice_is_folding_once(text):
    assert folded(folded(text)) == folded(text)


def test_what_was_typed_is_kept_for_display():
    assert clean("  चँदेरी\u200b ") == "चँदेरी"
    assert clean("क्\u200dष") == "क्\u200dष"
    assert plain_digits("९८२६०") == "98260"


@given(st.dates(min_value=date(1990, 1, 1), max_value=date(2090, 1, 1)), st.integers(0, 20000))
def test_a_period_holds_its_first_and_last_day_and_no_day_beside(first, length):
    last = first + timedelta(days=length)
    span = period(first, last)
    assert covers(span, first)
    assert covers(span, last)
    assert not covers(span, first - timedelta(days=1))
    assert not covers(span, last + timedelta(days=1))
    assert last_day(span) == last


def test_a_period_cannot_end_before_it_begins():
    with pytest.raises(ValueError, match="end before"):
        period(date(2026, 1, 2), date(2026, 1, 1))
