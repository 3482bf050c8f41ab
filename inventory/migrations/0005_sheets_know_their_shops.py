from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inventory", "0003_first_rows")]

    operations = [
        migrations.AddField(
            model_name="sheetimport",
            name="columns",
            field=models.JSONField(blank=True, default=list, verbose_name="columns"),
        ),
        migrations.AddField(
            model_name="sheetimport",
            name="shops",
            field=models.ManyToManyField(blank=True, related_name="+", to="inventory.location", verbose_name="shops"),
        ),
    ]
