"""Rows of history are added, never changed or removed: the database refuses."""

from typing import Any, ClassVar

from django.db import migrations

from core.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies: ClassVar[Any] = [("leases", "0001_the_first_floor")]
    operations: ClassVar[Any] = [
        AppendOnly("leases_historicallease"),
    ]
