"""How a record's primary key stands in an address."""

from django.urls.converters import IntConverter


class KeyConverter(IntConverter):
    """A positive number no longer than the database's largest key; anything else is an address that isn't there."""

    regex = "[1-9][0-9]{0,17}"
