from django import template
from django.db.models.fields.files import FieldFile
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString

from media.renditions import img_attributes

register = template.Library()


@register.simple_tag
def picture(file: FieldFile, *, sizes: str, first: bool = False, **extra_attributes) -> SafeString:
    """Render an <img> with renditions; `sizes` is the attribute of that name.

    The `first` picture is visible when the page opens; all others load lazily.
    """
    attributes = img_attributes(file.url, sizes, is_lazy=not first)
    if first:
        attributes["fetchpriority"] = "high"
    attributes.update(extra_attributes)
    return format_html("<img{}>", flatatt(attributes))
