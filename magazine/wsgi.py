import os

from django.core.wsgi import get_wsgi_application

from operations.doors import Observed

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "magazine.settings")

application = Observed(get_wsgi_application())
