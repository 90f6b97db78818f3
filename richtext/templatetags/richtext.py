from django import template

from richtext.rendering import render_article, render_fragment

register = template.Library()
register.filter("render_article", render_article)
register.filter("render_fragment", render_fragment)
