from django import template
from django.db.models.fields.files import FieldFile
from django.forms.utils import flatatt
from django.utils.html import format_html

from magazine.renditions import attributes_of

register = template.Library()


@register.simple_tag
def picture(file: FieldFile, *, sizes: str, first: bool = False, **attributes):
    """A stored picture in the width the reader needs: `sizes` says how wide it stands.

    `first` is in sight when the page opens; others wait until they are.
    """
    own = attributes_of(file.url, sizes, waits=not first) | ({"fetchpriority": "high"} if first else {})
    return format_html("<img{}>", flatatt(own | attributes))
