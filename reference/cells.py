"""How one cell of a file of facts is read. A reader takes the text and gives the value, or says what it expected."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from core.devanagari import clean

Reader = Callable[[str], Any]

DEVANAGARI = re.compile("[\u0900-\u097f]")
# Control characters, surrogates, private use, unassigned. Joiners are none of these: Devanagari needs them.
STRANGE = {"Cc", "Cs", "Co", "Cn"}
ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Unreadable(Exception):
    """A cell is not what its column expects; the message says what was expected."""


def plain(cell: str) -> str:
    """The cell as it stands, which must be composed (NFC), on one line, and without invisible characters."""
    if any(unicodedata.category(sign) in STRANGE or (sign.isspace() and sign != " ") for sign in cell):
        raise Unreadable("one line of text with plain spaces and no control characters")
    if clean(cell) != cell:
        raise Unreadable("text in Unicode form NFC without invisible characters")
    return cell


def text(cell: str) -> str:
    if not cell:
        raise Unreadable("some text")
    return cell


def hindi(cell: str) -> str:
    if not DEVANAGARI.search(cell):
        raise Unreadable("a text in Devanagari")
    return cell


def whole(least: int, most: int) -> Reader:
    """A whole number in international digits, from `least` to `most`."""

    def read(cell: str) -> int:
        if not re.fullmatch("[0-9]{1,9}", cell) or not least <= int(cell) <= most:
            raise Unreadable(f"a whole number from {least} to {most}")
        return int(cell)

    return read


def percent(cell: str) -> Decimal:
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,2})?", cell) or Decimal(cell) > 100:
        raise Unreadable("a percentage from 0 to 100 with at most two decimals, such as 5 or 0.25")
    return Decimal(cell).quantize(Decimal("0.01"))


def yes_or_no(cell: str) -> bool:
    if cell not in ("yes", "no"):
        raise Unreadable("yes or no")
    return cell == "yes"


def day(cell: str) -> date:
    try:
        if ISO_DAY.fullmatch(cell):
            return date.fromisoformat(cell)
    except ValueError:
        pass
    raise Unreadable("a day of the calendar as YYYY-MM-DD")


def like(pattern: str, words: str) -> Reader:
    """Text of a fixed form; `words` describe the form."""

    def read(cell: str) -> str:
        if not re.fullmatch(pattern, cell):
            raise Unreadable(words)
        return cell

    return read


def one_of(*words: str) -> Reader:
    def read(cell: str) -> str:
        if cell not in words:
            raise Unreadable(f"one of {', '.join(words)}")
        return cell

    return read


def several(reader: Reader) -> Reader:
    """One or more cells in one, separated by semicolons: `404;415`."""

    def read(cell: str) -> tuple[Any, ...]:
        return tuple(reader(part.strip()) for part in cell.split(";"))

    return read


def maybe(reader: Reader, *, blank: Any = None) -> Reader:
    """The cell may be empty: then its value is `blank`, which is not the same as nought."""

    def read(cell: str) -> Any:
        return reader(cell) if cell else blank

    return read


slug = like(r"[a-z0-9]+(-[a-z0-9]+)*", "lower-case letters, digits and single hyphens")
