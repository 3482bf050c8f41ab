"""What is said about a wrong cell: what it should be, and what to do."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

SAYS: dict[str, Any] = {
    "required": _("This may not be empty."),
    "formula": _("A formula stands here. Copy the column and paste the values only."),
    "too_long": _("At most %(longest)s characters; this has %(length)s."),
    "not_a_number": _("A number, such as 1250 or 1,23,456.50."),
    "not_whole": _("A whole number, without a fraction."),
    "too_exact": _("At most %(places)s digits after the point."),
    "too_large": _("Less than %(largest)s."),
    "not_above_zero": _("More than 0."),
    "negative": _("0 or more."),
    "not_yes_or_no": _("Yes or no."),
    "not_a_day": _("A day, such as 22-11-2026 or 22 Nov 2026."),
    "not_on_the_list": _("One of the list: %(choices)s."),
    "not_found": _("A name or code that we know. Choose it from the list of our download."),
    "several": _("Several have this name. Use the code: %(codes)s."),
    "wrong_code": _("One of our codes, such as P0000018. This has a wrong digit or belongs to no product of yours."),
    "wrong_gtin": _("A valid barcode number: the last digit checks the others. Read it from the package again."),
    "gtin_taken": _("Another product has this barcode: %(sku)s."),
    "sku_taken": _("Another product has this SKU. Give each product its own."),
    "sku_like_code": _("Another SKU: this one looks like a code of the mall's own labels."),
    "twice": _("Row %(row)s is about the same product. Keep one of the two."),
    "gtin_twice": _("Row %(row)s has the same barcode. Keep one of the two."),
    "price_above_mrp": _("At most the MRP, ₹%(mrp)s."),
    "one_of_a_kind_unit": _("A one-of-a-kind product is a piece, a pair or a set."),
    "has_stock_in_unit": _("There is stock counted in the old way. Add a new product for the new way."),
    "laid_aside": _("This product is laid aside. Take it up again first."),
    "no_such_product": _("No product of yours has this SKU or code. Add it to the catalogue first."),
    "no_such_shop": _("One of your shops: %(shops)s."),
    "needs_expiry": _("Food that comes new needs its last good day."),
    "expiry_before_making": _("A lot is good until a day after it was made."),
    "one_piece": _("There is only one piece of it: 0 or 1."),
    "changed_meanwhile": _("Someone changed this after the check. It was left as it is: look at it, hand in again."),
    "not_applied": _("This row could not be applied: %(why)s"),
    "undo_changed": _("Changed again since; it was left as it is."),
    "undo_stock": _("There is stock of it by now; it stays in the catalogue."),
    "undo_used": _("It is named elsewhere by now; it was laid aside."),
    "undo_refused": _("It could not be taken back: %(why)s"),
    "undo_waits": _("The correction %(code)s waits for a second person. Ask them to refuse it."),
}  # fmt: skip

# How a group of errors is mended, one line per group: several codes share a repair.
REPAIRS: dict[str, Any] = {
    "fill": _("Fill in what is empty"),
    "values": _("Paste values instead of formulas"),
    "numbers": _("Write numbers as numbers"),
    "list": _("Choose from the list"),
    "shorten": _("Shorten the text"),
    "doubles": _("Keep one of two rows"),
    "prices": _("Mend prices"),
    "codes": _("Check codes and barcodes"),
    "others": _("Look at these one by one"),
}
REPAIR_OF: dict[str, str] = {
    "required": "fill",
    "needs_expiry": "fill",
    "formula": "values",
    "not_a_number": "numbers",
    "not_whole": "numbers",
    "too_exact": "numbers",
    "too_large": "numbers",
    "not_above_zero": "numbers",
    "negative": "numbers",
    "one_piece": "numbers",
    "not_a_day": "numbers",
    "not_yes_or_no": "list",
    "not_on_the_list": "list",
    "not_found": "list",
    "several": "list",
    "no_such_shop": "list",
    "too_long": "shorten",
    "twice": "doubles",
    "gtin_twice": "doubles",
    "price_above_mrp": "prices",
    "wrong_code": "codes",
    "wrong_gtin": "codes",
    "gtin_taken": "codes",
    "sku_taken": "codes",
    "sku_like_code": "codes",
    "no_such_product": "codes",
}


def sentence(error: Mapping[str, Any]) -> str:
    """What an error says in the language now spoken; `expected` keeps what was said when the sheet was checked."""
    says = SAYS.get(str(error.get("code")))
    facts = error.get("facts") or {}
    if says is None:
        return str(error.get("expected", ""))
    return str(says) % facts if facts else str(says)


def repair(code: str) -> str:
    return REPAIR_OF.get(code, "others")
