"""(h) The site, where each page is read and rendered anew at each request, but for what all pages share."""

from magazine.wsgi import application as application  # noqa: I001  It sets Django up.
from magazine.freshness import freshness

SHARED = {"house", "notices", "places", "last_begun"}

keep = freshness.keep
freshness.keep = lambda name, read: keep(name, read) if name in SHARED else read()
