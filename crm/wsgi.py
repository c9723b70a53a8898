"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from crm.kit import garbage

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
application = get_wsgi_application()

_every_page = get_resolver().url_patterns  # loaded now, and so set apart with the rest
garbage.set_apart(youngest=10_000)  # else looking for garbage takes 100 ms, every 25th request or so
