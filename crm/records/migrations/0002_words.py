
from django.db import migrations

from crm.records.trigrams import create_indexes, drop_indexes

TABLES = ("records_organization", "records_contact", "records_opportunity",)


def forwards(apps, schema_editor):
    create_indexes(schema_editor, *TABLES)


def backwards(apps, schema_editor):
    drop_indexes(schema_editor, *TABLES)


class Migration(migrations.Migration):
    dependencies = [("records", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
