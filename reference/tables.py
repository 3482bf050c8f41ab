"""Which file of facts fills which table: its columns, what identifies a row, and which rows it names."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import models

from core.names import Confidence
from reference.cells import (
    Reader,
    day,
    hindi,
    like,
    maybe,
    one_of,
    percent,
    several,
    slug,
    text,
    whole,
    yes_or_no,
)
from reference.models import (
    Craft,
    District,
    Division,
    Flagship,
    GiRegistration,
    GiStatus,
    OdopList,
    OdopListing,
    Product,
    State,
    StateKind,
    TaxCode,
    TaxRate,
    TaxScheme,
)


@dataclass(frozen=True)
class Pointer:
    """Columns that name a row of another file by its key, kept as `attribute` of the model."""

    columns: tuple[str, ...]
    file: str
    attribute: str
    many: bool = False


@dataclass(frozen=True)
class Table:
    """A file of facts and the model it fills. The columns of `key` identify a row in the file."""

    file: str
    model: type[models.Model]
    key: tuple[str, ...]
    columns: Mapping[str, Reader]
    pointers: tuple[Pointer, ...] = ()
    # Columns whose values, taken together, no two rows may share; the key is one such group anyhow.
    unique: tuple[tuple[str, ...], ...] = ()
    # The range field that the columns valid_from and valid_to (both days included) make.
    period: str = ""
    # Whether rows with the same key but for valid_from must not overlap.
    one_at_a_time: bool = False
    # What identifies a stored row, where this is not the key by the same names.
    identity: tuple[str, ...] = field(default=())


# The page that draws the tiles has this many places.
TILE_COLUMNS, TILE_ROWS = 20, 16

lgd_code = whole(1, 32767)
tax_number = like("[0-9]{2,8}", "2 to 8 digits")

NAMES: dict[str, Reader] = {"name_en": text, "name_hi": hindi}
SOURCED: dict[str, Reader] = {"source": text, "confidence": one_of(*Confidence.values)}
TILE: dict[str, Reader] = {"tile_column": whole(1, TILE_COLUMNS), "tile_row": whole(1, TILE_ROWS)}
TAX_KEY: dict[str, Reader] = {
    "scheme": one_of(*TaxScheme.values),
    "code": tax_number,
    "variant": maybe(slug, blank=""),
}
OF_STATE = Pointer(("state",), "states.csv", "state")
OF_DISTRICT = Pointer(("district",), "districts.csv", "district")

# In the order in which they must be written: a file names rows of earlier files only.
TABLES = (
    Table(
        "states.csv", State, ("lgd_code",),
        {
            "lgd_code": lgd_code, "iso_code": like("IN-[A-Z]{2}", "a code such as IN-MP"),
            "gst_code": like("[0-9]{2}", "two digits"), "kind": one_of(*StateKind.values),
        } | NAMES | TILE | SOURCED,
        unique=(("iso_code",), ("gst_code",), ("tile_column", "tile_row")),
    ),
    Table(
        "flagships.csv", Flagship, ("state", "name_en"),
        {"state": lgd_code} | NAMES | {"named_by": one_of("GI", "ODOP", "none")} | SOURCED,
        pointers=(OF_STATE,), identity=("state_id", "name_en"),
    ),
    Table("divisions.csv", Division, ("code",), {"code": slug} | NAMES),
    Table(
        "districts.csv", District, ("lgd_code",),
        {"lgd_code": lgd_code, "state": lgd_code, "division": slug} | NAMES | TILE | SOURCED,
        pointers=(OF_STATE, Pointer(("division",), "divisions.csv", "division")),
        unique=(("state", "tile_column", "tile_row"),),
    ),
    Table(
        "products.csv", Product, ("code",),
        {
            "code": slug, **NAMES, "category": slug,
            "hs_code": maybe(like("[0-9]{2,10}", "2 to 10 digits, or nothing"), blank=""),
            "is_physical": yes_or_no,
        },
    ),
    Table("crafts.csv", Craft, ("code",), {"code": slug} | NAMES | SOURCED),
    Table("odop_lists.csv", OdopList, ("code",), {"code": slug} | NAMES | {"is_current": yes_or_no} | SOURCED),
    Table(
        "odop_listings.csv", OdopListing, ("odop_list", "district", "product"),
        {"odop_list": slug, "district": lgd_code, "product": slug} | SOURCED,
        pointers=(
            Pointer(("odop_list",), "odop_lists.csv", "odop_list"),
            OF_DISTRICT,
            Pointer(("product",), "products.csv", "product"),
        ),
        identity=("odop_list_id", "district_id", "product_id"),
    ),
    Table(
        "gi_registrations.csv", GiRegistration, ("code",),
        {
            "code": slug,
            "application_no": maybe(like("[0-9]{1,10}", "up to ten digits, or nothing"), blank=""),
            **NAMES, "goods_kind": text, "status": one_of(*GiStatus.values),
            "registered_year": maybe(whole(2003, 2100)), "valid_from": maybe(day), "valid_to": maybe(day),
            "proprietor": maybe(text, blank=""), "districts": several(lgd_code),
            "also_states": maybe(several(lgd_code), blank=()), **SOURCED,
        },
        pointers=(
            Pointer(("districts",), "districts.csv", "districts", many=True),
            Pointer(("also_states",), "states.csv", "also_states", many=True),
        ),
        period="validity",
    ),
    Table(
        "tax_codes.csv", TaxCode, ("scheme", "code", "variant"),
        TAX_KEY | {"description_en": text, "description_hi": hindi} | SOURCED,
    ),
    Table(
        "tax_rates.csv", TaxRate, ("scheme", "code", "variant", "valid_from"),
        TAX_KEY | {"percent": percent, "valid_from": day, "valid_to": maybe(day)} | SOURCED,
        pointers=(Pointer(("scheme", "code", "variant"), "tax_codes.csv", "tax_code"),),
        period="period", one_at_a_time=True, identity=("tax_code_id", "period.lower"),
    ),
)  # fmt: skip
