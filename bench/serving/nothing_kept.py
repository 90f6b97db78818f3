"""(h) The site, where each page is read and rendered anew at each request, but for what all pages share."""

from magazine.wsgi import application as application
from web.object_cache import object_cache

SHARED = {"house", "notices", "places", "last_begun"}

keep = object_cache.keep
object_cache.keep = lambda name, read: keep(name, read) if name in SHARED else read()
