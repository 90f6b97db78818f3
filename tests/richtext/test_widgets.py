from django import forms

from richtext.sanitizer import CLASSES, ELEMENTS
from richtext.widgets import RichTextWidget


def test_widget_configures_the_editor_safely():
    rendered = RichTextWidget().get_context("body", '<p><a id="a1"></a>一</p>', {"id": "id_body"})[
        "widget"
    ]
    config = forms.JSONField().clean(rendered["config"])
    assert config["allowedContent"].keys() == ELEMENTS.keys()
    assert config["allowedContent"]["p"]["classes"] == sorted(CLASSES["p"])
    assert config["language"] == "zh-cn"
    assert config["uploadUrl"] == config["filebrowserUploadUrl"] == "/admin/upload/picture/"
    assert (config["customConfig"], config["fullPage"], config["versionCheck"]) == (
        "",
        False,
        False,
    )
    assert '<a id="a1" name="a1"></a>' in rendered["value"]


def test_widget_loads_its_script_after_the_editor():
    scripts = [
        str(script)
        for script in (forms.Media(js=["admin/js/core.js"]) + RichTextWidget().media)._js
    ]
    assert scripts.index("admin/richtext.js") > scripts.index("ckeditor/ckeditor/ckeditor.js")
