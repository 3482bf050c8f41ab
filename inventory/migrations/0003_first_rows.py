"""The rows of which there is exactly one: the rules of the warehouse, the count of dispatches."""

from typing import Any, ClassVar

from django.db import migrations


def make(apps: Any, schema_editor: Any) -> None:
    apps.get_model("inventory", "DispatchCount").objects.get_or_create(pk=1)
    apps.get_model("inventory", "WarehouseRules").objects.get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies: ClassVar[Any] = [("inventory", "0002_books_keep_themselves")]
    operations: ClassVar[Any] = [migrations.RunPython(make, migrations.RunPython.noop)]
