"""Remove all keys, so that they are written anew after the migration, with the legal forms of companies."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("matching", "0001_keys")]
    operations = [migrations.RunSQL("DELETE FROM matching_key", migrations.RunSQL.noop)]
