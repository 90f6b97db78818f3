"""Sanitize rich text: the allow-list, and the one function that marks HTML as safe."""

import re
from html import unescape

import nh3
from django.core.exceptions import ValidationError
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from richtext.normalizer import normalize
from richtext.parsing import REPLACEMENT_TAGS, WRAPPERS

# The allow-list: elements with their attributes and classes, and a pattern for each attribute.
# There is no style attribute: public pages forbid inline styles.

ALIGNMENTS = {"align-left", "align-center", "align-right", "align-justify"}

ELEMENTS = {
    **dict.fromkeys(["p", "h2", "h3", "h4", "br", "hr", "blockquote", "figure", "figcaption"], ()),
    **dict.fromkeys(["strong", "em", "u", "s", "del", "sup", "sub"], ()),
    "a": ("href", "id", "title", "rel"),
    "img": ("src", "alt", "width", "height"),
    "ul": (),
    "ol": ("start", "type"),
    "li": ("id",),
    **dict.fromkeys(["table", "caption", "thead", "tbody", "tfoot", "tr"], ()),
    "th": ("scope", "colspan", "rowspan"),
    "td": ("colspan", "rowspan"),
}
CLASSES = {
    "p": ALIGNMENTS | {"indent", "no-indent"},
    **dict.fromkeys(["h2", "h3", "h4", "th", "td", "img"], ALIGNMENTS),
    "figure": ALIGNMENTS | {"image"},
    "ol": {"footnotes"},
}
MAX_LENGTH = 1_000_000
SCHEMES = {"http", "https", "mailto", "tel"}
VALUES = {
    "href": r"(?i:https?://|mailto:|tel:|(?!//)(?![^/?#]*:))[^\s\\\x00-\x1f\x7f]+",
    "src": r"/(?!/)[^\s\\\x00-\x1f\x7f]+",
    # The digit at the end keeps texts from taking an id of the page around them.
    "id": r"([A-Za-z]|_ftn|_edn)[A-Za-z0-9_-]{0,60}[0-9]",
    "name": r"_(ftn|edn)(ref)?[0-9]+",
    "rel": r"noopener noreferrer",
    **dict.fromkeys(["width", "height"], r"[1-9][0-9]{0,3}"),
    **dict.fromkeys(["colspan", "rowspan"], r"[2-9]|[1-9][0-9]{1,2}"),
    "scope": r"(row|col)(group)?",
    "start": r"-?[0-9]{1,5}",
    "type": r"[1aAiI]",
}
# Elements in which others may stand to any depth.
BLOCKS = "div|section|article|blockquote|ul|ol|li|table|tr|td|span|font"
# Elements that go with all they hold.
DROPPED = {
    "audio",
    "canvas",
    "embed",
    "iframe",
    "math",
    "noembed",
    "noframes",
    "noscript",
    "object",
}
DROPPED |= {
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


def _permitted(tag: str, name: str, value: str) -> str | None:
    if name == "href":
        value = value.strip().replace(" ", "%20")
    return value if name not in VALUES or re.fullmatch(VALUES[name], value) else None


_ATTRIBUTES = {tag: set(names) for tag, names in ELEMENTS.items()}
_parser = nh3.Cleaner(
    tags={*ELEMENTS, *REPLACEMENT_TAGS, *WRAPPERS},
    clean_content_tags=DROPPED,
    attributes=_ATTRIBUTES | {"a": {*ELEMENTS["a"], "name"}, "*": {"align", "class", "style"}},
    attribute_filter=_permitted,
    link_rel=None,
    url_schemes=SCHEMES,
)
_boundary = nh3.Cleaner(
    tags=set(ELEMENTS),
    clean_content_tags=DROPPED,
    attributes=_ATTRIBUTES,
    attribute_filter=_permitted,
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
    parsed = _parser.clean(html.encode(errors="ignore").decode())
    return CleanHTML(_boundary.clean(normalize(parsed, CLASSES)))


def check_size(html: str | None) -> None:
    """Raise ValidationError for a text too long or too nested to sanitize within a second."""
    html = html or ""
    opened, closed = (
        len(re.findall(rf"<{slash}(?:{BLOCKS})\b", html, re.IGNORECASE)) for slash in ["", "/"]
    )
    if (
        len(html) > 3 * MAX_LENGTH
        or opened - closed > 1000
        or html.count("&") + html.count("\xa0") > 100_000
    ):
        raise ValidationError(
            _("This text is too long or too entangled. Paste it in parts, or as plain text."),
            "too_much",
        )


def trusted(html: str) -> SafeString:
    """Mark HTML as safe: only for sanitized text, and for what richtext.rendering makes of it."""
    return mark_safe(html)  # noqa: S308


def plain_text(html: str) -> str:
    """Return the text of sanitized HTML, one block a line."""
    parted = re.sub(r"<br>|</(?:p|h[234]|li|caption|figcaption|td|th)>", "\n", html)
    lines = unescape(nh3.clean(parted, tags=set())).splitlines()
    return "\n".join(stripped for line in lines if (stripped := line.strip()))


def image_alts(html: str) -> list[str]:
    """Return the alternative texts of the pictures in sanitized HTML."""
    return [unescape(alt) for alt in re.findall(r'<img\b[^>]*? alt="([^"]+)"', html)]
