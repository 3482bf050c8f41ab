"""What people type into cells, read as they mean it: ₹ 1,23,456.50, "1.5 लाख", २२ नव॰ 2026, हाँ."""

import re
import unicodedata
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from core.devanagari import clean, folded, plain_digits
from core.indian_format import MONTHS

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
ODD_SPACES = re.compile(r"[\u00a0\u2000-\u200a\u202f\u205f\u3000\t]")
WORDS = {
    "lakh": 100_000,
    "lakhs": 100_000,
    "lac": 100_000,
    "lacs": 100_000,
    "लाख": 100_000,
    "crore": 10_000_000,
    "crores": 10_000_000,
    "cr": 10_000_000,
    "करोड़": 10_000_000,
    "thousand": 1_000,
    "हज़ार": 1_000,
}
SCALES = {folded(word): Decimal(scale) for word, scale in WORDS.items()}
NUMBER = re.compile(r"(?P<sign>[-−+]?)(?P<whole>\d[\d,]*|)(?P<part>\.\d+)?(?P<word>[^\W\d_][\w.\u0900-\u097f]*)?")
GROUPED = re.compile(r"\d+|\d{1,3}(,\d{2,3})*,\d{3}")
MONEY_WORDS = re.compile(r"^(₹|rs\.?|inr|रु\.?|रुपये|रुपए)|(/-|₹|rs\.?|inr|रुपये|रुपए|रु\.?)$", re.IGNORECASE)
YES = frozenset(map(folded, ("yes", "y", "true", "1", "हाँ", "हां", "जी हाँ", "ha", "haan", "✓", "✔", "सही")))
NO = frozenset(map(folded, ("no", "n", "false", "0", "नहीं", "नही", "ना", "nahi", "✗", "✘", "-", "–", "गलत")))
NUMERIC_DAY = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})")
ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?")
NAMED_DAY = re.compile(r"(\d{1,2})[-\s./]*([^\W\d_][^\d\s,-]*)[-\s.,/]*(\d{4}|\d{2})")
MONTH_NAMES = (
    [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ],
    ["जनवरी", "फरवरी", "मार्च", "अप्रैल", "मई", "जून", "जुलाई", "अगस्त", "सितंबर", "अक्टूबर", "नवंबर", "दिसंबर"],
    ["जन", "फर", "मार्च", "अप्रैल", "मई", "जून", "जुल", "अग", "सित", "अक्टू", "नव", "दिस"],
)
NOISE = Decimal("1e-7")


class WrongCell(Exception):
    """A cell that cannot be taken. `code` names why (`inventory.sheet_errors.SAYS`), `facts` fill its sentence."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


def _month_table() -> dict[str, int]:
    table: dict[str, int] = {}
    for names in (*MONTHS.values(), *MONTH_NAMES):
        for number, name in enumerate(names, start=1):
            key = folded(name.strip("॰."))
            table[key] = number
            if key.isascii():
                table[key[:3]] = number
    table["sept"] = 9
    table[folded("नवम्बर")], table[folded("सितम्बर")], table[folded("दिसम्बर")], table[folded("अक्तूबर")] = 11, 9, 12, 10
    return table


MONTH_NUMBERS = _month_table()


def text(value: Any) -> str:
    """A cell as text: 1001.0 is "1001", outer and odd spaces go, what cannot be seen goes."""
    if isinstance(value, str):
        if value.isascii() and value.isprintable():
            return value.strip()
        return clean(CONTROL.sub("", ODD_SPACES.sub(" ", value.replace("\r\n", "\n").replace("\r", "\n"))))
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dict):
        return str(value.get("day", ""))
    return str(value)


def compact(value: Any) -> str:
    """A cell as a code: full-width and Devanagari digits as international ones."""
    said = text(value)
    return said if said.isascii() else clean(plain_digits(unicodedata.normalize("NFKC", said)))


def number(value: Any, *, places: int, largest: Decimal) -> Decimal | None:
    """A number as it is typed in India, with at most so many places. None for an empty cell. Raises WrongCell."""
    amount = _amount(value)
    if amount is None:
        return None
    if abs(amount) >= largest:
        raise WrongCell("too_large", largest=f"{largest:f}")
    fixed = round(amount, places)
    if abs(fixed - amount) > NOISE:
        raise WrongCell("too_exact" if places else "not_whole", places=places)
    return fixed


def _amount(value: Any) -> Decimal | None:
    if isinstance(value, bool | dict):
        raise WrongCell("not_a_number")
    if isinstance(value, int | float):
        amount = Decimal(str(value))
        if not amount.is_finite():
            raise WrongCell("not_a_number")
        return amount
    said = compact(value).replace(" ", "")
    if not said:
        return None
    negative = said.startswith("(") and said.endswith(")")
    said = said.strip("()") if negative else said
    for _both_ends in range(2):
        said = MONEY_WORDS.sub("", said)
    found = NUMBER.fullmatch(said)
    if found is None or not (found["whole"] or found["part"]) or not _is_grouped(found["whole"]):
        raise WrongCell("not_a_number")
    scale = SCALES.get(folded(found["word"])) if found["word"] else Decimal(1)
    if scale is None:
        raise WrongCell("not_a_number")
    try:
        amount = Decimal((found["whole"].replace(",", "") or "0") + (found["part"] or "")) * scale
    except InvalidOperation as wrong:
        raise WrongCell("not_a_number") from wrong
    return -amount if negative or found["sign"] in ("-", "−") else amount


def _is_grouped(whole: str) -> bool:
    """1,23,456 and 123,456 are numbers; 1,5 may be one and a half or fifteen, so it is asked again."""
    return not whole or "," not in whole or GROUPED.fullmatch(whole) is not None


def yes_or_no(value: Any) -> bool | None:
    """Yes or no in either language. None for an empty cell. Raises WrongCell."""
    if isinstance(value, bool):
        return value
    said = folded(compact(value))
    if not said:
        return None
    if said in YES:
        return True
    if said in NO:
        return False
    raise WrongCell("not_yes_or_no")


def day(value: Any) -> date | None:
    """A day: Excel's own, 22-11-2026, 22/11/26, 22 Nov 2026, 22 नव॰ 2026. None for an empty cell. Raises WrongCell."""
    if isinstance(value, dict):
        return date.fromisoformat(value["day"])
    if isinstance(value, bool | int | float):
        raise WrongCell("not_a_day")
    said = compact(value)
    if not said:
        return None
    numeric, iso, named = NUMERIC_DAY.fullmatch(said), ISO_DAY.fullmatch(said), NAMED_DAY.fullmatch(said)
    if numeric:
        parts = (numeric[3], numeric[2], numeric[1])
    elif iso:
        parts = (iso[1], iso[2], iso[3])
    elif named and folded(named[2].strip("॰.")) in MONTH_NUMBERS:
        parts = (named[3], str(MONTH_NUMBERS[folded(named[2].strip("॰."))]), named[1])
    else:
        raise WrongCell("not_a_day")
    year = int(parts[0]) + (2000 if len(parts[0]) == 2 else 0)
    try:
        return date(year, int(parts[1]), int(parts[2]))
    except ValueError as wrong:
        raise WrongCell("not_a_day") from wrong
