"""How an article is cited: as GB/T 7714 of 2025 and of 2015 writes it, as BibTeX and as RIS."""

import re
from datetime import date
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone

from articles.author_names import CHINESE, is_institution, parse_name
from magazine.models import Issue, Magazine


class Marks(NamedTuple):
    """How an edition of the standard writes, in whatever language. Full stop and brackets are half-width in both."""

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
    """What a citation says, whatever its form. Without a journal, it is of a piece that stands on the web alone."""

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
        """The first and the last page of the first stretch; the last is empty for a single page."""
        first, _, last = self.pages.partition(",")[0].partition("-")
        return first, last

    def titled(self, colon: str) -> str:
        return f"{self.title}{colon}{self.subtitle}" if self.subtitle else self.title


class Citation(NamedTuple):
    standard: str
    text: str


def issue_of(publication) -> Issue | None:
    """The issue it appeared in: none as long as readers cannot see that issue."""
    return publication.issue if publication.issue_id and publication.issue.is_released else None


def reference(publication) -> Reference:
    issue = issue_of(publication)
    magazine = issue and issue.magazine
    published = issue.published_on if issue else publication.date
    year = issue.year if issue else published.year
    title = _line(publication.title)
    return Reference(
        key=f"{magazine.slug if magazine else 'web'}-{year}-{publication.article_id}",
        authors=[_line(name) for name in publication.author_list],
        title=title,
        subtitle=_line(undashed(publication.subtitle)),
        journal=_journal(magazine, title) if magazine else "",
        issn=magazine.issn if magazine else "",
        year=year,
        number=issue and issue.number,
        pages=plain_pages(publication.pages) if issue else "",
        published=published,
        accessed=timezone.localdate(),
        address=f"{settings.SITE_URL}{publication.get_absolute_url()}",
        keywords=[_line(word) for word in publication.keyword_list],
        abstract=_line(publication.abstract),
    )


def _journal(magazine: Magazine, title: str) -> str:
    """A piece in English is cited in English."""
    return magazine.title if CHINESE.search(title) or not magazine.title_en else magazine.title_en


def citations(publication) -> list[Citation]:
    """The newer standard first."""
    cited = reference(publication)
    return [
        Citation("GB/T 7714—2025", gb_t_7714(cited, MARKS_2025)),
        Citation("GB/T 7714—2015", gb_t_7714(cited, MARKS_2015)),
    ]


# GB/T 7714


def gb_t_7714(cited: Reference, marks: Marks) -> str:
    """Printed pages are cited as [J]; what has none is found by its address, in an issue [J/OL] or without [EB/OL]."""
    names = _responsible(cited.authors, marks)
    title = cited.titled(marks.colon)
    return f"{f'{names}. ' if names else ''}{title}{_source(cited, marks)}."


def _source(cited: Reference, marks: Marks) -> str:
    if not cited.journal:
        dates = f"{marks.opening}{cited.published}{marks.closing}[{cited.accessed}]"
        return f"[EB/OL].{marks.gap}{dates}. {cited.address}"
    issue = f"{cited.journal}{marks.comma}{cited.year}{marks.opening}{cited.number}{marks.closing}"
    if cited.pages:
        return f"[J]. {issue}{marks.colon}{cited.pages.replace(',', marks.comma)}"
    # The edition of 2025 asks for no date of access here.
    accessed = f"[{cited.accessed}]" if marks is MARKS_2015 else ""
    return f"[J/OL]. {issue}{accessed}. {cited.address}"


def _responsible(authors: list[str], marks: Marks) -> str:
    """The first three. The rest are 等, or et al. among names that are not Chinese."""
    names = [_written(name, marks) for name in authors[:3]]
    if len(authors) > 3:
        names.append("等" if any(map(CHINESE.search, names)) else "et al")
    return marks.comma.join(names)


def _written(name: str, marks: Marks) -> str:
    """John A. Smith is SMITH J A in 2015 and Smith J A in 2025; what is not certain stays as it was typed.

    It loses marks alone that would read as the standard's. Chinese names in Latin letters are never shortened: the
    edition of 2025 advises against it.
    """
    if not (known := parse_name(name)):
        return (name if is_institution(name) else name.replace(",", "")).rstrip(".")
    family = known.family.upper() if marks.capitals else known.family
    return f"{family} {known.initials(marks.hyphen)}"


# Files for reference managers


def bibtex(cited: Reference) -> str:
    on_the_web = not cited.journal
    fields = {
        "author": " and ".join(map(_bibtex_name, cited.authors)),
        "title": f"{{{_escaped(cited.whole_title)}}}",  # in braces of its own: styles leave its capitals alone
        "journal": _escaped(cited.journal),
        "year": cited.year,
        "number": cited.number,
        "pages": _escaped(cited.pages.replace("-", "--")),
        "issn": cited.issn,
        "date": on_the_web and cited.published,
        "urldate": on_the_web and cited.accessed,
        "url": cited.address,
        "language": "chinese" if cited.is_chinese else "english",
        "keywords": _escaped(", ".join(cited.keywords)),
        "abstract": _escaped(cited.abstract),
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@{'online' if on_the_web else 'article'}{{{cited.key},\n{lines}}}\n"


def _filed(name: str) -> str:
    """As reference managers take it: `Smith, John A.`"""
    known = parse_name(name)
    return f"{known.family}, {known.given}" if known else name


def _bibtex_name(name: str) -> str:
    """In braces where BibTeX would take a name apart that is one."""
    is_one = (
        (re.search(r"[\s,]", name) and CHINESE.search(name))
        or name.count(",") > 1
        or name == "others"
    )
    return f"{{{_escaped(name)}}}" if is_one or is_institution(name) else _escaped(_filed(name))


# Braces count even where a backslash stands before them: a lone one would swallow what follows.
_BIBTEX = str.maketrans(
    {character: f"\\{character}" for character in "#$%&_"}
    | {"\\": r"{\textbackslash}", "{": r"{\textbraceleft}", "}": r"{\textbraceright}"}
    | {"~": r"{\textasciitilde}", "^": r"{\textasciicircum}"}
)


def _escaped(text: str) -> str:
    return text.translate(_BIBTEX)


def ris(cited: Reference) -> str:
    first, last = cited.page_range
    tags = [
        ("TY", "JOUR" if cited.journal else "ELEC"),
        ("ID", cited.key),
        ("TI", cited.whole_title),
    ]
    tags += [("AU", _filed(name)) for name in cited.authors]
    tags += [("T2", cited.journal), ("JO", cited.journal), ("SN", cited.issn)]
    tags += [("PY", cited.year), ("DA", f"{cited.published:%Y/%m/%d}"), ("IS", cited.number)]
    tags += [("SP", first), ("EP", last)]
    tags += [("Y2", "" if cited.journal else f"{cited.accessed:%Y/%m/%d}"), ("AB", cited.abstract)]
    tags += [("KW", word) for word in cited.keywords]
    tags += [("LA", cited.language), ("UR", cited.address)]
    lines = [f"{tag}  - {value}" for tag, value in tags if value]
    return "\r\n".join([*lines, "ER  - ", ""])


FILES = {
    "bib": (bibtex, "application/x-bibtex"),
    "ris": (ris, "application/x-research-info-systems"),
}


def _line(text: str) -> str:
    return " ".join(text.split())


def undashed(subtitle: str) -> str:
    """A subtitle without the dash that editors may have typed: pages draw one, and citations want none."""
    return subtitle.strip("-–—―─ ")


def plain_pages(text: str) -> str:
    """The pages with hyphens and commas alone, however an editor has typed them: 第4—9、12页 is 4-9,12."""
    text = re.sub(r"^[Pp]+\.?|[\s第页]", "", text.strip())
    text = re.sub(r"[–—―−～~－至]+", "-", text)
    return re.sub(r"[，、；;,+＋]+", ",", text)
