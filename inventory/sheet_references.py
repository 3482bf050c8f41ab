"""Districts, crafts, GI registrations and the like, found by the names and codes that people write into cells."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils import translation

from core.devanagari import folded
from inventory.sheet_cells import WrongCell, compact
from reference.models import Craft, District, GiRegistration, OdopListing, TaxCode, TaxScheme

CODES_SHOWN = 5
HSN_LENGTHS = (4, 6, 8)


@dataclass
class Book:
    """One list of things to refer to: which names and codes stand for which row, and how each row is written."""

    keys: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    codes: dict[int, str] = field(default_factory=dict)
    names: dict[int, tuple[str, str]] = field(default_factory=dict)
    is_coded: bool = False  # people know the codes better than the names, so downloads give codes

    def add(self, key: int, code: str, name_en: str, name_hi: str, *others: str) -> None:
        self.codes[key], self.names[key] = code, (name_en, name_hi)
        for name in {code, name_en, name_hi, *others}:
            if name:
                self.keys[folded(name)].add(key)

    def find(self, value: object) -> int | None:
        """The row that a cell names; None for an empty cell. Raises WrongCell."""
        said = folded(compact(value))
        if not said:
            return None
        found = self.keys.get(said)
        if not found and said.isdigit() and len(said) + 1 in HSN_LENGTHS:
            found = self.keys.get("0" + said)  # a code typed as a number has lost its nought
        if not found:
            raise WrongCell("not_found")
        if len(found) > 1:
            codes = sorted(self.codes[key] for key in found)
            raise WrongCell("several", codes=", ".join(codes[:CODES_SHOWN]))
        return next(iter(found))

    def written(self, key: int | None, language: str) -> str:
        """How a download writes a row so that it is found again: by name where only one has it."""
        if key is None or key not in self.codes:
            return ""
        name = self.names[key][language == "hi"]
        if self.is_coded or not name or len(self.keys[folded(name)]) > 1:
            return self.codes[key]
        return name

    def choices(self, language: str) -> list[str]:
        return sorted(self.written(key, language) for key in self.codes)


def books() -> dict[str, Book]:
    """The lists by the column that refers to each."""
    return {
        "hsn_id": _tax_codes(),
        "district_id": _named(
            (key, str(code), name_en, name_hi)
            for key, code, name_en, name_hi in District.objects.values_list("pk", "lgd_code", "name_en", "name_hi")
        ),
        "craft_id": _named(Craft.objects.values_list("pk", "code", "name_en", "name_hi")),
        "gi_registration_id": _named(GiRegistration.objects.values_list("pk", "code", "name_en", "name_hi")),
        "odop_listing_id": _listings(),
    }


def _named(rows: Iterable[tuple[int, str, str, str]]) -> Book:
    book = Book()
    for key, code, name_en, name_hi in rows:
        book.add(key, code, name_en, name_hi)
    return book


def _tax_codes() -> Book:
    """A code alone names its only variant, or says which variants there are."""
    book = Book(is_coded=True)
    for tax_code in TaxCode.objects.filter(scheme=TaxScheme.HSN):
        book.add(tax_code.pk, str(tax_code), tax_code.description_en, tax_code.description_hi, tax_code.code)
    # Where the general class has no variant of its own, the bare code means it.
    for key, code in book.codes.items():
        if "-" not in code:
            book.keys[folded(code)] = {key}
    return book


def _listings() -> Book:
    book = Book()
    listings = OdopListing.objects.select_related("odop_list", "district", "product")
    for listing in listings:
        names = []
        for language in ("en", "hi"):
            with translation.override(language):
                names.append(str(listing))
        code = f"{listing.odop_list.code}/{listing.district.lgd_code}/{listing.product.code}"
        book.add(listing.pk, code, names[0], names[1])
    return book
