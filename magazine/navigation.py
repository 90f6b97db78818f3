"""Registry of the pages that masthead and footer link to, beside magazines and standing pages.

Apps above register their pages in `apps.py`, by URL name.
"""

from django.urls import reverse

url_names: list[str] = []
home_names: list[str] = []


def register(url_name: str, *, is_home: bool = False) -> None:
    """Register a page by its URL name; exactly one is the home page."""
    url_names.append(url_name)
    if is_home:
        home_names.append(url_name)


def addresses() -> set[str]:
    return {reverse(name) for name in url_names}


def home_address() -> str:
    """Return the address of the home page."""
    return reverse(home_names[0])
