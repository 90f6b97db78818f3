from django import template

from magazine import prose

register = template.Library()
register.filter("prose", prose.prose)
register.filter("richtext", prose.richtext)
