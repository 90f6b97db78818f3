"""Rich text: what may be stored, how the rest is cleaned away, the editor, and the one place of trust."""

import re
from html import unescape

import nh3
from ckeditor.widgets import CKEditorWidget
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.functional import lazy
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from magazine.tidy import BREAKING, RENAMED, tidy

# The allow-list: elements with their attributes and classes, and what an attribute's value must look like.
# There is no style attribute: readers' pages forbid inline styles.

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
DROPPED = {"audio", "canvas", "embed", "iframe", "math", "noembed", "noframes", "noscript", "object"}
DROPPED |= {"script", "select", "style", "svg", "template", "textarea", "title", "video", "xml", "xmp"}


def _permitted(tag: str, name: str, value: str) -> str | None:
    if name == "href":
        value = value.strip().replace(" ", "%20")
    return value if name not in VALUES or re.fullmatch(VALUES[name], value) else None


_ATTRIBUTES = {tag: set(names) for tag, names in ELEMENTS.items()}
_parser = nh3.Cleaner(
    tags={*ELEMENTS, *RENAMED, *BREAKING},
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
    """Text that `clean` has answered. It says so, that saving it need not clean it again."""

    __slots__ = ()


def clean(html: str) -> CleanHTML:
    """The text reduced to the allow-list, in the one form we store: cleaning it again changes nothing."""
    if isinstance(html, CleanHTML):
        return html
    parsed = _parser.clean(html.encode(errors="ignore").decode())
    return CleanHTML(_boundary.clean(tidy(parsed, CLASSES)))


def refuse_what_takes_minutes(html: str | None) -> None:
    """Raises ValidationError for a text so long, or so deep, that cleaning it would keep others waiting."""
    html = html or ""
    opened, closed = (len(re.findall(rf"<{slash}(?:{BLOCKS})\b", html, re.IGNORECASE)) for slash in ["", "/"])
    if len(html) > 3 * MAX_LENGTH or opened - closed > 1000 or html.count("&") + html.count("\xa0") > 100_000:
        raise ValidationError(
            _("This text is too long or too entangled. Paste it in parts, or as plain text."), "too_much"
        )


def trusted(html: str) -> SafeString:
    """For a page: rich text that RichTextField cleaned, or what prose.py makes of it, escaping what it puts in."""
    return mark_safe(html)  # noqa: S308


def plain_text(html: str) -> str:
    """What rich text from the database says, a block a line."""
    parted = re.sub(r"<br>|</(?:p|h[234]|li|caption|figcaption|td|th)>", "\n", html)
    lines = unescape(nh3.clean(parted, tags=set())).splitlines()
    return "\n".join(stripped for line in lines if (stripped := line.strip()))


def pictured(html: str) -> list[str]:
    """What the pictures in rich text from the database show, in the words for who does not see them."""
    return [unescape(alt) for alt in re.findall(r'<img\b[^>]*? alt="([^"]+)"', html)]


# The editor. It is past its end of life and a convenience only: `clean` is the boundary.

# Never stored: the editor knows an anchor by its name, and a picture that is being uploaded by its widget.
EDITOR_ATTRIBUTES = {"a": ["name"], "img": ["data-widget"]}

CONFIG = {
    # Nothing is read from the package's own config.js, and nothing is asked of its makers' servers.
    "customConfig": "",
    "versionCheck": False,
    "language": "zh-cn",
    "fullPage": False,
    "allowedContent": {
        tag: {
            "attributes": [*names, *EDITOR_ATTRIBUTES.get(tag, ())],
            "classes": sorted(CLASSES.get(tag, ())),
            "styles": ["text-align", "text-indent"] if "align-left" in CLASSES.get(tag, ()) else [],
        }
        for tag, names in ELEMENTS.items()
    },
    "disallowedContent": (
        "script style iframe frame object embed applet form input button select textarea; *[on*]; *[srcdoc]"
    ),
    # Not ajax and xml: pasting from Word needs them. image2, with captions, takes the place of image.
    "removePlugins": (
        "about,bidi,colorbutton,colordialog,copyformatting,dialogadvtab,div,exportpdf,flash,font,forms,iframe,image,"
        "language,liststyle,newpage,pagebreak,preview,print,save,scayt,smiley,templates,wsc"
    ),
    "extraPlugins": "image2,uploadimage",
    "toolbar": [
        ["Undo", "Redo", "-", "Find", "PasteText", "PasteFromWord", "RemoveFormat"],
        ["Format", "Styles", "Bold", "Italic", "Underline", "Strike", "Subscript", "Superscript"],
        ["JustifyLeft", "JustifyCenter", "JustifyRight", "JustifyBlock"],
        ["NumberedList", "BulletedList", "Outdent", "Indent", "Blockquote"],
        ["Link", "Unlink", "Anchor", "Image", "Table", "HorizontalRule", "SpecialChar"],
        ["Source", "Maximize"],
    ],
    "format_tags": "p;h2;h3;h4",
    "stylesSet": [
        {"name": _("No indent"), "element": "p", "attributes": {"class": "no-indent"}},
        {"name": _("Indent"), "element": "p", "attributes": {"class": "indent"}},
        {"name": _("Footnotes"), "element": "ol", "attributes": {"class": "footnotes"}},
    ],
    "justifyClasses": ["align-left", "align-center", "align-right", "align-justify"],
    "image2_alignClasses": ["align-left", "align-center", "align-right"],
    "image2_captionedClass": "image",
    "contentsCss": lazy(static, str)("editor.css"),
    "filebrowserUploadUrl": reverse_lazy("magazine:upload_picture"),
    "uploadUrl": reverse_lazy("magazine:upload_picture"),
    "clipboard_handleImages": False,  # uploadimage does
    "forcePasteAsPlainText": False,
    "entities": False,
    "disableNativeSpellChecker": False,
    "toolbarCanCollapse": False,
    "width": "100%",
    "height": 480,
    # Read by static/admin/richtext.js.
    "lostPictures": _(
        "Pictures from your computer or another site do not come along when pasting. Insert them one by one."
    ),
}


class RichTextWidget(CKEditorWidget):
    def __init__(self, attrs=None):
        super().__init__(attrs=attrs)
        self.config = dict(CONFIG)

    def format_value(self, value):
        text = super().format_value(value) or ""
        return re.sub(r'<a id="([^"]+)"></a>', r'<a id="\1" name="\1"></a>', text)

    @property
    def media(self):
        # One list, or Django would be free to put our script before the editor's.
        editor = super().media
        return forms.Media(css=editor._css, js=[*editor._js, "admin/richtext.js"])


class RichTextFormField(forms.CharField):
    """Cleans before it validates, so that the editor is told about the text that would be stored."""

    widget = RichTextWidget

    def to_python(self, value):
        if isinstance(value, CleanHTML):
            return value
        refuse_what_takes_minutes(value)
        return clean(super().to_python(value))


class RichTextField(models.TextField):
    """A TextField that holds what `clean` answers, whatever wrote it; migrations see a plain TextField.

    Only expressions that the database computes, and migrations' historical models, get past it.
    """

    def __init__(self, *args, max_length=MAX_LENGTH, **kwargs):
        super().__init__(*args, max_length=max_length, **kwargs)
        self.validators.append(MaxLengthValidator(max_length))

    def deconstruct(self):
        name, _path, args, kwargs = super().deconstruct()
        del kwargs["max_length"]
        return name, "django.db.models.TextField", args, kwargs

    def formfield(self, **kwargs):
        # The admin asks for its own textarea wherever there is a TextField.
        return super().formfield(**kwargs | {"form_class": RichTextFormField, "widget": RichTextWidget})

    def clean(self, value, model_instance):
        return super().clean(_cleaned(value), model_instance)

    def pre_save(self, model_instance, add):
        value = _cleaned(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, value)
        return value

    def get_db_prep_save(self, value, connection):
        # QuerySet.update and bulk_create come only here. Drivers take nothing but true strings.
        value = _cleaned(value)
        return super().get_db_prep_save(str(value) if isinstance(value, CleanHTML) else value, connection)


def _cleaned(value):
    return clean(value) if isinstance(value, str) else value
