"""The editor, CKEditor 4. It is past its end of life and a convenience only: the sanitizer is
the security boundary.
"""

import re

from ckeditor.widgets import CKEditorWidget
from django import forms
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from richtext.sanitizer import CLASSES, ELEMENTS

# The editor. It is past its end of life and a convenience only: `clean` is the boundary.

# Attributes that the editor needs and that are never stored: the name of an anchor, and the
# widget of a picture that is being uploaded.
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
        "script style iframe frame object embed applet form input button select textarea; "
        "*[on*]; *[srcdoc]"
    ),
    # ajax and xml stay: pasting from Word needs them. image2, with captions, replaces image.
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
    "filebrowserUploadUrl": reverse_lazy("media:upload_picture"),
    "uploadUrl": reverse_lazy("media:upload_picture"),
    "clipboard_handleImages": False,  # uploadimage does
    "forcePasteAsPlainText": False,
    "entities": False,
    "disableNativeSpellChecker": False,
    "toolbarCanCollapse": False,
    "width": "100%",
    "height": 480,
    # Read by static/admin/richtext.js.
    "lostPictures": _(
        "Pictures from your computer or another site do not come along when pasting. "
        "Insert them one by one."
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
