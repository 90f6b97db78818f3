"""The editor: CKEditor 4, configured to produce the elements of the allow-list.

CKEditor 4 gets no more updates. It is a convenience only: the sanitizer is the security boundary.
See docs/decisions/0022-rich-text-is-a-textfield-in-migrations.md for its replacement.
"""

import re
from typing import Any

from ckeditor.widgets import CKEditorWidget
from django import forms
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from richtext.sanitizer import ALIGNMENTS, CLASSES, ELEMENTS

# Attributes that the editor needs and that are never stored: the name of an anchor, and the
# widget of a picture that is being uploaded.
EDITOR_ATTRIBUTES = {"a": ["name"], "img": ["data-widget"]}

# Plugins of the package that are switched off. ajax and xml stay: pasting from Word needs them.
# image2, with captions, replaces image.
REMOVED_PLUGINS = [
    "about",
    "bidi",
    "colorbutton",
    "colordialog",
    "copyformatting",
    "dialogadvtab",
    "div",
    "exportpdf",
    "flash",
    "font",
    "forms",
    "iframe",
    "image",
    "language",
    "liststyle",
    "newpage",
    "pagebreak",
    "preview",
    "print",
    "save",
    "scayt",
    "smiley",
    "templates",
    "wsc",
]


def allowed_content() -> dict[str, dict[str, list[str]]]:
    """Return the allow-list in the form of the editor's content filter."""
    rules = {}
    for tag, attributes in ELEMENTS.items():
        classes = CLASSES.get(tag, set())
        rules[tag] = {
            "attributes": [*attributes, *EDITOR_ATTRIBUTES.get(tag, ())],
            "classes": sorted(classes),
            "styles": ["text-align", "text-indent"] if classes >= ALIGNMENTS else [],
        }
    return rules


CONFIG = {
    # The package's own config.js is not loaded, and its makers' servers are not contacted.
    "customConfig": "",
    "versionCheck": False,
    "language": "zh-cn",
    "fullPage": False,
    "allowedContent": allowed_content(),
    "disallowedContent": (
        "script style iframe frame object embed applet form input button select textarea; "
        "*[on*]; *[srcdoc]"
    ),
    "removePlugins": ",".join(REMOVED_PLUGINS),
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
    "filebrowserUploadUrl": reverse_lazy("media:upload_picture"),
    "uploadUrl": reverse_lazy("media:upload_picture"),
    "clipboard_handleImages": False,  # the plugin uploadimage handles them
    "forcePasteAsPlainText": False,
    "entities": False,
    "disableNativeSpellChecker": False,
    "toolbarCanCollapse": False,
    "width": "100%",
    "height": 480,
    # Used by static/admin/richtext.js.
    "lostPictures": _(
        "Pictures from your computer or another site do not come along when pasting. "
        "Insert them one by one."
    ),
}


class RichTextWidget(CKEditorWidget):  # type: ignore[misc]  # the package has no type information
    """Show the editor with this site's configuration."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs=attrs)
        self.config = dict(CONFIG)

    def format_value(self, value: Any) -> str:
        """Return the text for the editor, which recognizes anchors by their name."""
        text = super().format_value(value) or ""
        return re.sub(r'<a id="([^"]+)"></a>', r'<a id="\1" name="\1"></a>', text)

    @property
    def media(self) -> forms.Media:
        # One list of scripts, because Django may reorder scripts of different lists.
        editor = super().media
        return forms.Media(css=editor._css, js=[*editor._js, "admin/richtext.js"])
