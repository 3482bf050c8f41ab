"""The rows of a sheet are kept in bulk: by COPY, a few thousand at a time."""

import io
from collections.abc import Iterable

import orjson
from django.db import connection

from inventory.sheet_checking import Judged

COLUMNS = "sheet_id, row_no, verdict, product_id, before, after, errors"


def keep(sheet: int, lines: Iterable[Judged]) -> None:
    """Write the verdicts on some rows of a sheet."""
    text = io.StringIO()
    for judged in lines:
        product = r"\N" if judged.product is None else judged.product
        text.write(
            f"{sheet}\t{judged.row.number}\t{judged.verdict}\t{product}\t{_json(judged.before)}\t{_json(judged.after)}"
            f"\t{_json(judged.errors)}\n"
        )
    text.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY inventory_sheetrow ({COLUMNS}) FROM STDIN", text)


def _json(value: object) -> str:
    """JSON as COPY wants it. NUL is the one character that a database does not keep."""
    if value is None:
        return r"\N"
    return orjson.dumps(value).decode().replace("\\u0000", "").replace("\\", "\\\\")


def settle() -> None:
    """Let the database look at what was just written: it plans badly for rows that it has not met."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE inventory_sheetrow")
