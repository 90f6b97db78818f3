from urllib.parse import urljoin

from django.conf import settings


def absolute(address: str) -> str:
    """Return an address of this site in full, for other sites, search engines and paper."""
    return urljoin(f"{settings.SITE_URL}/", address)
