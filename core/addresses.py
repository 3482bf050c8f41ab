"""Kinds of keys that addresses use, registered once for pages and API."""

from django.urls import register_converter


class Level:
    """The level of a floor: the ground floor is 0, a basement is below nought."""

    regex = "-?[0-9]{1,3}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(Level, "level")
