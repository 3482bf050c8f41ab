"""Devanagari (and everything else) folded for comparison; what was typed is kept for display."""

import re
import unicodedata

DIGITS = str.maketrans("०१२३४५६७८९", "0123456789")
INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
SPACES = re.compile(r"\s+")
NUKTA = "\u093c"


def folded(text: str) -> str:
    """A key under which two spellings of one name are equal.

    Composes by NFC after dropping nuktas and joiners, turns chandrabindu into anusvara and Devanagari
    digits into international ones, folds case and white space: "चँदेरी" and "चंदेरी", "ज़री" and "जरी".
    """
    text = unicodedata.normalize("NFD", text).replace(NUKTA, "")
    text = INVISIBLE.sub("", text).replace("ँ", "ं").translate(DIGITS)
    return SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip().casefold()


def plain_digits(text: str) -> str:
    """The text with Devanagari digits turned into international ones: ९८२६० -> 98260."""
    return text.translate(DIGITS)


def clean(text: str) -> str:
    """What a person typed, composed (NFC), without invisible characters and outer spaces; kept for display.

    Zero-width joiner and non-joiner stay: they carry shaping in Devanagari.
    """
    text = unicodedata.normalize("NFC", text)
    return re.sub("[\u200b\u200e\u200f\u2060\ufeff\u00ad]", "", text).strip()
