"""Tables of a plan file, read strictly: every fault is noted with its place, and reading goes on.

A key is asked for by its kind (`text`, `number`, `point`…). What is missing or wrong is written down as a
sentence, something harmless stands in for it, and at the end `done` names the keys that nobody asked for.
"""

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, TypeGuard

CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
DEVANAGARI = re.compile("[\u0900-\u097f]")
LONGEST = 200
FARTHEST = 9999  # metres
THE_FILE = "the file"


class Table:
    """One table of the file: where it stands, what it says, and the list its faults go to."""

    def __init__(self, where: str, entries: Any, faults: list[str]) -> None:
        self.where = where
        self.faults = faults
        self._asked: set[str] = set()
        if not isinstance(entries, dict):
            self._entries: dict[str, Any] = {}
            self.fault(f"is {_shown(entries)}, but must be a table")
        else:
            self._entries = entries

    def fault(self, sentence: str) -> None:
        self.faults.append(f"{self.where}: {sentence}.")

    def has(self, key: str) -> bool:
        return key in self._entries

    def text(self, key: str, *, blank: bool = False, longest: int = LONGEST) -> str:
        value = self._value(key, "" if blank else None)
        if value is None:
            return ""
        if not isinstance(value, str) or (not blank and not value.strip()):
            self._wrong(key, value, "some text")
            return ""
        if len(value) > longest:
            self._wrong(key, value, f"at most {longest} characters")
        if unicodedata.normalize("NFC", value) != value or value != value.strip():
            self._wrong(key, value, "composed text (Unicode NFC) without spaces around it")
        return value

    def hindi(self, key: str, *, blank: bool = False, longest: int = LONGEST) -> str:
        value = self.text(key, blank=blank, longest=longest)
        if value and not DEVANAGARI.search(value):
            self._wrong(key, value, "a name in Devanagari")
        return value

    def code(self, key: str) -> str:
        value = self.text(key, longest=50)
        if value and not CODE.fullmatch(value):
            self._wrong(key, value, "small letters, digits and hyphens")
        return value

    def choice(self, key: str, choices: Sequence[str]) -> str:
        value = self._value(key)
        if value is not None and value not in choices:
            self._wrong(key, value, "one of " + ", ".join(f'"{choice}"' for choice in choices))
            return choices[0]
        return value or choices[0]

    def yes_or_no(self, key: str, default: bool) -> bool:
        value = self._value(key, default)
        if not isinstance(value, bool):
            self._wrong(key, value, "true or false")
            return default
        return value

    def whole(self, key: str, *, least: int, default: int | None = None) -> int:
        value = self._value(key, default)
        if value is None:
            return max(least, 1)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= FARTHEST:
            self._wrong(key, value, f"a whole number from {least} to {FARTHEST}")
            return max(least, 1)
        return value

    def number(self, key: str, *, above: float, unit: str = "metres") -> Decimal:
        value = self._value(key)
        if value is None:
            return Decimal(1)
        if not _is_number(value) or not above < value <= FARTHEST:
            self._wrong(key, value, f"a number of {unit} above {above:g}")
            return Decimal(1)
        return Decimal(value)

    def numbers(self, key: str, names: str) -> tuple[float, ...]:
        """As many numbers as `names` has words: "x y", "x y width depth"."""
        value = self._value(key)
        expected = names.split()
        if value is None:
            return (1.0,) * len(expected)
        if not isinstance(value, list) or len(value) != len(expected) or not all(map(_is_number, value)):
            self._wrong(key, value, f"[{', '.join(expected)}] in metres")
            return (1.0,) * len(expected)
        return tuple(float(one) for one in value)

    def corners(self, key: str) -> list[tuple[float, ...]]:
        """Corners [x, y], or [x, y, radius] where one is rounded; three of them or more."""
        value = self._value(key)
        if value is None:
            return [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)]
        if (
            not isinstance(value, list)
            or len(value) < 3
            or not all(isinstance(one, list) and len(one) in (2, 3) and all(map(_is_number, one)) for one in value)
        ):
            self._wrong(key, value, "three corners or more, each [x, y] or [x, y, radius]")
            return [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)]
        return [tuple(float(number) for number in one) for one in value]

    def places(self, key: str) -> list[str | int]:
        """Names in English, or LGD codes."""
        value = self._value(key, [])
        if not isinstance(value, list) or not all(
            isinstance(one, str | int) and not isinstance(one, bool) for one in value
        ):
            self._wrong(key, value, "a list of names in English or LGD codes")
            return []
        return value

    def tables(self, key: str, called: str, *, required: bool = False) -> list["Table"]:
        """The tables of a list, each called by its own code or level, or by where it stands in the list."""
        value = self._value(key, None if required else [])
        if value is None:
            return []
        if not isinstance(value, list):
            self._wrong(key, value, f"a list of tables, each begun with [[{key}]]")
            return []
        prefix = "" if self.where == THE_FILE else f"{self.where}, "
        return [
            Table(f"{prefix}{called} {_called(entries, place)}", entries, self.faults)
            for place, entries in enumerate(value, start=1)
        ]

    def table(self, key: str) -> "Table":
        return Table(key, self._value(key, {}), self.faults)

    def done(self) -> None:
        """Name the keys that mean nothing here: most are slips of the pen."""
        for key in self._entries:
            if key not in self._asked:
                known = ", ".join(sorted(self._asked))
                self.faults.append(f'{self.where}: "{key}" is not known here; known are: {known}.')

    def _value(self, key: str, default: Any = None) -> Any:
        self._asked.add(key)
        if key in self._entries:
            return self._entries[key]
        if default is None:
            self.faults.append(f'{self.where}: "{key}" is missing.')
        return default

    def _wrong(self, key: str, found: Any, expected: str) -> None:
        self.fault(f'"{key}" is {_shown(found)}; expected {expected}')


def _called(entries: Any, place: int) -> str:
    if isinstance(entries, dict):
        for key in ("code", "level"):
            if isinstance(entries.get(key), str | int):
                return str(entries[key])
    return str(place)


def _is_number(value: Any) -> TypeGuard[int | Decimal]:
    """A length that can be built: TOML also knows true, inf and nan."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return False
    return Decimal(value).is_finite() and abs(Decimal(value)) <= FARTHEST


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return f'"{value[:60]}"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(_shown(one) for one in value[:6])}{', …' if len(value) > 6 else ''}]"
    return "a table" if isinstance(value, dict) else str(value)
