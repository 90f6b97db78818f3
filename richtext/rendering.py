"""Render rich text for readers: anchors, headings, scrollable tables, pictures that open large,
and links back from notes.

The text is in the normal form of richtext/normalizer.py, so that patterns are enough. Nothing of
the result is stored.
"""

import re
from collections import Counter
from collections.abc import Callable
from hashlib import blake2b
from html import escape
from itertools import groupby
from typing import NamedTuple

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from media.renditions import with_renditions
from richtext.sanitizer import plain_text, trusted

ATTRIBUTES = r'(?: [a-z-]+="[^"]*")*'
BLOCK = re.compile(
    rf"<(p|h[234]|table|ul|ol|blockquote|figure)({ATTRIBUTES})>(.*?)</\1>", re.DOTALL
)
LINE = re.compile(rf"<(p|h[234])({ATTRIBUTES})>(.*?)</\1>", re.DOTALL)
HEADING = re.compile(
    rf'<h([234])(?: class="[^"]*")? id="([^"]+)"{ATTRIBUTES}>(.*?)</h\1>', re.DOTALL
)
IMG = rf"<img{ATTRIBUTES}>"
LINK_OR_PICTURE = re.compile(rf"<a{ATTRIBUTES}>.*?</a>|{IMG}", re.DOTALL)
PICTURES_ALONE = re.compile(rf'<p( class="[^"]*")?>((?:{IMG}|<a{ATTRIBUTES}>{IMG}</a>|<br>)+)</p>')
ICON_WIDTH = 160  # narrower pictures are signs in a line: there is nothing to open

# A table of contents helps from here on; below, the headings are in sight anyway.
LONG_TEXT = 1500
FEW_HEADINGS = 3

SHORT_LINE = 30  # of two or three clauses, as official prose likes its sub-heads
FULL_PARAGRAPH = 40
CLOSED = re.compile(r"[。！？；：，、…—,.;:!?][”’」』）)]*$")
NUMBERED = re.compile(
    r"(第?[一二三四五六七八九十百]+[、章节．.]|[(（][一二三四五六七八九十]+[)）]|[0-9]{1,2}[、.．])"
)
# What stands under pictures and beside texts, and names no part of them.
NO_SUBHEAD = re.compile(
    r"[图表][\s0-9一二三四五六七八九十]|[（(].*[)）]$|本刊(记者|编辑|讯)|(来源|作者|记者|文|图)\s*[:：/|｜]"
)
# What a text may begin with instead of a sub-head: who wrote it, for whom, or from where.
BYLINE = re.compile(
    r"通讯员|记者|编辑|编者|作者|评论员|特约|供稿|撰稿|整理|摄影|课题组|执笔|供图|口述|翻译|"
    r"(局|厅|部|委|处|科|所|院|校|系|大学|公司|集团|中心|办|社|会|组|队|站|银行|政府|省|市|县|区|州|镇|乡|村|电|讯|日)"
    r"([\s　、，]|$)"
)
CLAUSES = re.compile(r"[\s　、，：；·—]+")
CLAUSE = 4  # a name of a person is shorter

MARK = r"(?:<sup>)?[\[〔［(（]?(?:注?[0-9]{1,3}|[①-⑳]|[*＊]+)[\]〕］)）]?(?:</sup>)?"
NOTE_MARK = re.compile(rf'<a href="#([^"]+)"({ATTRIBUTES})>({MARK})</a>')
WAY_BACK = re.compile(r'<a href="(#[^"]+)">([↩↑])</a>')


class Heading(NamedTuple):
    id: str
    text: str
    level: int  # 1 for the text's own first level


class RenderedArticle(NamedTuple):
    html: SafeString
    headings: list[Heading]
    is_long: bool

    @property
    def contents(self) -> list[Heading]:
        """Return the first two levels of headings if the text is long enough, else nothing."""
        entries = [heading for heading in self.headings if heading.level <= 2]
        return entries if self.is_long and len(entries) >= FEW_HEADINGS else []


def render_article(html: str) -> RenderedArticle:
    """Render the main text of a page. A page has one only, or ids would collide."""
    dressed = _anchored(_with_ways_back(_levelled(_with_subheads(with_renditions(html)))))
    headings = [
        Heading(place, _title(text), int(level) - 1)
        for level, place, text in HEADING.findall(dressed)
    ]
    return RenderedArticle(trusted(_boxed(dressed)), headings, len(plain_text(html)) >= LONG_TEXT)


def render_fragment(html: str) -> SafeString:
    """Render a text beside others on a page: without anchors."""
    return trusted(_boxed(with_renditions(html)))


def _title(html: str) -> str:
    return plain_text(re.sub(r"<sup>.*?</sup>", "", html)).replace("\n", " ")


# Sub-heads


class _Line(NamedTuple):
    start: int
    text: str
    is_short: bool
    is_full: bool


def _with_subheads(html: str) -> str:
    """Turn short lines between full paragraphs into headings, in texts that have none.

    The first line of a text may be a byline. It becomes a heading only if it is numbered, or has
    clauses as long as another heading, none short enough for a name. Any other line stays a
    paragraph, even if a heading was meant: nothing tells 「手术室的时间」 from a column's name.
    """
    if re.search("<h[234]", html):
        return html
    lines = [_line(block) for block in BLOCK.finditer(html)]
    runs = [list(run) for _short, run in groupby(lines, lambda line: line.is_short)]
    heads = [
        line
        for before, run, after in zip(runs, runs[1:], runs[2:], strict=False)
        # Two at once are a part and its first section; more are verse, or a list.
        if run[0].is_short and len(run) <= 2 and before[-1].is_full and after[0].is_full
        for line in run
    ]
    if (
        heads
        and lines[0].is_short
        and len(runs[0]) == 1
        and runs[1][0].is_full
        and _is_like(lines[0].text, heads)
    ):
        heads.append(lines[0])
    starts = {line.start for line in heads}
    return LINE.sub(lambda line: _as_heading(line) if line.start() in starts else line[0], html)


def _is_like(text: str, heads: list[_Line]) -> bool:
    if NUMBERED.match(text):
        return True
    shape = _shape(text)
    return (
        min(shape) >= CLAUSE
        and not BYLINE.search(text)
        and any(shape == _shape(head.text) for head in heads)
    )


def _shape(text: str) -> list[int]:
    return [len(clause) for clause in CLAUSES.split(text)]


def _line(block: re.Match) -> _Line:
    tag, attributes, html = block.groups()
    text = plain_text(html)
    is_line = tag == "p" and "align-right" not in attributes and not re.search("<(img|br)", html)
    is_short = (
        is_line
        and 2 <= len(text) <= SHORT_LINE
        and not CLOSED.search(text)
        and not NO_SUBHEAD.match(text)
    )
    return _Line(block.start(), text, is_short, tag == "p" and len(text) >= FULL_PARAGRAPH)


def _as_heading(line: re.Match) -> str:
    text = re.sub(r"</?strong>", "", line[3])
    level = 3 if re.match(r"[(（]", plain_text(text)) else 2
    return f"<h{level}>{text}</h{level}>"


def _levelled(html: str) -> str:
    """Lift headings so that the highest is h2: no level may be missing."""
    levels = [int(level) for level in re.findall("<h([234])", html)]
    lift = min(levels, default=2) - 2
    return (
        re.sub("(</?h)([234])", lambda tag: f"{tag[1]}{int(tag[2]) - lift}", html) if lift else html
    )


# Places to link to


def _anchored(html: str) -> str:
    """Give each paragraph and heading an id derived from its text, stable under other edits."""
    return LINE.sub(_anchor(), html)


def _anchor() -> Callable[[re.Match], str]:
    times: Counter[str] = Counter()
    seen: set[str] = set()

    def anchor(line: re.Match) -> str:
        tag, attributes, inner = line.groups()
        if not (text := plain_text(inner)):
            return line[0]
        while (place := _id(f"{text}\n{times[text]}" if times[text] else text)) in seen:
            times[text] += 1
        seen.add(place)
        times[text] += 1
        return f'<{tag}{attributes} id="{place}">{inner}</{tag}>'

    return anchor


def _id(text: str) -> str:
    """Return an id of letters alone: ids of editors end in a digit, so they never collide."""
    digest = blake2b(text.encode(), digest_size=4).hexdigest()
    return "p-" + digest.translate(str.maketrans("0123456789", "ghijklmnop"))


def _with_ways_back(html: str) -> str:
    """Add a link back to each note that is linked from the text and has no link itself."""
    for mark in NOTE_MARK.findall(html):
        html = _with_way_back(html, *mark)
    return WAY_BACK.sub(rf'<a href="\1" aria-label="{escape(_("Back to the text"))}">\2</a>', html)


def _with_way_back(html: str, note: str, attributes: str, label: str) -> str:
    start = html.find(f' id="{note}"')
    line = re.compile(".*?(?=</(?:li|p)>)", re.DOTALL).match(html, html.rfind("\n", 0, start) + 1)
    if start < 0 or not line or '<a href="#' in line[0]:
        return html
    own = re.search(' id="([^"]+)"', attributes)
    place = own[1] if own else f"{note}-mark"
    html = f'{html[: line.end()]} <a href="#{place}">↩</a>{html[line.end() :]}'
    if own:
        return html
    mark = f'<a href="#{note}"{attributes}'
    return html.replace(f"{mark}>{label}</a>", f'{mark} id="{place}">{label}</a>', 1)


# Boxes


def _boxed(html: str) -> str:
    html = PICTURES_ALONE.sub(lambda p: f'<p class="{_classes(p[1])}lone">{p[2]}</p>', html)
    html = LINK_OR_PICTURE.sub(lambda found: _opening_large(found[0]), html)
    html = re.sub(r"<table>(?=(?:\n<caption>(.*?)</caption>)?)", _box, html, flags=re.DOTALL)
    html = html.replace("</table>", "</table></div>")
    return re.sub(
        "<caption>(.*?)</caption>", r"<caption><span>\1</span></caption>", html, flags=re.DOTALL
    )


def _classes(attribute: str | None) -> str:
    return f"{attribute[8:-1]} " if attribute else ""


def _opening_large(html: str) -> str:
    source, width = (re.search(rf' {name}="([^"]+)"', html) for name in ("src", "width"))
    if html.startswith("<a") or not source or (width and int(width[1]) < ICON_WIDTH):
        return html
    alt = re.search(' alt="([^"]+)"', html)
    label = f"{escape(_('Open large'))}{'：' + alt[1] if alt else ''}"
    return f'<a class="large" href="{source[1]}" aria-label="{label}">{html}</a>'


def _box(table: re.Match) -> str:
    """Wrap a table so that it scrolls; static/site.js removes the tab stop where it fits."""
    label = escape(plain_text(table[1] or "") or _("Table"))
    return f'<div class="scroll" role="group" tabindex="0" aria-label="{label}"><table>'
