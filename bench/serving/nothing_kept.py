"""(h) The site, with everything read and rendered anew at each request."""

from magazine.wsgi import application as application  # noqa: I001  It sets Django up.
from magazine import freshness

freshness.LIFE = 0
