from django import template

from magazine import house as the_house

register = template.Library()


@register.simple_tag
def house() -> the_house.House:
    """The publisher, its magazines and its standing pages."""
    return the_house.house()
