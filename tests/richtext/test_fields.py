import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Concat
from django.forms import modelform_factory

from magazine.models import Page
from richtext.fields import RichTextField, RichTextFormField
from richtext.sanitizer import MAX_LENGTH, CleanHTML
from richtext.widgets import RichTextWidget

DIRTY, CLEAN = "<p onclick=x>\u3000\u3000一</p><script>x</script>", "<p>一</p>"


def stored(page: Page) -> str:
    return Page.objects.values_list("body", flat=True).get(pk=page.pk)


@pytest.mark.django_db
class TestRichTextField:
    def test_save_sanitizes(self):
        page = Page.objects.create(title="t", slug="s", body=DIRTY)
        assert (page.body, stored(page)) == (CLEAN, CLEAN)

    def test_update_and_bulk_methods_sanitize(self):
        (page,) = Page.objects.bulk_create([Page(title="t", slug="s", body=DIRTY)])
        assert stored(page) == CLEAN
        Page.objects.update(body=DIRTY + "二")
        assert stored(page) == CLEAN + "\n<p>二</p>"
        page.body = DIRTY
        Page.objects.bulk_update([page], ["body"])
        assert stored(page) == CLEAN

    def test_lookups_and_expressions_are_not_sanitized(self):
        page = Page.objects.create(title="t", slug="s", body=DIRTY)
        assert Page.objects.get(body__contains="一") == page
        Page.objects.update(body=Concat("body", models.Value("<p>二</p>")))
        assert stored(page) == CLEAN + "<p>二</p>"

    def test_validation_applies_to_the_sanitized_text(self):
        page = Page(title="t", slug="s", body="<p>&nbsp;</p>")
        with pytest.raises(ValidationError) as caught:
            page.full_clean()
        assert caught.value.error_dict["body"][0].code == "blank"
        page.body = "字" * (MAX_LENGTH + 1)
        with pytest.raises(ValidationError) as caught:
            page.full_clean()
        assert caught.value.error_dict["body"][0].code == "max_length"

    def test_form_field_sanitizes_and_validates(self):
        form_class = modelform_factory(Page, fields=["body"])
        form = form_class({"body": DIRTY})
        assert form.is_valid()
        assert isinstance(form.cleaned_data["body"], CleanHTML)
        assert form.cleaned_data["body"] == CLEAN
        for body, code in [
            ("<p>&nbsp;</p>", "required"),
            ("<p><br></p>", "required"),
            ("字" * MAX_LENGTH, "max_length"),
        ]:
            assert form_class({"body": body}).errors.as_data()["body"][0].code == code

    def test_form_is_unchanged_if_only_white_space_differs(self):
        form = modelform_factory(Page, fields=["body"])(
            {"body": "<p>一</p>\r\n\r\n"}, instance=Page(body=CLEAN)
        )
        assert not form.has_changed()


def test_form_field_may_be_empty_if_optional():
    assert RichTextFormField(required=False).clean(None) == ""


def test_field_stores_null():
    field = RichTextField(null=True)
    assert field.get_db_prep_save(None, connection=None) is None


def test_field_is_a_text_field_in_migrations():
    _name, path, args, kwargs = RichTextField("body", blank=True).deconstruct()
    assert (path, args, kwargs) == (
        "django.db.models.TextField",
        [],
        {"verbose_name": "body", "blank": True},
    )


def test_field_keeps_its_widget_in_the_admin():
    field = RichTextField().formfield(widget=forms.Textarea)
    assert isinstance(field, RichTextFormField)
    assert isinstance(field.widget, RichTextWidget)
