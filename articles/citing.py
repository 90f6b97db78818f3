"""Citations of an article: by GB/T 7714 of 2025 and of 2015, as BibTeX and as RIS.

See docs/decisions/0021-citations-name-what-readers-can-find.md.
"""

import re
from datetime import date
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone

from articles.author_names import CHINESE, is_institution, parse_name
from magazine.models import Issue, Magazine


class Marks(NamedTuple):
    """The punctuation of an edition of the standard; both use half-width stops and brackets."""

    comma: str
    colon: str
    opening: str
    closing: str
    gap: str
    capitals: bool  # for family names
    hyphen: str  # between initials


MARKS_2025 = Marks("，", "：", "（", "）", "", False, "-")
MARKS_2015 = Marks(", ", ": ", "(", ")", " ", True, " ")


class Reference(NamedTuple):
    """The data of a citation in any format. `journal` is empty for articles only on the web."""

    key: str
    authors: list[str]
    title: str
    subtitle: str
    journal: str
    issn: str
    year: int
    number: int | None
    pages: str
    published: date
    accessed: date
    address: str
    keywords: list[str]
    abstract: str

    @property
    def is_chinese(self) -> bool:
        return bool(CHINESE.search(self.title))

    @property
    def language(self) -> str:
        return "zh" if self.is_chinese else "en"

    @property
    def whole_title(self) -> str:
        return self.titled("：" if self.is_chinese else ": ")

    @property
    def page_range(self) -> tuple[str, str]:
        """Return the first and the last page of the first range; the last may be empty."""
        first_range = self.pages.partition(",")[0]
        first, _hyphen, last = first_range.partition("-")
        return first, last

    def titled(self, colon: str) -> str:
        """Return title and subtitle, joined by `colon`."""
        if not self.subtitle:
            return self.title
        return f"{self.title}{colon}{self.subtitle}"


class Citation(NamedTuple):
    standard: str
    text: str


def issue_of(publication) -> Issue | None:
    """Return the issue of a publication, or None while readers cannot see the issue."""
    issue = publication.issue if publication.issue_id else None
    if issue is None or not issue.is_released:
        return None
    return issue


def reference(publication) -> Reference:
    """Return the data that citations of a publication contain."""
    issue = issue_of(publication)
    title = _line(publication.title)
    if issue:
        magazine = issue.magazine
        published = issue.published_on
        year = issue.year
        source = magazine.slug
    else:
        magazine = None
        published = publication.date
        year = published.year
        source = "web"
    return Reference(
        key=f"{source}-{year}-{publication.article_id}",
        authors=[_line(name) for name in publication.author_list],
        title=title,
        subtitle=_line(undashed(publication.subtitle)),
        journal=_journal(magazine, title) if magazine else "",
        issn=magazine.issn if magazine else "",
        year=year,
        number=issue.number if issue else None,
        pages=plain_pages(publication.pages) if issue else "",
        published=published,
        accessed=timezone.localdate(),
        address=f"{settings.SITE_URL}{publication.get_absolute_url()}",
        keywords=[_line(word) for word in publication.keyword_list],
        abstract=_line(publication.abstract),
    )


def _journal(magazine: Magazine, title: str) -> str:
    """Return the title of the magazine, the English one for an English article."""
    if magazine.title_en and not CHINESE.search(title):
        return magazine.title_en
    return magazine.title


def citations(publication) -> list[Citation]:
    """Return the citations by both editions of the standard, the newer first."""
    cited = reference(publication)
    return [
        Citation("GB/T 7714—2025", gb_t_7714(cited, MARKS_2025)),
        Citation("GB/T 7714—2015", gb_t_7714(cited, MARKS_2015)),
    ]


# GB/T 7714


def gb_t_7714(cited: Reference, marks: Marks) -> str:
    """Return a citation by the standard.

    [J] cites printed pages, [J/OL] an issue without pages, [EB/OL] an article only on the web.
    """
    names = _responsible(cited.authors, marks)
    if names:
        names += ". "
    return f"{names}{cited.titled(marks.colon)}{_source(cited, marks)}."


def _source(cited: Reference, marks: Marks) -> str:
    if not cited.journal:
        dates = f"{marks.opening}{cited.published}{marks.closing}[{cited.accessed}]"
        return f"[EB/OL].{marks.gap}{dates}. {cited.address}"
    issue = f"{cited.journal}{marks.comma}{cited.year}{marks.opening}{cited.number}{marks.closing}"
    if cited.pages:
        return f"[J]. {issue}{marks.colon}{cited.pages.replace(',', marks.comma)}"
    # The edition of 2025 needs no date of access here.
    accessed = f"[{cited.accessed}]" if marks is MARKS_2015 else ""
    return f"[J/OL]. {issue}{accessed}. {cited.address}"


def _responsible(authors: list[str], marks: Marks) -> str:
    """Return the first three authors; 等 or, without Chinese names, et al replaces the others."""
    names = [_written(name, marks) for name in authors[:3]]
    if len(authors) > 3:
        has_chinese = any(CHINESE.search(name) for name in names)
        names.append("等" if has_chinese else "et al")
    return marks.comma.join(names)


def _written(name: str, marks: Marks) -> str:
    """Return SMITH J A (2015) or Smith J A (2025) for John A. Smith.

    Names that cannot be parsed stay as they are, without marks that the standard uses itself.
    Chinese names in Latin letters are not shortened: the edition of 2025 advises against it.
    """
    western = parse_name(name)
    if western:
        family = western.family.upper() if marks.capitals else western.family
        return f"{family} {western.initials(marks.hyphen)}"
    if not is_institution(name):
        name = name.replace(",", "")
    return name.rstrip(".")


# Files for reference managers


def bibtex(cited: Reference) -> str:
    """Return a BibTeX file."""
    is_web_only = not cited.journal
    fields = {
        "author": " and ".join(map(_bibtex_name, cited.authors)),
        # A second pair of braces protects capitals from styles.
        "title": f"{{{_escaped(cited.whole_title)}}}",
        "journal": _escaped(cited.journal),
        "year": cited.year,
        "number": cited.number,
        "pages": _escaped(cited.pages.replace("-", "--")),
        "issn": cited.issn,
        "date": cited.published if is_web_only else None,
        "urldate": cited.accessed if is_web_only else None,
        "url": cited.address,
        "language": "chinese" if cited.is_chinese else "english",
        "keywords": _escaped(", ".join(cited.keywords)),
        "abstract": _escaped(cited.abstract),
    }
    entry_type = "online" if is_web_only else "article"
    lines = [f"@{entry_type}{{{cited.key},\n"]
    for name, value in fields.items():
        if value:
            lines.append(f"  {name} = {{{value}}},\n")
    lines.append("}\n")
    return "".join(lines)


def _inverted(name: str) -> str:
    """Return a name as reference managers read it: `Smith, John A.`"""
    western = parse_name(name)
    if western is None:
        return name
    return f"{western.family}, {western.given}"


def _bibtex_name(name: str) -> str:
    """Return an author, in braces if BibTeX would divide the name."""
    has_separator = re.search(r"[\s,]", name)
    is_divided = (has_separator and CHINESE.search(name)) or name.count(",") > 1 or name == "others"
    if is_divided or is_institution(name):
        return f"{{{_escaped(name)}}}"
    return _escaped(_inverted(name))


_BIBTEX = {character: f"\\{character}" for character in "#$%&_"}
# BibTeX counts braces also after a backslash: a single one would break the entry.
_BIBTEX |= {"\\": r"{\textbackslash}", "{": r"{\textbraceleft}", "}": r"{\textbraceright}"}
_BIBTEX |= {"~": r"{\textasciitilde}", "^": r"{\textasciicircum}"}
_BIBTEX_TABLE = str.maketrans(_BIBTEX)


def _escaped(text: str) -> str:
    return text.translate(_BIBTEX_TABLE)


def ris(cited: Reference) -> str:
    """Return a RIS file."""
    is_web_only = not cited.journal
    first, last = cited.page_range
    tags: list[tuple[str, object]] = [
        ("TY", "ELEC" if is_web_only else "JOUR"),
        ("ID", cited.key),
        ("TI", cited.whole_title),
    ]
    for name in cited.authors:
        tags.append(("AU", _inverted(name)))
    tags += [
        ("T2", cited.journal),
        ("JO", cited.journal),
        ("SN", cited.issn),
        ("PY", cited.year),
        ("DA", f"{cited.published:%Y/%m/%d}"),
        ("IS", cited.number),
        ("SP", first),
        ("EP", last),
        ("Y2", f"{cited.accessed:%Y/%m/%d}" if is_web_only else ""),
        ("AB", cited.abstract),
    ]
    for word in cited.keywords:
        tags.append(("KW", word))
    tags += [("LA", cited.language), ("UR", cited.address)]
    lines = [f"{tag}  - {value}" for tag, value in tags if value]
    lines += ["ER  - ", ""]
    return "\r\n".join(lines)


FILES = {
    "bib": (bibtex, "application/x-bibtex"),
    "ris": (ris, "application/x-research-info-systems"),
}


def _line(text: str) -> str:
    """Return a text in one line."""
    return " ".join(text.split())


def undashed(subtitle: str) -> str:
    """Return a subtitle without typed dashes: pages add one, and citations have none."""
    return subtitle.strip("-–—―─ ")


def plain_pages(text: str) -> str:
    """Return page numbers with hyphens and commas only: 第4—9、12页 becomes 4-9,12."""
    text = re.sub(r"^[Pp]+\.?|[\s第页]", "", text.strip())
    text = re.sub(r"[–—―−～~－至]+", "-", text)
    return re.sub(r"[，、；;,+＋]+", ",", text)
