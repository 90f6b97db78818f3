from django import template

from magazine.richtext import trusted

register = template.Library()
register.filter("richtext", trusted)
