import os

from django.core.wsgi import get_wsgi_application

from operations.doors import Observed

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "magazine.settings")

application = get_wsgi_application()

from django.conf import settings  # noqa: E402

from magazine.pagecache import PageCache  # noqa: E402  needs the settings

if settings.PAGE_CACHE_SIZE:
    application = PageCache(application, settings.PAGE_CACHE_SIZE)
application = Observed(application)
