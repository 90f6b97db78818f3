"""JSON-LD of the pages of articles and columns, in the vocabulary of schema.org."""

from django.core.paginator import Page
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.author_names import is_institution
from articles.citing import issue_of, reference
from articles.models import Column
from magazine.site import Site
from seo.jsonld import (
    ORGANIZATION_ID,
    WEBSITE_ID,
    Node,
    breadcrumbs,
    excerpt,
    issue_id,
    magazine_id,
    node,
    organization,
    periodical,
    publication_issue,
    reference_to,
    shortened,
    website,
)
from web.addresses import absolute


def of_publication(publication, site: Site) -> list[Node]:
    """Return the article, its issue, its publisher and the breadcrumbs."""
    issue = issue_of(publication)
    whole = [publication_issue(issue)] if issue else []
    return [
        _piece(publication),
        *whole,
        *_published_by(publication.magazine, site),
        _trail(publication),
    ]


def of_column(column: Column, site: Site) -> list[Node]:
    address = column.get_absolute_url()
    part_of = magazine_id(column.magazine) if column.magazine else WEBSITE_ID
    page = node(
        "CollectionPage",
        f"{address}#column",
        name=column.title,
        description=column.description,
        url=absolute(address),
        isPartOf=reference_to(part_of),
    )
    trail = breadcrumbs(*_above(column.magazine), (column.title, address))
    return [page, *_published_by(column.magazine, site), trail]


def list_description(page: Page, heading: str) -> str:
    """Return the description of a list: number of articles and the first titles."""
    titles = "".join(f"《{publication.title}》" for publication in page[:5])
    if not titles:
        return heading
    if page.paginator.is_cut:
        found = _("%(heading)s: more than %(count)s articles, among them %(titles)s")
    else:
        found = _("%(heading)s: %(count)s articles, among them %(titles)s")
    return shortened(found % {"heading": heading, "count": page.paginator.count, "titles": titles})


def summary(publication) -> str:
    return shortened(publication.abstract) or excerpt(publication.body)


def picture(publication) -> str:
    """Return the address of the picture for shared links: the cover or the card."""
    card = reverse("articles:card", args=[publication.article_id])
    return absolute(publication.cover.url if publication.cover else card)


def _published_by(magazine, site: Site) -> list[Node]:
    """Return the magazine or else the site, and the organization that publishes it."""
    return [periodical(magazine) if magazine else website(site), organization(site)]


def _piece(publication) -> Node:
    """Return the article; in a journal with ISSN it is scholarly if it has an abstract."""
    cited, issue = reference(publication), issue_of(publication)
    first, last = cited.page_range
    return node(
        "ScholarlyArticle" if cited.issn and cited.abstract else "NewsArticle",
        f"{publication.get_absolute_url()}#article",
        headline=cited.title,
        alternativeHeadline=cited.subtitle,
        url=cited.address,
        mainEntityOfPage=cited.address,
        image=picture(publication),
        datePublished=str(publication.date),
        dateModified=_modified(publication),
        author=[_author(name) for name in cited.authors],
        editor=publication.responsible_editor
        and node("Person", name=publication.responsible_editor),
        publisher=reference_to(ORGANIZATION_ID),
        isPartOf=reference_to(_part_of(publication, issue)),
        articleSection=publication.column.title,
        description=summary(publication),
        abstract=cited.abstract,
        keywords=cited.keywords,
        pagination=cited.pages,
        pageStart=first,
        pageEnd=last,
        isBasedOn=_source(publication),
        correction=publication.correction,
        inLanguage="zh-Hans" if cited.is_chinese else "en",
        isAccessibleForFree=True,
    )


def _part_of(publication, issue) -> str:
    if issue:
        return issue_id(issue)
    return magazine_id(publication.magazine) if publication.magazine else WEBSITE_ID


def _author(name: str) -> Node:
    return node("Organization" if is_institution(name) else "Person", name=name)


def _modified(publication) -> str:
    """Return the start of this version, or "" if it is before the date of the article."""
    took_effect = timezone.localtime(publication.starts_at)
    return (
        took_effect.isoformat(timespec="seconds") if took_effect.date() >= publication.date else ""
    )


def _source(publication) -> Node | None:
    """Return the source of a republished article."""
    if not (publication.source_url or publication.original_title):
        return None
    publisher = publication.source and node("Organization", name=publication.source)
    title = publication.original_title or publication.title
    return node("CreativeWork", name=title, url=publication.source_url, publisher=publisher)


def _trail(publication) -> Node:
    column = publication.column
    here = (publication.title, publication.get_absolute_url())
    return breadcrumbs(
        *_above(publication.magazine), (column.title, column.get_absolute_url()), here
    )


def _above(magazine) -> list[tuple[str, str]]:
    return [(magazine.title, magazine.get_absolute_url())] if magazine else []
