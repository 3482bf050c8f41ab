"""The invariants of the stock ledger, its one writer, and the tables in which rows are only ever added."""

from pathlib import Path
from typing import Any, ClassVar

from django.db import migrations

from core.append_only import AppendOnly

SQL = Path(__file__).resolve().parent.parent / "sql"


def script(name: str) -> str:
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies: ClassVar[Any] = [("inventory", "0001_the_shared_warehouse")]
    operations: ClassVar[Any] = [
        migrations.RunSQL(script("books"), script("books_undone")),
        migrations.RunSQL(script("ledger"), script("ledger_undone")),
        AppendOnly("inventory_lot"),
        AppendOnly("inventory_movement"),
        AppendOnly("inventory_ledgerentry"),
        AppendOnly("inventory_stockclosing"),
        AppendOnly("inventory_historicalproduct"),
        AppendOnly("inventory_historicallocation"),
        AppendOnly("inventory_historicalwarehouserules"),
        AppendOnly("inventory_historicalgoodsreceipt"),
        AppendOnly("inventory_historicaltransferorder"),
        AppendOnly("inventory_historicaladjustment"),
        AppendOnly("inventory_historicalcyclecount"),
    ]
