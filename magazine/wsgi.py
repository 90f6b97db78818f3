import os

from django.core.wsgi import get_wsgi_application

from operations.wsgi import Application, RequestObserver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "magazine.settings")

application: Application = get_wsgi_application()

from django.conf import settings  # noqa: E402

from web.page_cache import PageCache  # noqa: E402  needs the settings

if settings.PAGE_CACHE_SIZE:
    application = PageCache(application, settings.PAGE_CACHE_SIZE)
application = RequestObserver(application)
