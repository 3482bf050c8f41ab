"""Drawn cloth for the pictures of the demo mall."""

import io
from random import Random
from typing import Any

from PIL import Image, ImageDraw


def pattern(colours: tuple[str, str, str], *, seed: int, number: int = 0) -> bytes:
    """A drawn cloth: ground, two borders and a motif in rows. A few kilobytes of PNG."""
    dice = Random(seed * 7 + number)
    ground, motif, light = colours
    cloth = Image.new("RGB", (480, 480), ground if dice.random() < 0.6 else light)
    pen = ImageDraw.Draw(cloth)
    for edge in (0, 440):
        pen.rectangle((0, edge, 479, edge + 39), fill=motif)
        for x in range(0, 480, 24):
            pen.polygon([(x, edge + 36), (x + 12, edge + 8), (x + 24, edge + 36)], fill=ground)
    step, shape = dice.choice((48, 60, 80)), dice.choice(("diamond", "flower", "ring"))
    for row, y in enumerate(range(70, 420, step)):
        for x in range(step // 2 * (row % 2) + 20, 470, step):
            _motif(pen, shape, x, y, step // 4, motif, light)
    out = io.BytesIO()
    cloth.save(out, "PNG", optimize=True)
    return out.getvalue()


def _motif(pen: Any, shape: str, x: int, y: int, reach: int, colour: str, light: str) -> None:
    if shape == "diamond":
        pen.polygon([(x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y)], fill=colour)
    elif shape == "ring":
        pen.ellipse((x - reach, y - reach, x + reach, y + reach), outline=colour, width=4)
    else:
        for dx, dy in ((0, -1), (1, 0), (0, 1), (-1, 0)):
            cx, cy = x + dx * reach // 2, y + dy * reach // 2
            pen.ellipse((cx - reach // 2, cy - reach // 2, cx + reach // 2, cy + reach // 2), fill=colour)
    pen.ellipse((x - 3, y - 3, x + 3, y + 3), fill=light)
