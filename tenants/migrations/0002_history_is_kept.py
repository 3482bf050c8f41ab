"""Rows of history are added, never changed or removed: the database refuses."""

from typing import Any, ClassVar

from django.db import migrations

from core.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies: ClassVar[Any] = [("tenants", "0001_the_first_floor")]
    operations: ClassVar[Any] = [
        AppendOnly("tenants_historicaltenant"),
        AppendOnly("tenants_historicaltenant_products"),
        AppendOnly("tenants_historicalcontact"),
        AppendOnly("tenants_historicalbankaccount"),
        AppendOnly("tenants_historicalpaper"),
        AppendOnly("tenants_historicalgiauthorisation"),
        AppendOnly("tenants_historicalmembership"),
        AppendOnly("tenants_historicalinvitation"),
    ]
