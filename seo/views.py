"""robots.txt, the sitemap and the key of IndexNow."""

from collections.abc import Iterable
from datetime import UTC, datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from seo.sections import Entry, sections
from web.page_cache import cacheable

NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
DISALLOWED = ["/search/"]


@cacheable
@require_safe
def sitemap_index(request: HttpRequest) -> HttpResponse:
    entries = []
    for name, section in sections.items():
        for number, newest in section.files():
            entries.append((reverse("seo:sitemap", args=[name, number]), newest))
    return _xml("sitemapindex", "sitemap", entries)


@cacheable
@require_safe
def sitemap(request: HttpRequest, name: str, number: str) -> HttpResponse:
    if name not in sections:
        raise Http404
    return _xml("urlset", "url", sections[name].entries(int(number)))


@cacheable
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *"]
    for path in [reverse("admin:index"), *DISALLOWED]:
        lines.append(f"Disallow: {path}")
    lines += ["Allow: /", ""]
    lines.append(f"Sitemap: {settings.SITE_URL}{reverse('seo:sitemap_index')}\n")
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
def indexnow_key(request: HttpRequest, key: str) -> HttpResponse:
    """Prove to IndexNow that the sender of the key speaks for this site."""
    if key != settings.INDEXNOW_KEY:
        raise Http404
    return HttpResponse(key, content_type="text/plain; charset=utf-8")


def _xml(root: str, tag: str, entries: Iterable[Entry]) -> HttpResponse:
    """Render entries; slugs and numbers need no escaping. Raises Http404 if there are none."""
    elements = []
    for path, changed in entries:
        location = f"<loc>{settings.SITE_URL}{path}</loc>"
        elements.append(f"<{tag}>{location}{_lastmod(changed)}</{tag}>\n")
    if not elements:
        raise Http404
    content = "".join(elements)
    xml = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} {NAMESPACE}>\n{content}</{root}>\n'
    return HttpResponse(xml, content_type="application/xml")


def _lastmod(changed: datetime | None) -> str:
    if changed is None:
        return ""
    return f"<lastmod>{changed.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}</lastmod>"
