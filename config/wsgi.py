"""The web server's way in. In production it refuses unsafe settings before it answers anyone."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

if settings.PRODUCTION:
    from config.checks import refuse_unsafe_settings

    refuse_unsafe_settings()
