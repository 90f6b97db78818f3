"""Sanitize rich text: the allow-list, its enforcement, and text for other uses.

This module is the security boundary of everything that editors write or paste. `trusted` is one
of the two functions that mark HTML as safe; the other is in seo/jsonld.py.
"""

import re
from html import unescape

import nh3
from django.core.exceptions import ValidationError
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from richtext.normalizer import normalize
from richtext.parsing import REPLACEMENT_TAGS, WRAPPERS

# The allow-list: elements with their attributes, classes by element, and patterns of the values of
# attributes. There is no style attribute: public pages forbid inline styles.

ELEMENTS: dict[str, tuple[str, ...]] = {
    "p": (),
    "h2": (),
    "h3": (),
    "h4": (),
    "br": (),
    "hr": (),
    "blockquote": (),
    "figure": (),
    "figcaption": (),
    "strong": (),
    "em": (),
    "u": (),
    "s": (),
    "del": (),
    "sup": (),
    "sub": (),
    "a": ("href", "id", "title", "rel"),
    "img": ("src", "alt", "width", "height"),
    "ul": (),
    "ol": ("start", "type"),
    "li": ("id",),
    "table": (),
    "caption": (),
    "thead": (),
    "tbody": (),
    "tfoot": (),
    "tr": (),
    "th": ("scope", "colspan", "rowspan"),
    "td": ("colspan", "rowspan"),
}
ALIGNMENTS = {"align-left", "align-center", "align-right", "align-justify"}
CLASSES = {
    "p": ALIGNMENTS | {"indent", "no-indent"},
    "h2": ALIGNMENTS,
    "h3": ALIGNMENTS,
    "h4": ALIGNMENTS,
    "th": ALIGNMENTS,
    "td": ALIGNMENTS,
    "img": ALIGNMENTS,
    "figure": ALIGNMENTS | {"image"},
    "ol": {"footnotes"},
}
SCHEMES = {"http", "https", "mailto", "tel"}
VALUE_PATTERNS = {
    "href": r"(?i:https?://|mailto:|tel:|(?!//)(?![^/?#]*:))[^\s\\\x00-\x1f\x7f]+",
    "src": r"/(?!/)[^\s\\\x00-\x1f\x7f]+",
    # The digit at the end rules out the ids that the page around the text uses.
    "id": r"([A-Za-z]|_ftn|_edn)[A-Za-z0-9_-]{0,60}[0-9]",
    "name": r"_(ftn|edn)(ref)?[0-9]+",
    "rel": r"noopener noreferrer",
    "width": r"[1-9][0-9]{0,3}",
    "height": r"[1-9][0-9]{0,3}",
    "colspan": r"[2-9]|[1-9][0-9]{1,2}",
    "rowspan": r"[2-9]|[1-9][0-9]{1,2}",
    "scope": r"(row|col)(group)?",
    "start": r"-?[0-9]{1,5}",
    "type": r"[1aAiI]",
}

# Elements that are removed together with their content. Of others only the tags are removed.
REMOVED_WITH_CONTENT = {
    "audio",
    "canvas",
    "embed",
    "iframe",
    "math",
    "noembed",
    "noframes",
    "noscript",
    "object",
    "script",
    "select",
    "style",
    "svg",
    "template",
    "textarea",
    "title",
    "video",
    "xml",
    "xmp",
}

MAX_LENGTH = 1_000_000  # characters of sanitized HTML

# Limits of form input. Sanitizing takes time in proportion to the length, but to the square of the
# number of unclosed elements and of character references; within these limits it takes seconds.
MAX_INPUT_LENGTH = 3 * MAX_LENGTH  # characters, most of which may be markup of a word processor
MAX_UNCLOSED_ELEMENTS = 1000
MAX_REFERENCES = 100_000  # the serializer writes & and no-break spaces as references
NESTED_ELEMENTS = "div|section|article|blockquote|ul|ol|li|table|tr|td|span|font"
START_TAG = re.compile(rf"<(?:{NESTED_ELEMENTS})\b", re.IGNORECASE)
END_TAG = re.compile(rf"</(?:{NESTED_ELEMENTS})\b", re.IGNORECASE)

LINE_END = re.compile(r"<br>|</(?:p|h[234]|li|caption|figcaption|td|th)>")
ALT = re.compile(r'<img\b[^>]*? alt="([^"]+)"')


def _filter_attribute(tag: str, name: str, value: str) -> str | None:
    """Return the value of an attribute, or None to remove the attribute."""
    if name == "href":
        value = value.strip().replace(" ", "%20")
    if name in VALUE_PATTERNS and not re.fullmatch(VALUE_PATTERNS[name], value):
        return None
    return value


_ATTRIBUTES = {tag: set(names) for tag, names in ELEMENTS.items()}
# The first pass permits in addition all that the normalizer understands.
_parser = nh3.Cleaner(
    tags={*ELEMENTS, *REPLACEMENT_TAGS, *WRAPPERS},
    clean_content_tags=REMOVED_WITH_CONTENT,
    attributes=_ATTRIBUTES | {"a": {*ELEMENTS["a"], "name"}, "*": {"align", "class", "style"}},
    attribute_filter=_filter_attribute,
    link_rel=None,
    url_schemes=SCHEMES,
)
# The second pass enforces the allow-list on the normalizer's output.
_boundary = nh3.Cleaner(
    tags=set(ELEMENTS),
    clean_content_tags=REMOVED_WITH_CONTENT,
    attributes=_ATTRIBUTES,
    attribute_filter=_filter_attribute,
    allowed_classes=CLASSES,
    link_rel=None,
    url_schemes=SCHEMES,
)


class CleanHTML(str):
    """Sanitized HTML: the type tells a later save not to sanitize it again."""

    __slots__ = ()


def clean(html: str) -> CleanHTML:
    """Return rich text reduced to the allow-list, in normal form. Idempotent."""
    if isinstance(html, CleanHTML):
        return html
    encodable = html.encode(errors="ignore").decode()
    normalized = normalize(_parser.clean(encodable), CLASSES)
    return CleanHTML(_boundary.clean(normalized))


def check_size(html: str | None) -> None:
    """Raise ValidationError if sanitizing `html` would block a worker for minutes."""
    html = html or ""
    unclosed = len(START_TAG.findall(html)) - len(END_TAG.findall(html))
    references = html.count("&") + html.count("\xa0")
    if (
        len(html) > MAX_INPUT_LENGTH
        or unclosed > MAX_UNCLOSED_ELEMENTS
        or references > MAX_REFERENCES
    ):
        raise ValidationError(
            _("This text is too long or too deeply nested. Paste it in parts, or as plain text."),
            code="too_much",
        )


def trusted(html: str) -> SafeString:
    """Mark HTML as safe: only for sanitized text, and for what richtext.rendering makes of it."""
    return mark_safe(html)  # noqa: S308


def plain_text(html: str) -> str:
    """Return the text of sanitized HTML, one block a line."""
    lines = unescape(nh3.clean(LINE_END.sub("\n", html), tags=set())).splitlines()
    stripped = [line.strip() for line in lines]
    return "\n".join(line for line in stripped if line)


def image_alts(html: str) -> list[str]:
    """Return the alternative texts of the pictures in sanitized HTML."""
    return [unescape(alt) for alt in ALT.findall(html)]
