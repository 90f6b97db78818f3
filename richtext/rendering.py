"""Render rich text for readers.

Added are anchors, a table of contents, headings for the sub-heads of old texts, boxes in which
tables scroll, links that open pictures large, and links back from notes. Patterns are enough to
find all these, because the text is in the normal form of richtext/normalizer.py. Nothing of the
result is stored.
"""

import re
from collections import Counter
from hashlib import blake2b
from html import escape
from typing import NamedTuple

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from media.renditions import with_renditions
from richtext.sanitizer import plain_text, trusted
from richtext.subheads import ATTRIBUTES, TEXT_BLOCK, mark_subheads

HEADING = re.compile(
    rf'<h([234])(?: class="[^"]*")? id="([^"]+)"{ATTRIBUTES}>(.*?)</h\1>', re.DOTALL
)
HEADING_TAG = re.compile("(</?h)([234])")
IMG = rf"<img{ATTRIBUTES}>"
LINK_OR_PICTURE = re.compile(rf"<a{ATTRIBUTES}>.*?</a>|{IMG}", re.DOTALL)
PICTURE_PARAGRAPH = re.compile(
    rf'<p(?: class="([^"]*)")?>((?:{IMG}|<a{ATTRIBUTES}>{IMG}</a>|<br>)+)</p>'
)
MIN_LARGE_WIDTH = 160  # pixels; narrower pictures are icons in a line

TABLE_START = re.compile(r"<table>(?=(?:\n<caption>(.*?)</caption>)?)", re.DOTALL)
CAPTION = re.compile("<caption>(.*?)</caption>", re.DOTALL)

# A table of contents helps in texts of this length. In shorter ones all headings are in sight.
MIN_CONTENTS_LENGTH = 1500  # characters
MIN_CONTENTS_ENTRIES = 3
CONTENTS_LEVELS = 2

REFERENCE_TEXT = r"(?:<sup>)?[\[〔［(（]?(?:注?[0-9]{1,3}|[①-⑳]|[*＊]+)[\]〕］)）]?(?:</sup>)?"
NOTE_REFERENCE = re.compile(rf'<a href="#([^"]+)"({ATTRIBUTES})>({REFERENCE_TEXT})</a>')
BACKLINK = re.compile(r'<a href="(#[^"]+)">([↩↑])</a>')
NOTE = re.compile(".*?(?=</(?:li|p)>)", re.DOTALL)
ID = re.compile(' id="([^"]+)"')

DIGITS_TO_LETTERS = str.maketrans("0123456789", "ghijklmnop")


class Heading(NamedTuple):
    id: str
    text: str
    level: int  # 1 for the highest in the text


class RenderedArticle(NamedTuple):
    html: SafeString
    headings: list[Heading]
    is_long: bool

    @property
    def contents(self) -> list[Heading]:
        """Return the entries of the table of contents, none if the text needs no table."""
        entries = [heading for heading in self.headings if heading.level <= CONTENTS_LEVELS]
        return entries if self.is_long and len(entries) >= MIN_CONTENTS_ENTRIES else []


def render_article(html: str) -> RenderedArticle:
    """Render the main text of a page; at most one per page, since anchors must be unique."""
    text = mark_subheads(with_renditions(html))
    text = lift_headings(text)
    text = add_backlinks(text)
    text = add_anchors(text)
    headings = read_headings(text)
    text = wrap_tables(link_pictures(text))
    is_long = len(plain_text(html)) >= MIN_CONTENTS_LENGTH
    return RenderedArticle(trusted(text), headings, is_long)


def render_fragment(html: str) -> SafeString:
    """Render a text beside others on a page: without anchors."""
    return trusted(wrap_tables(link_pictures(with_renditions(html))))


# Headings


def read_headings(html: str) -> list[Heading]:
    headings = []
    for level, anchor, content in HEADING.findall(html):
        without_notes = re.sub(r"<sup>.*?</sup>", "", content)
        text = plain_text(without_notes).replace("\n", " ")
        headings.append(Heading(anchor, text, int(level) - 1))
    return headings


def lift_headings(html: str) -> str:
    """Lift all headings so that the highest is <h2>, because levels must not be skipped."""
    levels = [int(level) for _start, level in HEADING_TAG.findall(html)]
    lift = min(levels, default=2) - 2
    if not lift:
        return html
    return HEADING_TAG.sub(lambda tag: f"{tag[1]}{int(tag[2]) - lift}", html)


# Anchors


def add_anchors(html: str) -> str:
    """Give each paragraph and heading an id derived from its text, stable under other edits."""
    repeats: Counter[str] = Counter()
    used: set[str] = set()

    def add_anchor(block: re.Match[str]) -> str:
        tag, attributes, content = block.groups()
        text = plain_text(content)
        if not text:
            return block[0]
        anchor = anchor_id(text, repeats[text])
        while anchor in used:
            repeats[text] += 1
            anchor = anchor_id(text, repeats[text])
        used.add(anchor)
        repeats[text] += 1
        return f'<{tag}{attributes} id="{anchor}">{content}</{tag}>'

    return TEXT_BLOCK.sub(add_anchor, html)


def anchor_id(text: str, repeat: int) -> str:
    """Return an id of letters alone: ids of editors end in a digit, so they never collide."""
    if repeat:
        text = f"{text}\n{repeat}"
    digest = blake2b(text.encode(), digest_size=4).hexdigest()
    return "p-" + digest.translate(DIGITS_TO_LETTERS)


# Notes


def add_backlinks(html: str) -> str:
    """Add a link back to each note that the text refers to and that has no link itself."""
    for note_id, attributes, label in NOTE_REFERENCE.findall(html):
        html = add_backlink(html, note_id, attributes, label)
    label = escape(_("Back to the text"))
    return BACKLINK.sub(rf'<a href="\1" aria-label="{label}">\2</a>', html)


def add_backlink(html: str, note_id: str, attributes: str, label: str) -> str:
    """Add a link from the end of a note to its reference, and an id to this if it has none."""
    id_start = html.find(f' id="{note_id}"')
    if id_start < 0:
        return html
    line_start = html.rfind("\n", 0, id_start) + 1
    note = NOTE.match(html, line_start)
    if not note or '<a href="#' in note[0]:
        return html
    reference_id = ID.search(attributes)
    target = reference_id[1] if reference_id else f"{note_id}-mark"
    html = f'{html[: note.end()]} <a href="#{target}">↩</a>{html[note.end() :]}'
    if reference_id:
        return html
    start_tag = f'<a href="#{note_id}"{attributes}'
    return html.replace(f"{start_tag}>{label}</a>", f'{start_tag} id="{target}">{label}</a>', 1)


# Pictures


def link_pictures(html: str) -> str:
    """Link pictures to their files, and mark paragraphs of nothing but pictures for CSS."""
    html = PICTURE_PARAGRAPH.sub(mark_picture_paragraph, html)
    return LINK_OR_PICTURE.sub(link_picture, html)


def mark_picture_paragraph(paragraph: re.Match[str]) -> str:
    classes, content = paragraph.groups()
    classes = f"{classes} lone" if classes else "lone"
    return f'<p class="{classes}">{content}</p>'


def link_picture(element: re.Match[str]) -> str:
    """Return a picture in a link to its file; links and icons stay as they are."""
    html = element[0]
    source = re.search(' src="([^"]+)"', html)
    width = re.search(' width="([^"]+)"', html)
    is_icon = width is not None and int(width[1]) < MIN_LARGE_WIDTH
    if html.startswith("<a") or source is None or is_icon:
        return html
    label = escape(_("Open large"))
    alt = re.search(' alt="([^"]+)"', html)
    if alt:
        label = f"{label}：{alt[1]}"
    return f'<a class="large" href="{source[1]}" aria-label="{label}">{html}</a>'


# Tables


def wrap_tables(html: str) -> str:
    """Wrap each table in a box that scrolls, so that wide tables do not widen the page."""
    html = TABLE_START.sub(open_table_box, html)
    html = html.replace("</table>", "</table></div>")
    return CAPTION.sub(r"<caption><span>\1</span></caption>", html)


def open_table_box(table: re.Match[str]) -> str:
    """Return the start of a box with a tab stop; static/site.js removes it where tables fit."""
    label = escape(plain_text(table[1] or "") or _("Table"))
    return f'<div class="scroll" role="group" tabindex="0" aria-label="{label}"><table>'
