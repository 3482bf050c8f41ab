"""Codes drawn as SVG: a QR code and a bar code of our own codes, and the EAN of a barcode number.

The drawings keep the white margin that readers need; whoever places them only chooses a size.
"""

import io

import segno
import zxingcpp

EAN_FORMATS = {8: zxingcpp.EAN8, 12: zxingcpp.UPCA, 13: zxingcpp.EAN13}


def qr(text: str) -> str:
    """A QR code that is still read when a seventh of it is smudged (level M)."""
    out = io.BytesIO()
    segno.make_qr(text, error="m", boost_error=False).save(out, kind="svg", border=4, omitsize=True)
    return out.getvalue().decode()


def code128(text: str) -> str:
    """A Code 128 bar code of one of our own codes."""
    return _bars(text, zxingcpp.Code128)


def ean(gtin: str) -> str:
    """The bar code of a barcode number as it stands on packages: EAN-13, EAN-8 or UPC-A.

    A GTIN-14 names a carton: it has no EAN, and its digits go into a Code 128.
    """
    bare = gtin[1:] if len(gtin) == 14 and gtin.startswith("0") else gtin
    return _bars(bare, EAN_FORMATS.get(len(bare), zxingcpp.Code128))


def _bars(text: str, kind: zxingcpp.BarcodeFormat) -> str:
    code = zxingcpp.create_barcode(text, kind)
    return str(zxingcpp.write_barcode_to_svg(code, add_hrt=False, add_quiet_zones=True))
