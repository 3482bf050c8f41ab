"""Papers of the demo mall: real files that open, each marked as a specimen."""

import io

from PIL import Image, ImageDraw


def pdf(lines: list[str]) -> bytes:
    """A one-page A5 PDF with a few lines of Latin text."""
    text = " ".join(f"({_escaped(line)}) Tj 0 -22 Td" for line in ["SPECIMEN - Unity Mall demo", *lines])
    stream = f"BT /F1 14 Tf 40 520 Td {text} ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 420 595] /Contents 4 0 R"
        " /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    return out + (
        f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
        f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    ).encode("latin-1")


def picture(lines: list[str]) -> bytes:
    """A card as a PNG with a few lines of Latin text."""
    card = Image.new("RGB", (480, 300), "#f6efe0")
    pen = ImageDraw.Draw(card)
    pen.rectangle((8, 8, 471, 291), outline="#7a1f2b", width=3)
    for row, line in enumerate(["SPECIMEN - Unity Mall demo", *lines]):
        pen.text((28, 32 + 34 * row), line.encode("latin-1", "replace").decode("latin-1"), fill="#22304f")
    out = io.BytesIO()
    card.save(out, "PNG")
    return out.getvalue()


def _escaped(line: str) -> str:
    plain = line.encode("latin-1", "replace").decode("latin-1")
    return plain.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
