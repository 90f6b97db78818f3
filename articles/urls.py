from django.urls import path, register_converter
from django.urls.converters import IntConverter

from articles import views


class KeyConverter(IntConverter):
    """A primary key in its one spelling, and none that a database cannot hold."""

    regex = "[1-9][0-9]{0,17}"


register_converter(KeyConverter, "key")

app_name = "articles"

urlpatterns = [
    path("", views.home, name="home"),
    path("articles/<key:pk>/", views.article, name="article"),
    path("articles/<key:pk>/qr.svg", views.qr_code, name="qr_code"),
    path("columns/<slug:slug>/", views.column, name="column"),
]
