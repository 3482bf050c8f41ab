"""The design system keeps its own promises: readable colours, drawn icons, nothing inline."""

import re
from itertools import product
from pathlib import Path

import pytest

from web.navigation import OFFICE
from web.templatetags.components import SIGNS

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
DRAWN = set(re.findall(r'<symbol id="([a-z-]+)"', (ROOT / "static/img/icons.svg").read_text()))
COLOURS = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", (ROOT / "static/css/tokens.css").read_text()))


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.1)."""
    digits = colour.lstrip("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(COLOURS[one]), luminance(COLOURS[other])), reverse=True)
    return (light + 0.05) / (dark + 0.05)


GROUNDS = ("paper", "paper-deep", "surface")
WORDS = [
    *product(("ink", "ink-soft", "indigo-bright", "indigo-deep", "madder", "madder-bright"), GROUNDS),
    ("leaf", "leaf-tint"),
    ("turmeric-ink", "turmeric-tint"),
    ("madder", "madder-tint"),
    ("indigo", "indigo-tint"),
    ("indigo-bright", "indigo-tint"),
    ("calm-ink", "calm-tint"),
    ("indigo-deep", "turmeric"),
    *product(("surface",), ("indigo", "indigo-deep", "madder-bright", "madder", "leaf")),
]


@pytest.mark.parametrize(("ink", "ground"), WORDS)
def test_words_stand_out_from_their_ground(ink, ground):
    assert contrast(ink, ground) >= 4.5


@pytest.mark.parametrize("ground", GROUNDS)
def test_edges_of_fields_stand_out_from_the_page(ground):
    assert contrast("edge", ground) >= 3


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_names_drawn_icons_only_and_writes_nothing_inline(template):
    text = template.read_text()
    named = re.findall(r'{% icon "([^"]+)"', text) + re.findall(r'\bicon="([^"]+)"', text)
    assert set(named) <= DRAWN
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)


def test_every_state_and_every_destination_has_a_drawing():
    assert {sign.icon for sign in SIGNS.values()} <= DRAWN
    assert {icon for _group, lines in OFFICE for _label, _url, icon, _right, _reach in lines} <= DRAWN
