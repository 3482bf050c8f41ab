"""Finding by a name as people type it: in either script, with or without nukta, chandrabindu or capitals."""

import re

from django.db.models import Q

from core.devanagari import NUKTA, folded


def spelled_like(word: str) -> str:
    """A regular expression for names that hold `word` in another spelling: ज़री finds जरी, चंदेरी finds चँदेरी."""
    return "".join(_letter(letter) for letter in folded(word))


def name_holds(word: str, *, path: str = "") -> Q:
    """Rows whose Hindi or English name holds `word`; `path` leads to the named thing, such as "tenant__"."""
    pattern = spelled_like(word)
    return Q(**{f"{path}name_hi__iregex": pattern}) | Q(**{f"{path}name_en__iregex": pattern})


def _letter(letter: str) -> str:
    if letter == "ं":
        return "[ंँ]"
    if "क" <= letter <= "ह":
        return f"{letter}{NUKTA}?"
    if letter in "0123456789":
        return f"[{letter}{chr(ord('०') + int(letter))}]"
    return re.escape(letter)
